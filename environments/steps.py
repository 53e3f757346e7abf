"""Runs one step on one host to its end, across dropped connections and dead workers.

The host runs the step by itself (environments.ssh.runner). What happens here can stop at any line
and be done again by another worker: starting finds the job claimed, the log goes on at the byte
where it stopped, and every write carries the lease's fence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.core import logs
from config.core.errors import SSHError, SSHUnreachable
from config.core.leases import Lease, LeaseLost
from config.core.logs import Chunk
from config.core.secrets import Redactor, Secret
from environments.models import HostStep, StepStatus
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.runner import Job, JobAbsent, JobLost, Outcome, RemoteRunner

logger = logging.getLogger(__name__)

RUNS = f"{settings.REMOTE_DIR}/runs"
_NOTHING_MORE = 1 << 62  # an offset that no output reaches


@dataclass(frozen=True)
class Script:
    """What a step runs: a POSIX sh script, its environment, files beside it, its timeout in s."""

    text: bytes
    env: Mapping[str, str | Secret]
    timeout: int
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """Keeps the steps of one run, wherever they are done: their status, and what they say."""

    lease: Lease
    log_model: type[Chunk]
    redactor: Redactor
    # Called in the transaction of each change of a step's status: no change without its event.
    tell: Callable[[HostStep], None] = lambda _step: None

    def begin(self, step: HostStep) -> None:
        if step.status == StepStatus.PENDING:
            with transaction.atomic():
                self.write(step, status=StepStatus.RUNNING, started_at=timezone.now())
                self.tell(step)

    def finish(self, step: HostStep, status: str, *, reason_code: str = "", **changes: Any) -> str:
        changes |= {"status": status, "reason_code": reason_code, "finished_at": timezone.now()}
        with transaction.atomic():
            self.write(step, **changes)
            self.tell(step)
        return status

    def fail(self, step: HostStep, text: str, reason_code: str) -> str:
        """Ends the step as failed, with a line in its log that says why."""
        with transaction.atomic():
            self.say(step, text)
            return self.finish(step, StepStatus.FAILED, reason_code=reason_code)

    def write(self, step: HostStep, **changes: Any) -> None:
        rows = type(step)._default_manager.filter(Q(run__fence=self.lease.fence), pk=step.pk)
        if not rows.update(**changes):
            raise LeaseLost(str(step))
        for name, value in changes.items():
            setattr(step, name, value)

    def say(self, step: HostStep, text: str) -> None:
        """Adds a line of Slipway's own to the step's log."""
        self.store(step, self.redactor.take(text.encode() + b"\n", final=True)[0])

    def store(self, step: HostStep, data: bytes) -> None:
        if data and not logs.append(self.log_model, step, data, run__fence=self.lease.fence):
            raise LeaseLost(str(step))


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
        room = settings.STEP_LOG_BYTES - (step.log_bytes - step.attempt_offset)
        if len(data) <= room:
            self.store(step, data)
            return True
        with transaction.atomic():
            self.store(step, data[:room])
            self.write(step, log_cut=True)
            self.say(step, f"\n[Slipway keeps {settings.STEP_LOG_BYTES} bytes of this; cut here.]")
        return False

    def cancel(self, step: HostStep) -> bool:
        """Ends the step's process group on its host; the step's follower sees it end."""
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
