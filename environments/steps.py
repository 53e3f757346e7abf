"""Runs one step on one host to its end, across dropped connections and dead workers.

The host runs the step by itself (environments.ssh.runner). What happens here can stop at any line
and be done again by another worker: starting finds the job claimed, the log goes on at the byte
where it stopped, and every write carries the lease's fence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.core import logs
from config.core.errors import SSHError, SSHUnreachable
from config.core.leases import Lease, LeaseLost
from config.core.logs import Chunk
from config.core.secrets import Redactor, Secret
from config.core.threads import Scribe
from environments.models import HostStep, StepStatus
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.runner import Job, JobAbsent, JobLost, Outcome, RemoteRunner

logger = logging.getLogger(__name__)

R = TypeVar("R")
NOW: Final = object()  # when an entry is written

RUNS = f"{settings.REMOTE_DIR}/runs"
_NOTHING_MORE = 1 << 62  # an offset that no output reaches


@dataclass(frozen=True)
class Script:
    """What a step runs: a POSIX sh script, its environment, files beside it, its timeout in s."""

    text: bytes
    env: Mapping[str, str | Secret]
    timeout: int
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """What is written of a step at once. `is_told`: with its event."""

    step: HostStep
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: bytes = b""
    is_told: bool = False


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """Keeps the steps of one run, wherever they are done: their status, and what they say."""

    lease: Lease
    log_model: type[Chunk]
    redactor: Redactor
    # Called in the transaction that changes the steps' status: no change without its event.
    tell: Callable[[Sequence[HostStep]], None] = lambda _steps: None
    # Who asks and writes the database; without one, the calling thread.
    scribe: Scribe | None = None

    def begin(self, step: HostStep) -> None:
        if step.status == StepStatus.PENDING:
            self._put(Entry(step, {"status": StepStatus.RUNNING, "started_at": NOW}, is_told=True))

    def finish(
        self,
        step: HostStep,
        status: str,
        *,
        reason_code: str = "",
        said: bytes = b"",
        **changes: Any,
    ) -> str:
        """Ends the step; `said`: the end of its log."""
        changes |= {"status": status, "reason_code": reason_code, "finished_at": NOW}
        self._put(Entry(step, changes, said, is_told=True))
        return status

    def fail(self, step: HostStep, text: str, reason_code: str) -> str:
        """Ends the step as failed, with a line in its log that says why."""
        said = self._line(text)
        return self.finish(step, StepStatus.FAILED, reason_code=reason_code, said=said)

    def write(self, step: HostStep, **changes: Any) -> None:
        self._put(Entry(step, changes))

    def say(self, step: HostStep, text: str) -> None:
        """Adds a line of Slipway's own to the step's log."""
        self.store(step, self._line(text))

    def store(self, step: HostStep, data: bytes) -> None:
        if data:
            self._put(Entry(step, data=data))

    def ask(self, work: Callable[[], R]) -> R:
        """The result of `work`, done where the database is asked and written."""
        return self.scribe.do(work) if self.scribe else work()

    def _line(self, text: str) -> bytes:
        return self.redactor.take(text.encode() + b"\n", final=True)[0]

    def _put(self, entry: Entry) -> None:
        if self.scribe:
            self.scribe.put(self._write, entry)
        else:
            self._write([entry])

    def _write(self, entries: Sequence[Entry]) -> None:
        """All of it, or LeaseLost when another worker has the run now."""
        before = [dict(vars(entry.step)) for entry in entries]
        try:
            with transaction.atomic():
                self._hold_the_run()
                self._change(entries)
                said = [(entry.step, entry.data) for entry in entries if entry.data]
                if said and not logs.append(self.log_model, said):
                    raise LeaseLost(str(self.lease))
                if told := [entry.step for entry in entries if entry.is_told]:
                    self.tell(told)
        except BaseException:
            for entry, values in zip(entries, before, strict=True):
                vars(entry.step).update(values)
            raise

    def _change(self, entries: Sequence[Entry]) -> None:
        now = timezone.now()
        alike: dict[tuple[tuple[str, Any], ...], list[HostStep]] = {}
        for entry in entries:
            if entry.changes:
                alike.setdefault(tuple(sorted(entry.changes.items())), []).append(entry.step)
        for changes, steps in alike.items():
            values = {name: now if value is NOW else value for name, value in changes}
            rows = type(steps[0])._default_manager.filter(pk__in=[step.pk for step in steps])
            rows.update(**values)
            for step in steps:
                vars(step).update(values)

    def _hold_the_run(self) -> None:
        """Nobody takes it over before this transaction ends."""
        runs = self.lease.model._default_manager.select_for_update(no_key=True)
        if not runs.filter(pk=self.lease.pk, fence=self.lease.fence).values_list("pk").first():
            raise LeaseLost(str(self.lease))


@dataclass(frozen=True, kw_only=True)
class StepRunner(StepRecord):
    """Executes steps on hosts. `connect` answers a live connection to a step's node."""

    connect: Callable[[HostStep], Connection]

    def execute(self, step: HostStep, script: Script) -> str:
        """The step's final status. Raises LeaseLost when another worker has the run now."""
        self.begin(step)
        try:
            outcome = self._follow_to_the_end(step, script)
        except JobLost as lost:
            return self.fail(step, str(lost), "worker_lost")
        except JobAbsent:
            return self.fail(step, "The host no longer knows of this.", "worker_lost")
        except CommandFailed as error:
            return self.fail(step, str(error), "step_failed")
        except SSHError as error:
            self.lease.check()
            return self.finish(step, StepStatus.FAILED, reason_code=error.code)
        status, reason = _verdict(outcome)
        return self.finish(step, status, reason_code=reason, exit_code=outcome.exit_code)

    def take(self, step: HostStep, output: Iterable[bytes]) -> None:
        """Stores what a step says, as it comes, up to the most that is kept of an attempt."""
        pending = b""
        for data in output:
            ready, taken = self.redactor.take(pending + data, final=False)
            pending = (pending + data)[taken:]
            if not self.keep(step, ready):
                return
        self.keep(step, self.redactor.take(pending, final=True)[0])

    def keep(self, step: HostStep, data: bytes) -> bool:
        """Whether there is room for more; if not, the log says so where it ends."""
        if step.log_cut:  # by who was here before
            return False
        room = settings.STEP_LOG_BYTES - (step.log_bytes - step.attempt_offset)
        if len(data) <= room:
            self.store(step, data)
            return True
        mark = f"\n[Slipway keeps {settings.STEP_LOG_BYTES} bytes of this; cut here.]"
        self._put(Entry(step, {"log_cut": True}, data[:room] + self._line(mark)))
        return False

    def cancel(self, step: HostStep) -> bool:
        """Ends all that the step started on its host; the step's follower sees it end. False if
        something of it is still there."""
        return RemoteRunner(self.connect(step), base=RUNS).cancel(step.job_id)

    def discard(self, step: HostStep) -> None:
        """Removes what the step left in its host's directory of runs, unless it still runs."""
        RemoteRunner(self.connect(step), base=RUNS).discard(step.job_id)

    def _follow_to_the_end(self, step: HostStep, script: Script) -> Outcome:
        job = Job(step.job_id, script.text, script.env, script.timeout, script.files)
        down_since: float | None = None
        while True:
            self.lease.check()
            try:
                runner = RemoteRunner(self.connect(step), base=RUNS)
                down_since = None
                # Bytes in the log say that it was started; else this starts it, if nobody has.
                if offset := step.log_bytes - step.attempt_offset:
                    output = runner.follow(job.id, _NOTHING_MORE if step.log_cut else offset)
                else:
                    output = runner.run(job)
                self.take(step, output)
                if step.log_cut:  # its end is all that is missing
                    for _ in runner.follow(job.id, _NOTHING_MORE):
                        pass
                return runner.outcome(job.id)
            except SSHUnreachable:
                self.lease.check()
                down_since = down_since or time.monotonic()
                if time.monotonic() - down_since > settings.HOST_PATIENCE.total_seconds():
                    raise
                logger.warning("host lost, trying again", extra={"step": str(step)})
                self.lease.lost.wait(1)


def _verdict(outcome: Outcome) -> tuple[str, str]:
    if outcome.cancelled:
        return StepStatus.CANCELLED, "cancelled"
    if outcome.timed_out:
        return StepStatus.FAILED, "step_timeout"
    if outcome.exit_code:
        return StepStatus.FAILED, "step_failed"
    return StepStatus.SUCCEEDED, ""


def next_attempt(step: HostStep) -> dict[str, Any]:
    """Changes that make a step run once more, its log going on after what it holds."""
    return {
        "status": StepStatus.PENDING,
        "attempt": step.attempt + 1,
        "attempt_offset": step.log_bytes,
        "log_cut": False,
        "exit_code": None,
        "reason_code": "",
        "started_at": None,
        "finished_at": None,
    }
