"""Keeps a set of child processes running under one parent, and ends them all together."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

logger = logging.getLogger(__name__)

# Seconds from the wish to end to the use of force. A worker that follows a step isn't waited for:
# the host goes on with it, and the next worker takes over.
GRACE: Final = 8.0
RESTART_AFTER: Final = 1.0  # seconds; twice as long after each early death, up to the limit
RESTART_LIMIT: Final = 30.0
STABLE_AFTER: Final = 60.0
_PR_SET_PDEATHSIG: Final = 1


def end_with_parent() -> None:
    """In a child: has the kernel kill it when its parent dies, even by kill -9 (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


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
            preexec_fn=end_with_parent,
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
            self._end_group(self.process)
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
        self._end_group(self.process)

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        """What a dead child started itself, a worker's pool, would go on with nobody to end it."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


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
