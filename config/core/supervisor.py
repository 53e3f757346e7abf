"""Keeps a set of child processes running under one parent, and ends them all together."""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

logger = logging.getLogger(__name__)

GRACE: Final = 20.0  # seconds from the wish to end to the use of force
RESTART_AFTER: Final = 1.0  # seconds; twice as long after each early death, up to the limit
RESTART_LIMIT: Final = 30.0
STABLE_AFTER: Final = 60.0
_PR_SET_PDEATHSIG: Final = 1


def _end_with_parent() -> None:
    """In the child: ask the kernel for SIGTERM when the parent dies, even by kill -9."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = RESTART_AFTER
    due: float = field(default=0.0)

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the parent alone, which then ends the others.
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.started = time.monotonic()

    def watch(self) -> None:
        """Starts it again when it has died, the later the sooner it died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif self.process.poll() is not None:
            code = self.process.returncode
            logger.warning(
                "child ended, starting it again", extra={"child": self.name, "code": code}
            )
            stable = now - self.started > STABLE_AFTER
            self.delay = RESTART_AFTER if stable else min(self.delay * 2, RESTART_LIMIT)
            self.process, self.due = None, now + self.delay

    def end(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def supervise(children: Sequence[Child]) -> None:
    """Runs the children until SIGTERM or Ctrl-C, then ends every one of them."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    for child in children:
        child.start()
    while not stop.wait(0.5):
        for child in children:
            child.watch()
    for child in children:
        if child.process:
            child.process.terminate()
    deadline = time.monotonic() + GRACE
    for child in children:
        child.end(deadline)
