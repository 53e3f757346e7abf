"""Is the service up, and which version of it: asked as its users would."""

from __future__ import annotations

import threading
import urllib.request
from types import TracebackType

from tests.demo.machines import Machine

PORT = 8080


def answer(machine: Machine) -> str:
    """The body, or the name of what went wrong."""
    try:
        with urllib.request.urlopen(f"http://{machine.address}:{PORT}/", timeout=2) as response:
            text: bytes = response.read()
            return text.decode().strip()
    except OSError as error:
        return type(error).__name__


class Watcher:
    """Context manager: asks all machines five times a second, and keeps every answer."""

    def __init__(self, machines: list[Machine]) -> None:
        self.answers: list[str] = []
        self._machines = machines
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.answers += [answer(machine) for machine in self._machines]
