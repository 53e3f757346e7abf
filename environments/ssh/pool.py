"""Connections kept between commands, one per login."""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType
from typing import Self

from config.core.errors import SSHError
from environments.ssh.connection import Connection, Login, on_the_way


class _Slot:
    """One login's connection; its lock lets others connect to other hosts meanwhile.

    `failure`, and when: who waited for an attempt shares its end, or those behind a dead bastion
    would wait for one timeout each, one after the other.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection: Connection | None = None
        self.failure: SSHError | None = None
        self.failed_at = 0.0


class ConnectionPool:
    """Hands out one live connection per login, opening or reopening it as needed. Thread-safe.

    Those behind one bastion share the connection to it.

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
        slot, asked_at = self._slot(login), time.monotonic()
        with slot.lock:
            if slot.connection is not None and slot.connection.alive:
                return slot.connection
            if slot.failure and slot.failed_at >= asked_at:
                raise type(slot.failure)(slot.failure.message, **slot.failure.data)
            if slot.connection is not None:
                slot.connection.close()
            slot.connection = slot.failure = None
            try:
                slot.connection = self._open(login)
            except SSHError as error:
                slot.failure = type(error)(error.message, **error.data)
                slot.failed_at = time.monotonic()
                raise
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

    def _open(self, login: Login) -> Connection:
        through = None
        if login.via:
            with on_the_way(login.address):
                through = self.get(login.via)
        return Connection.open(login, timeout=self._timeout, through=through)

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
