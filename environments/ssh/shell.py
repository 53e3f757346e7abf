"""A POSIX shell kept open on a host, for one program after the other.

A command of its own costs a host more than most programs do: sshd forks and starts the user's
login shell, that ours, and with sudo there are three more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from environments.ssh.exchange import Exchange


class Shell:
    """For one thread at a time. Raises Broken when the connection is gone."""

    def __init__(self, exchange: Exchange, prelude: Iterable[bytes]) -> None:
        """`exchange`: `sh -s`. `prelude`: what its stdin begins with."""
        self._exchange = exchange
        self._prelude = list(prelude)

    @property
    def is_at_rest(self) -> bool:
        """Alive, and all that it said was read."""
        return self._exchange.is_silent

    def run(self, program: bytes, *, idle_timeout: float) -> Iterator[bytes]:
        """Sends a program, and yields what the shell says from then on: where that ends is for the
        program to say. Ends when the shell does; Broken after `idle_timeout` seconds of silence."""
        stdin, self._prelude = [*self._prelude, program], []
        for out, _ in self._exchange.feed(stdin, timeout=idle_timeout, to_the_end=False):
            if out:
                yield out
        while arrived := self._exchange.read(time.monotonic() + idle_timeout):
            if arrived[0]:
                yield arrived[0]

    def close(self) -> None:
        """Ends the shell, and what it runs in the foreground as soon as that says something."""
        self._exchange.close()
