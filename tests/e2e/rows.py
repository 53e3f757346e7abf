"""What a run's rows say, read past the API: who holds it, and how its steps are, this instant."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

LIVE = ("queued", "running")
_TASK = "SELECT status, fence, lease_holder FROM environment_install_tasks WHERE id = %d"
_STEPS = (
    "SELECT phase, status, log_bytes FROM environment_install_steps WHERE run_id = %d"
    ' ORDER BY "index"'
)


@dataclass(frozen=True)
class Step:
    phase: str
    status: str
    log_bytes: int


@dataclass(frozen=True)
class Run:
    """`holder`: the pid of who works on it, on this machine; 0 of nobody."""

    status: str
    fence: int
    holder: int
    steps: tuple[Step, ...]

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def statuses(self) -> tuple[str, ...]:
        return tuple(step.status for step in self.steps)

    @property
    def phase(self) -> str:
        """That of the first step that is not over, else of the last."""
        left = [step.phase for step in self.steps if step.status in ("pending", "running")]
        return left[0] if left else self.steps[-1].phase


class Rows:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, task: int) -> Run:
        [(status, fence, holder)] = self._connection.execute(_TASK % task).fetchall()
        steps = self._connection.execute(_STEPS % task).fetchall()
        pid = int(holder.rpartition(":")[2] or 0)
        return Run(status, fence, pid, tuple(Step(*step) for step in steps))


@contextmanager
def opened(data_dir: Path) -> Iterator[Rows]:
    """The database of the server that runs on `data_dir`, or of this test run."""
    connection: Any
    if url := os.environ.get("SLIPWAY_DATABASE_URL"):
        connection = psycopg.connect(url, autocommit=True)
    else:
        file = data_dir / "slipway.sqlite3"
        connection = sqlite3.connect(
            f"file:{file}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
    try:
        yield Rows(connection)
    finally:
        connection.close()
