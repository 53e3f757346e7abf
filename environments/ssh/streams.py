"""Streams of bytes to a host, which say when the other end has gone silent."""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol

from environments.ssh.address import Address

_DEAD_AFTER_MS: Final = 30_000


class Stream(Protocol):
    """What paramiko needs of a socket. A channel of another connection is one, too."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, data: bytes, /) -> int: ...
    def settimeout(self, seconds: float, /) -> None: ...
    def close(self) -> None: ...


# Opens a stream to an address within so many seconds. Raises SSHUnreachable or OSError.
Dial = Callable[[Address, float], Stream]


def tcp(address: Address, timeout: float) -> Stream:
    """Straight over the network."""
    connection = socket.create_connection((address.host, address.port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A dead machine acknowledges nothing: the kernel notices that by itself.
    with contextlib.suppress(AttributeError):  # Linux only
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
    return connection


class WatchedStream:
    """Breaks when the other end was asked for a sign of life, and gave none for `patience` seconds.

    A stopped server's kernel still acknowledges what it is sent, and behind a bastion there is no
    kernel of ours to notice anything: only an answer shows that somebody is there.
    """

    def __init__(self, stream: Stream, *, patience: float) -> None:
        self._stream = stream
        self._patience = patience
        self._asked_at: float | None = None
        self._closed = False  # paramiko looks at it, as at a socket's

    def expect_answer(self) -> None:
        """Whatever arrives from now on is the sign of life."""
        self._asked_at = self._asked_at or time.monotonic()

    def recv(self, size: int) -> bytes:
        try:
            data = self._stream.recv(size)
        except TimeoutError:
            self._check()
            raise
        self._asked_at = None
        return data

    def send(self, data: bytes) -> int:
        try:
            return self._stream.send(data)
        except TimeoutError:
            self._check()
            raise

    def settimeout(self, seconds: float) -> None:
        self._stream.settimeout(seconds)

    def close(self) -> None:
        self._closed = True
        self._stream.close()

    def _check(self) -> None:
        if self._asked_at and time.monotonic() - self._asked_at > self._patience:
            text = f"no sign of life for {self._patience:g} s"
            # Two arguments, as paramiko's log of it expects; not ETIMEDOUT, which it would retry.
            raise ConnectionAbortedError(errno.ECONNABORTED, text)
