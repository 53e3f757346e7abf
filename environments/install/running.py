"""The run of a task: its steps in the plan's order, the nodes of a step side by side.

Every line can be the last one of this worker. What is done is in the rows and on the hosts; who
takes over starts again from the top and finds it there.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.core import threads, timeline
from config.core.errors import DomainError, PreviewMismatch
from config.core.leases import Lease
from config.core.models import TimelineEvent
from config.core.secrets import Redactor
from config.core.threads import Scribe
from config.core.timeline import SYSTEM
from environments import artifacts, managed_cluster, pinning
from environments.access import login_of, secrets_of
from environments.install import effects, facts, work
from environments.install.hooks import HookRunner
from environments.install.stopping import Watch
from environments.install.work import Content
from environments.lifecycle import TASK
from environments.models import (
    EnvironmentInstallLog,
    EnvironmentInstallTask,
    HostStep,
    InstallFact,
    InstallStep,
    StepStatus,
    TaskKind,
    TaskStatus,
)
from environments.ssh.connection import Connection, Login
from environments.ssh.pool import ConnectionPool


class Run:
    """`pool`: of connections to hosts; `scribe`: writes what they do."""

    def __init__(
        self, task: EnvironmentInstallTask, lease: Lease, pool: ConnectionPool, scribe: Scribe
    ) -> None:
        self.task = task
        self.lease = lease
        self.pool = pool
        self.steps = list(
            InstallStep.objects.filter(run=task).select_related("run", "node__credential")
        )
        nodes = {step.node for step in self.steps}
        known = [secret for node in nodes for secret in secrets_of(node)]
        self.specs = work.specs_in(task.preview.plan)
        self.logins: dict[int, Login] = {}
        self.runner = HookRunner(
            lease=lease,
            log_model=EnvironmentInstallLog,
            connect=self._connect,
            redactor=Redactor([*known, *facts.secrets_of(task)]),
            tell=self._tell,
            scribe=scribe,
        )

    def to_the_end(self) -> None:
        try:
            content = self._what_was_previewed()
        except DomainError as error:
            self._skip_the_rest()
            self.finish(TaskStatus.FAILED, error.code, detail=error.data)
            return
        effects.begun(self.task)
        with Watch(self.task, self.lease, self.runner, self.steps) as watch:
            self._all_steps(content, watch)
        self._conclude(watch)

    def _what_was_previewed(self) -> Content:
        """The bundle, every byte of it checked again before a host is touched. Raises its errors,
        and PreviewMismatch when it, or a node, is not what was previewed and approved."""
        preview = self.task.preview
        if not pinning.is_intact(preview):
            raise PreviewMismatch(mismatch=["content"])
        if not pinning.is_covered(self.task):
            raise PreviewMismatch(mismatch=["approval"])
        if pinning.has_other_hosts(preview):
            raise PreviewMismatch(mismatch=["target_changed"])
        content = Content.read(artifacts.require(self.task.bundle, self.task.version))
        if content.digest != preview.plan["content_digest"]:
            raise PreviewMismatch(mismatch=["bundle"])
        return content

    def _all_steps(self, content: Content, watch: Watch) -> None:
        """A barrier after each hook. A host that fails ends the run, or, where the plan says so,
        goes without the rest while the others go on."""
        left_behind: set[int] = set()
        for _, group in groupby(self.steps, key=lambda step: (step.phase, step.hook)):
            batch = [step for step in group if step.node_id not in left_behind]
            self._side_by_side(batch, content, watch)
            self.lease.check()
            failed = [step for step in batch if step.status != StepStatus.SUCCEEDED]
            if failed and (watch.cancelled.is_set() or not self._goes_on_without(failed, batch)):
                return
            left_behind |= {step.node_id for step in failed}

    def _goes_on_without(self, failed: Sequence[InstallStep], batch: Sequence[InstallStep]) -> bool:
        """Not without all: what one host does for the others, as a cluster's first control plane
        does, is a batch of one."""
        return self.task.preview.plan.get("on_failure") == "continue" and len(failed) < len(batch)

    def _side_by_side(self, batch: Sequence[InstallStep], content: Content, watch: Watch) -> None:
        plan = self.task.preview.plan
        limits = [plan.get("max_parallel"), *(s.get("max_parallel") for s in _of(plan, batch))]
        failing = threading.Event()
        known = facts.known(self.task)

        def work_off(step: InstallStep) -> None:
            if failing.is_set() and step.status == StepStatus.PENDING:
                return
            self._step(step, content, watch, known)
            if step.status != StepStatus.SUCCEEDED and plan.get("on_failure") != "continue":
                failing.set()

        at_once = min((limit for limit in limits if limit), default=len(batch))
        threads.each(work_off, batch, at_once=max(1, min(at_once, len(batch))))

    def _step(
        self, step: InstallStep, content: Content, watch: Watch, known: Sequence[InstallFact]
    ) -> None:
        """To its end, retries included. What an earlier worker left running is followed, also when
        the task is being cancelled: the watch ends it on its host."""
        while True:
            if _may_be_retried(step):
                self.runner.write(step, **work.next_attempt(step))
            waits = step.status == StepStatus.PENDING
            if step.is_over or (waits and watch.cancelled.is_set()):
                return
            self.runner.begin(step)
            if step.hook == work.TRANSFER:
                work.transfer(step, content.bundle, self.specs, self.runner, watch)
            else:
                told = facts.variables(step, known)
                plan = self.task.preview.plan
                self.runner.execute(step, work.script_of(step, content, plan, self.specs, told))

    def _connect(self, step: HostStep) -> Connection:
        if (login := self.logins.get(step.node.pk)) is None:
            login = self.runner.ask(partial(login_of, step.node))
            self.logins[step.node.pk] = login
        return self.pool.get(login)

    def _tell(self, steps: Sequence[HostStep]) -> None:
        timeline.record_all([self._event_of(step) for step in steps])

    def _event_of(self, step: HostStep) -> TimelineEvent:
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
        return timeline.event(
            f"environment.install_step_{what}",
            self.task,
            actor=SYSTEM,
            status=step.status,
            detail=detail,
        )

    def _conclude(self, watch: Watch) -> None:
        cancelled = watch.cancelled.is_set()
        failed = [step for step in self.steps if step.status != StepStatus.SUCCEEDED]
        if not failed:
            self._succeed()
            return
        self._skip_the_rest(StepStatus.CANCELLED if cancelled else StepStatus.SKIPPED)
        reasons = [step.reason_code for step in failed if step.reason_code]
        unknown = [code for code in reasons if code == "worker_lost"]
        if cancelled:  # on a host that can't be asked, what was to be ended may go on
            unknown += [code for code in reasons if code.startswith("ssh_")]
            for step in failed:
                if step.pk in watch.survived:
                    self.runner.say(step, "Something that this started is still there.")
                    unknown.append("needs_attention")
            if not unknown:
                self.finish(TaskStatus.CANCELLED, "cancelled")
                return
        status = TaskStatus.NEEDS_ATTENTION if unknown else TaskStatus.FAILED
        self.finish(status, next(iter(unknown or reasons), "step_failed"))

    def _succeed(self) -> None:
        try:
            if self.task.kind == TaskKind.UNINSTALL:
                managed_cluster.disconnect(self.task)
            elif kubeconfig := facts.secret(self.task, managed_cluster.FACT):
                managed_cluster.connect(self.task, kubeconfig)
        except DomainError as error:  # a retry has no step to do, and asks again
            self.finish(TaskStatus.FAILED, error.code, detail=error.data)
            return
        self.finish(TaskStatus.SUCCEEDED, "")

    def _skip_the_rest(self, status: str = StepStatus.SKIPPED) -> None:
        rest = InstallStep.objects.filter(run=self.task, run__fence=self.lease.fence)
        rest.filter(status=StepStatus.PENDING).update(status=status)

    def finish(self, status: str, reason_code: str, detail: dict[str, Any] | None = None) -> None:
        with transaction.atomic():
            TASK.move(
                self.task,
                status,
                effects.event_of(self.task, status),
                actor=SYSTEM,
                detail={"reason_code": reason_code, "kind": self.task.kind, **(detail or {})},
                fence=self.lease.fence,
                reason_code=reason_code,
                finished_at=timezone.now(),
            )
            if any(step.started_at for step in self.steps):  # else no host was touched
                effects.ended(self.task, status, reason_code, self._left_behind())

    def _left_behind(self) -> dict[str, str]:
        """The hosts that the others went to the end without: their health's source, the reason."""
        if self.task.preview.plan.get("on_failure") != "continue":
            return {}
        failed = {s.node_id: s.reason_code for s in self.steps if s.status == StepStatus.FAILED}
        unfinished = {s.node_id for s in self.steps if s.status != StepStatus.SUCCEEDED}
        if unfinished == {step.node_id for step in self.steps}:
            return {}
        return {f"node:{pk}": code for pk, code in failed.items()}


def _of(plan: dict[str, Any], batch: Sequence[InstallStep]) -> list[dict[str, Any]]:
    return [plan["steps"][step.index] for step in batch]


def _may_be_retried(step: InstallStep) -> bool:
    return (
        step.status == StepStatus.FAILED
        and step.idempotent
        and step.attempt - step.first_attempt < step.retries
        and not step.reason_code.startswith("ssh_")  # the host was waited for already
    )
