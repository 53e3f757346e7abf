"""Connections kept between commands, one per login."""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Self

from environments.ssh.connection import Connection, Login


class _Slot:
    """One login's connection; its lock lets others connect to other hosts meanwhile."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection: Connection | None = None


class ConnectionPool:
    """Hands out one live connection per login, opening or reopening it as needed. Thread-safe.

    After a fork the child starts empty and leaves the parent's connections alone.
    """

    def __init__(self, *, timeout: float = 10) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._slots: dict[Login, _Slot] = {}
        self._owner = os.getpid()
        self._inherited: list[dict[Login, _Slot]] = []

    def get(self, login: Login) -> Connection:
        """A live connection, shared with whoever else asks. Raises what `Connection.open` does."""
        slot = self._slot(login)
        with slot.lock:
            if slot.connection is None or not slot.connection.alive:
                if slot.connection is not None:
                    slot.connection.close()
                slot.connection = None
                slot.connection = Connection.open(login, timeout=self._timeout)
            return slot.connection

    def close(self) -> None:
        """Closes them all; the pool can be used again."""
        self._leave_parents_alone()
        with self._lock:
            slots, self._slots = self._slots, {}
        for slot in slots.values():
            with slot.lock:
                if slot.connection is not None:
                    slot.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _slot(self, login: Login) -> _Slot:
        self._leave_parents_alone()
        with self._lock:
            return self._slots.setdefault(login, _Slot())

    def _leave_parents_alone(self) -> None:
        if self._owner == os.getpid():
            return
        # Kept, not dropped: a collected channel says goodbye on the parent's socket. And the lock
        # may have been held by a thread that exists only in the parent.
        self._inherited.append(self._slots)
        self._slots = {}
        self._lock = threading.Lock()
        self._owner = os.getpid()
