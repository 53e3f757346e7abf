"""A network that can be cut: forwards TCP connections to a port of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class Wire:
    """Forwards from `port` to the given port. `cut` breaks what is open; new connections work."""

    def __init__(self, to_port: int) -> None:
        self._to = ("127.0.0.1", to_port)
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._budget: int | None = None
        self._is_held = False
        self._turned_away = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut_after(self, size: int) -> None:
        """Cuts when about `size` more bytes went through, in both directions together."""
        self._budget = size

    def hold(self) -> None:
        """From now on nothing goes through any more, and nobody is told."""
        self._is_held = True

    def turn_away(self, count: int, *, words: bytes = b"") -> None:
        """The next `count` connections are closed at once, with `words`."""
        self._turned_away, self._words = count, words

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                if self._is_held:
                    self._ends.append(near)
                    continue
                if self._turned_away:
                    self._turned_away -= 1
                    near.sendall(self._words)
                    near.close()
                    continue
                far = socket.create_connection(self._to)
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._is_held:
                    continue
                target.sendall(data)
                if self._budget is not None:
                    self._budget -= len(data)
                    if self._budget <= 0:
                        self._budget = None
                        self.cut()
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
