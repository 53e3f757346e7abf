"""Runs an install task: its steps in the plan's order, all nodes of a step at once.

Every line can be the last one of this worker. What is done is in the rows and on the hosts; who
takes over starts again from the top and finds it there.
"""

from __future__ import annotations

import logging
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from approvals import freezing
from config.core import leases, threads, timeline
from config.core.errors import DomainError, InvalidTransition, PreviewMismatch
from config.core.leases import Lease, LeaseLost
from config.core.secrets import Redactor
from config.core.timeline import SYSTEM
from environments import pinning
from environments.access import login_of, secrets_of
from environments.bundles import verify
from environments.bundles.model import Bundle
from environments.install import work
from environments.install.stopping import Watch
from environments.lifecycle import TASK
from environments.models import (
    Environment,
    EnvironmentInstallLog,
    EnvironmentInstallTask,
    EnvironmentStatus,
    HostStep,
    InstallStep,
    StepStatus,
    TaskStatus,
)
from environments.ssh.connection import Connection
from environments.ssh.pool import ConnectionPool
from environments.steps import StepRunner, next_attempt

logger = logging.getLogger(__name__)


def run(task_id: int) -> None:
    """Runs a queued task, or goes on with one whose worker is gone. Repeatable; does nothing when
    somebody else has it, or it is over."""
    with leases.held(EnvironmentInstallTask, task_id) as lease:
        if lease is None:
            return
        task = EnvironmentInstallTask.objects.select_related("environment", "preview").get(
            pk=task_id
        )
        try:
            if not _start(task, lease):
                return
            with ConnectionPool() as pool:
                run_of_task = _Run(task, lease, pool)
                try:
                    run_of_task.to_the_end()
                except (LeaseLost, InvalidTransition, OperationalError, InterfaceError):
                    raise  # somebody else goes on with it, or we do when the database is back
                except Exception:
                    # A bug, or a host that answers nonsense: to do it again would not help.
                    logger.exception("install run broke off", extra={"task": task_id})
                    run_of_task.finish(TaskStatus.NEEDS_ATTENTION, "needs_attention")
        except (LeaseLost, InvalidTransition):
            logger.warning("run given up: another worker has it", extra={"task": task_id})


def _start(task: EnvironmentInstallTask, lease: Lease) -> bool:
    if task.status == TaskStatus.RUNNING:
        return True
    due = task.start_after is not None and task.start_after <= timezone.now()
    if task.status != TaskStatus.QUEUED or not due or _is_frozen(task):
        return False
    now = timezone.now()
    TASK.move(task, TaskStatus.RUNNING, None, actor=SYSTEM, fence=lease.fence, started_at=now)
    return True


def _is_frozen(task: EnvironmentInstallTask) -> bool:
    """A frozen task stays queued, and the reconciler comes back to it."""
    if task.freeze_override:
        return False
    return bool(freezing.active(task.project_id, task.environment.tier, timezone.now()))


class _Run:
    def __init__(self, task: EnvironmentInstallTask, lease: Lease, pool: ConnectionPool) -> None:
        self.task = task
        self.lease = lease
        self.pool = pool
        self.steps = list(
            InstallStep.objects.filter(run=task).select_related("run", "node__credential")
        )
        nodes = {step.node for step in self.steps}
        self.runner = StepRunner(
            lease=lease,
            log_model=EnvironmentInstallLog,
            connect=self._connect,
            redactor=Redactor([secret for node in nodes for secret in secrets_of(node)]),
            tell=self._tell,
        )

    def to_the_end(self) -> None:
        try:
            bundle = self._what_was_previewed()
        except DomainError as error:
            self._skip_the_rest()
            self.finish(TaskStatus.FAILED, error.code, detail=error.data)
            return
        self._set_environment(EnvironmentStatus.INSTALLING)
        watch = Watch(self.task, self.lease, self.runner, self.steps)
        with watch:
            for _, group in groupby(self.steps, key=lambda step: (step.phase, step.hook)):
                batch = list(group)
                threads.each(lambda step: self._step(step, bundle, watch), batch)
                self.lease.check()
                if any(step.status != StepStatus.SUCCEEDED for step in batch):
                    break
        self._conclude(cancelled=watch.cancelled.is_set())

    def _what_was_previewed(self) -> Bundle:
        """The bundle, every byte of it checked again before a host is touched. Raises its errors,
        and PreviewMismatch when it, or a node, is not what was previewed and approved."""
        preview = self.task.preview
        if not pinning.is_intact(preview):
            raise PreviewMismatch(mismatch=["content"])
        if not pinning.is_covered(self.task):
            raise PreviewMismatch(mismatch=["approval"])
        if pinning.has_other_hosts(preview):
            raise PreviewMismatch(mismatch=["target_changed"])
        bundle = verify.require(settings.BUNDLE_ROOT, self.task.bundle, self.task.version)
        if work.content_digest(bundle, settings.BUNDLE_ROOT) != preview.plan["content_digest"]:
            raise PreviewMismatch(mismatch=["bundle"])
        return bundle

    def _step(self, step: InstallStep, bundle: Bundle, watch: Watch) -> None:
        """To its end, retries included. What an earlier worker left running is followed, also when
        the task is being cancelled: the watch ends it on its host."""
        while True:
            if _may_be_retried(step):
                self.runner.write(step, **next_attempt(step))
            waits = step.status == StepStatus.PENDING
            if step.is_over or (waits and watch.cancelled.is_set()):
                return
            self.runner.begin(step)
            if step.hook == work.TRANSFER:
                work.transfer(step, bundle, self.runner, watch)
            else:
                self.runner.execute(step, work.script_of(step, bundle, self.task.preview.plan))

    def _connect(self, step: HostStep) -> Connection:
        return self.pool.get(login_of(step.node))

    def _tell(self, step: HostStep) -> None:
        told = {StepStatus.RUNNING: "started", StepStatus.SUCCEEDED: "succeeded"}
        what = told.get(StepStatus(step.status), "failed")
        detail = {
            "step_id": step.pk,
            "phase": step.phase,
            "hook": step.hook,
            "node": step.node.name,
            "attempt": step.attempt,
            "exit_code": step.exit_code,
            "reason_code": step.reason_code,
        }
        timeline.record(
            f"environment.install_step_{what}",
            self.task,
            actor=SYSTEM,
            status=step.status,
            detail=detail,
        )

    def _conclude(self, *, cancelled: bool) -> None:
        failed = [step for step in self.steps if step.status != StepStatus.SUCCEEDED]
        if not failed:
            self.finish(TaskStatus.SUCCEEDED, "")
            return
        self._skip_the_rest(StepStatus.CANCELLED if cancelled else StepStatus.SKIPPED)
        if cancelled:
            self.finish(TaskStatus.CANCELLED, "cancelled")
            return
        reasons = [step.reason_code for step in failed if step.reason_code]
        reason = reasons[0] if reasons else "step_failed"
        lost = reason == "worker_lost"
        self.finish(TaskStatus.NEEDS_ATTENTION if lost else TaskStatus.FAILED, reason)

    def _skip_the_rest(self, status: str = StepStatus.SKIPPED) -> None:
        rest = InstallStep.objects.filter(run=self.task, run__fence=self.lease.fence)
        rest.filter(status=StepStatus.PENDING).update(status=status)

    def _set_environment(self, status: str) -> None:
        """Unless it was retired in the meantime, for good."""
        rows = Environment.objects.filter(pk=self.task.environment_id)
        rows.exclude(status=EnvironmentStatus.RETIRED).update(status=status)

    def finish(self, status: str, reason_code: str, detail: dict[str, Any] | None = None) -> None:
        action = {
            TaskStatus.SUCCEEDED: "environment.install_succeeded",
            TaskStatus.CANCELLED: "environment.install_cancelled",
        }.get(TaskStatus(status), "environment.install_failed")
        with transaction.atomic():
            TASK.move(
                self.task,
                status,
                action,
                actor=SYSTEM,
                detail={"reason_code": reason_code, **(detail or {})},
                fence=self.lease.fence,
                reason_code=reason_code,
                finished_at=timezone.now(),
            )
            if status == TaskStatus.SUCCEEDED:
                self._set_environment(EnvironmentStatus.READY)
            elif any(step.started_at for step in self.steps):  # else no host was touched
                self._set_environment(EnvironmentStatus.FAILED)


def _may_be_retried(step: InstallStep) -> bool:
    return (
        step.status == StepStatus.FAILED
        and step.idempotent
        and step.attempt <= step.retries
        and not step.reason_code.startswith("ssh_")  # the host was waited for already
    )
