"""One command on one channel, fed and listened to by the calling thread alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import paramiko

_CHUNK: Final = 256 * 1024
_PAUSE: Final = 0.5  # seconds; an exit status rings no bell, so it is looked for this often


class _Bell(threading.Event):
    """Rung by paramiko when something arrives on either of a channel's two streams.

    paramiko clears it when one stream is empty, though the other may not be. So only the listener
    clears it, before it looks.
    """

    def clear(self) -> None:
        pass

    def reset(self) -> None:
        super().clear()


class Broken(Exception):
    """The connection died, or time was over, before the command's end was known."""


class Exchange:
    """A started command. Every method raises Broken when the connection is gone."""

    def __init__(self, channel: paramiko.Channel, command: str) -> None:
        self._channel = channel
        self._bell = _Bell()
        # Both streams share one window: unless both are read, a full one stops the other.
        channel.in_buffer.set_event(self._bell)
        channel.in_stderr_buffer.set_event(self._bell)
        try:
            with _paramiko_errors():
                channel.exec_command(command)
        except Broken:
            self.close()
            raise
        channel.settimeout(_PAUSE)

    @property
    def is_silent(self) -> bool:
        """It runs, and there is nothing to read."""
        channel = self._channel
        over = channel.eof_received or channel.closed or channel.exit_status_ready()
        return not (over or channel.recv_ready() or channel.recv_stderr_ready())

    def close(self) -> None:
        with suppress(OSError, EOFError):  # it says goodbye, and the connection may be gone
            self._channel.close()

    def feed(
        self, stdin: Iterable[bytes], *, timeout: float, to_the_end: bool = True
    ) -> Iterator[tuple[bytes, bytes]]:
        """Sends all of stdin, then its end, unless more will come; yields what arrives meanwhile,
        as `read` returns it.

        A command that ends without taking everything ends this too. Broken after `timeout` seconds
        in which the host took nothing.
        """
        for chunk in stdin:
            sent, last = 0, time.monotonic()
            while sent < len(chunk):
                if any(arrived := self._take()):
                    yield arrived
                if self._channel.exit_status_ready():  # also when the connection is gone
                    return
                if taken := self._send(chunk[sent : sent + _CHUNK]):
                    sent, last = sent + taken, time.monotonic()
                elif time.monotonic() - last > timeout:
                    raise Broken("the host takes no more input")
        if to_the_end:
            with _paramiko_errors():
                self._channel.shutdown_write()

    def read(self, deadline: float) -> tuple[bytes, bytes] | None:
        """What has arrived, as (stdout, stderr), waiting for it; None at the end of both.

        The end is also a command that has exited, and half a second of silence: a process that it
        left in the background may hold the streams open for ever. Broken at `deadline`.
        """
        while True:
            over = self._channel.eof_received or self._channel.closed
            if any(arrived := self._take()):
                return arrived
            if over:
                if not self._channel.eof_received:
                    raise Broken("the connection broke")
                return None
            exited = self._channel.exit_status_ready()
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise Broken("a command took too long")
            rung = self._bell.wait(_PAUSE if exited else min(_PAUSE, remaining))
            self._bell.reset()
            if exited and not rung:
                return None

    def exit_code(self, deadline: float) -> int:
        """After `read` said None. -1 if the host does not say; Broken at `deadline`."""
        if not self._channel.status_event.wait(max(0.0, deadline - time.monotonic())):
            raise Broken("a command took too long")
        return self._channel.exit_status

    def _send(self, data: bytes) -> int:
        """How many bytes the host had room for, within a short wait."""
        with _paramiko_errors():
            try:
                return self._channel.send(data)
            except OSError:  # no room yet, or closed, which `feed` sees by the exit status
                return 0

    def _take(self) -> tuple[bytes, bytes]:
        channel = self._channel
        return (
            channel.recv(_CHUNK) if channel.recv_ready() else b"",
            channel.recv_stderr(_CHUNK) if channel.recv_stderr_ready() else b"",
        )


@contextmanager
def _paramiko_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise Broken(str(error) or "the connection broke") from error
