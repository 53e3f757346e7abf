"""kill -9 of whoever works on a run, again and again: at its steps' boundaries, and between."""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from tests.demo.api import until
from tests.e2e import processes, rows
from tests.e2e.fleet import Fleet
from tests.e2e.rows import Rows, Run

KINDS = ("pool child", "worker", "whole group")
BOUNDARY, MIDST = "at a boundary", "in the midst"
LONGEST = 45.0  # seconds until somebody else has the run: the promise
_LOOK_EVERY = 0.01


@dataclass(frozen=True)
class Kill:
    """`seconds`: until somebody else had the run."""

    kind: str
    moment: str
    phase: str
    seconds: float


@dataclass(frozen=True)
class Storm:
    """Kills of the fleet's workers, at moments that `chance` chooses."""

    fleet: Fleet
    rows: Rows
    chance: random.Random
    workers: int = 2

    def over(self, task: int, most: int, kinds: Sequence[str] = KINDS) -> Iterator[Kill]:
        """At most so many kills of whoever has the task, until it is over."""
        for number in range(most):
            self.fleet.reinforce(self.workers)
            moment = self.chance.choice((BOUNDARY, MIDST))
            if not self._wait_for(moment, task):
                return
            kind = kinds[number % len(kinds)]
            killed = self._kill(kind, moment, task)
            if killed:
                yield killed

    def _wait_for(self, moment: str, task: int) -> bool:
        """Until it has come; False when the task ended before."""
        before = self.rows.run(task)

        def come(run: Run) -> bool:
            if moment == BOUNDARY:
                return run.statuses != before.statuses
            return "running" in run.statuses

        found = self._until(task, lambda run: come(run) or not run.live, seconds=LONGEST * 2)
        pause = self.chance.choice((0.0, 0.02)) if moment == BOUNDARY else 1.5
        time.sleep(self.chance.uniform(0, pause))
        return found.live

    def _kill(self, kind: str, moment: str, task: int) -> Kill | None:
        """None when nobody had the task at that moment, or its end was sooner than its worker's."""
        with self.fleet.lock:
            holder = self.rows.run(task).holder
            worker = self.fleet.worker_of(holder)
            if worker is None:
                return None
            _end(kind, holder, worker)
            processes.gone([holder], seconds=5)
            killed, hit = time.monotonic(), self.rows.run(task)
        if not hit.live or hit.holder != holder:
            return None
        self.fleet.reinforce(self.workers)
        self._until(task, lambda run: run.fence > hit.fence, seconds=LONGEST)
        return Kill(kind, moment, hit.phase, time.monotonic() - killed)

    def _until(self, task: int, done: Callable[[Run], bool], *, seconds: float) -> Run:
        found: Run = until(partial(self.rows.run, task), done, seconds=seconds, every=_LOOK_EVERY)
        return found


@dataclass(frozen=True)
class Storms:
    fleet: Fleet
    chance: random.Random

    @contextmanager
    def opened(self, count: int) -> Iterator[list[Storm]]:
        """Storms that are for a thread each."""
        with ExitStack() as stack:
            storms = []
            for _ in range(count):
                found = stack.enter_context(rows.opened(self.fleet.data_dir))
                chance = random.Random(self.chance.random())  # noqa: S311 - moments
                storms.append(Storm(self.fleet, found, chance))
            yield storms


def _end(kind: str, holder: int, worker: int) -> None:
    with suppress(ProcessLookupError):  # another storm was faster
        if kind == "whole group":
            os.killpg(worker, signal.SIGKILL)
        else:
            processes.kill(holder if kind == "pool child" else worker)


def figures(kills: Sequence[Kill], title: str) -> str:
    """How many of which kind, in which phase, and how long until somebody else had the run."""
    lines = [f"{title}: {len(kills)} kills"]
    for kind in KINDS:
        of_kind = [kill for kill in kills if kill.kind == kind]
        phases = Counter(f"{kill.phase} {kill.moment}" for kill in of_kind)
        told = ", ".join(f"{phase} {count}" for phase, count in sorted(phases.items()))
        lines.append(f"  {kind}: {len(of_kind)} ({told})")
    seconds = [kill.seconds for kill in kills]
    if seconds:
        middle = statistics.median(seconds)
        lines.append(f"  taken over after {middle:.1f} s (median), {max(seconds):.1f} s at most")
    return "\n".join(lines) + "\n"
