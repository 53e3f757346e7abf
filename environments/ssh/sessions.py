"""Channels for commands, on as many connections to one host as they need."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import paramiko

from environments.ssh.transport import Transport

_AT_MOST: Final = 10  # connections


class Sessions:
    """One connection at first; another where the host lets no more commands run on those there are
    (sshd's MaxSessions). Thread-safe."""

    def __init__(self, connect: Callable[[], Transport]) -> None:
        """Raises what `connect` does."""
        self._connect = connect
        self._lock = threading.Lock()
        self._more: list[Transport] = []
        self._is_closed = False
        self.main = connect()

    @property
    def alive(self) -> bool:
        return self.main.is_authenticated()

    def open(self) -> paramiko.Channel:
        """A channel for one command. Raises what `connect` does, and paramiko's errors: a
        ChannelException when the host allows no more, whatever is tried."""
        try:
            return self.main.open_session()
        except paramiko.ChannelException:
            with self._lock:
                return self._on_another()

    def close(self) -> None:
        self._is_closed = True
        for transport in (*self._more, self.main):
            transport.close()

    def _on_another(self) -> paramiko.Channel:
        self._more = [transport for transport in self._more if transport.is_active()]
        for transport in self._more:
            try:
                return transport.open_session()
            except paramiko.ChannelException:
                continue
        if self._is_closed or len(self._more) >= _AT_MOST - 1:
            raise paramiko.ChannelException(4, "it allows no more sessions")
        transport = self._connect()
        try:
            channel = transport.open_session()
        except BaseException:
            transport.close()
            raise
        self._more = [*self._more, transport]
        return channel
