"""Writes of tasks: preview what a bundle would do, apply exactly that, cancel, try again."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.asking import join
from approvals.deciding import withdraw
from config.core.errors import (
    InvalidTransition,
    PreviewExpired,
    PreviewMismatch,
    PreviewRequired,
)
from config.core.jobs import enqueue
from config.core.permissions import require
from config.core.timeline import Actor
from environments import artifacts, previewing
from environments.install.work import next_attempt
from environments.lifecycle import TASK
from environments.models import (
    Environment,
    EnvironmentInstallTask,
    EnvironmentStatus,
    InstallPreview,
    InstallStep,
    StepStatus,
    TaskKind,
    TaskStatus,
)
from environments.pinning import has_other_hosts
from environments.requesting import pass_freezes, request
from environments.tasks import run_install


def preview(
    environment: Environment,
    *,
    actor: Actor,
    bundle: str,
    version: str,
    options: dict[str, Any],
    kind: TaskKind = TaskKind.INSTALL,
    **manner: Any,
) -> InstallPreview:
    """What a task would do to the environment's hosts as they are now. Changes none of them.
    `manner`: `max_parallel` hosts at once, `on_failure` of one: stop | continue with the others.

    Raises the bundle errors, the SSH errors, `validation_error` for options, or where the bundle
    has nothing for this kind of task; `target_not_ready` for an environment without nodes.
    """
    require(actor.person, "environment_install", environment)
    found = artifacts.require(bundle, version)
    nodes = list(environment.nodes.select_related("credential", "environment"))
    return previewing.pin(
        environment, nodes, found, actor=actor, kind=kind, options=options, **manner
    )


def apply(
    environment: Environment, *, actor: Actor, preview_ref: str, freeze_override: str = ""
) -> tuple[EnvironmentInstallTask, bool]:
    """The task that does what was previewed, and whether this call made it; made once.
    `freeze_override`: why it can't wait for a freeze's end.

    Raises `preview_required`, `preview_expired`, `preview_mismatch`, `freeze_active`,
    `invalid_transition` (another install of this environment is not over).
    """
    user = actor.person
    require(user, "environment_install", environment)
    rows = InstallPreview.objects.filter(environment=environment, preview_ref=preview_ref)
    pinned = rows.select_related("environment__project", "previewed_by__owner").first()
    if pinned is None:
        raise PreviewRequired
    if task := EnvironmentInstallTask.objects.filter(preview=pinned).first():
        return _again(task, actor, freeze_override), False
    if pinned.expires_at <= timezone.now():
        raise PreviewExpired
    if has_other_hosts(pinned):
        raise PreviewMismatch(mismatch=["target_changed"])
    try:
        with transaction.atomic():
            return request(pinned, actor, freeze_override=freeze_override), True
    except IntegrityError:
        if task := EnvironmentInstallTask.objects.filter(preview=pinned).first():
            return task, False
        live = TaskStatus.RUNNING
        text = "Another install of this environment is not over."
        raise InvalidTransition(text, **{"from": live, "to": TaskStatus.QUEUED}) from None


def _again(
    task: EnvironmentInstallTask, actor: Actor, freeze_override: str
) -> EnvironmentInstallTask:
    """The same call once more answers the same task. One that was approved under a policy that
    waits for it is started now, where no freeze holds that is not overridden."""
    if task.status == TaskStatus.PENDING_APPROVAL:
        join(task.resource_type, task.pk, actor=actor)
    if task.status == TaskStatus.QUEUED and task.start_after is None:
        with transaction.atomic():
            override = task.freeze_override
            if freeze_override or not override:
                override = pass_freezes(task.environment, actor, freeze_override)
            waiting = EnvironmentInstallTask.objects.filter(
                pk=task.pk, status=TaskStatus.QUEUED, start_after=None
            )
            if waiting.update(start_after=timezone.now(), freeze_override=override):
                enqueue(run_install, task.pk)
    return task


def cancel(task: EnvironmentInstallTask, *, actor: Actor) -> EnvironmentInstallTask:
    """Before it runs: over at once. While it runs: when its hosts have ended what they do."""
    require(actor.person, "environment_install", task.environment)
    with transaction.atomic():
        if task.status == TaskStatus.RUNNING:
            EnvironmentInstallTask.objects.filter(pk=task.pk).update(cancel_requested=True)
            task.cancel_requested = True
            return task
        # The ticket first, as a decision does: locks in one order can't wait for each other.
        withdraw("environment_install", task.pk, actor=actor)
        TASK.move(
            task,
            TaskStatus.CANCELLED,
            "environment.install_cancelled",
            actor=actor,
            reason_code="cancelled",
            finished_at=timezone.now(),
        )
        task.steps.filter(status=StepStatus.PENDING).update(status=StepStatus.CANCELLED)
    return task


def retry(
    task: EnvironmentInstallTask, *, actor: Actor, freeze_override: str = ""
) -> EnvironmentInstallTask:
    """Runs again what did not succeed, and only that. Raises `invalid_transition` for a task that
    is not over, was never allowed to run, or whose environment is retired, and `freeze_active`:
    what was overridden for the first run does not count for another."""
    require(actor.person, "environment_install", task.environment)
    retired = task.environment.status == EnvironmentStatus.RETIRED
    if task.started_at is None or retired:
        before = EnvironmentStatus.RETIRED if retired else task.status
        raise InvalidTransition(**{"from": before, "to": TaskStatus.QUEUED})
    try:
        with transaction.atomic():
            override = pass_freezes(task.environment, actor, freeze_override)
            TASK.move(
                task,
                TaskStatus.QUEUED,
                "environment.install_requested",
                actor=actor,
                detail={"retry": True},
                reason_code="",
                cancel_requested=False,
                freeze_override=override,
                start_after=timezone.now(),
                finished_at=None,
            )
            for step in task.steps.exclude(status=StepStatus.SUCCEEDED):
                InstallStep.objects.filter(pk=step.pk).update(**_again_of(step))
            enqueue(run_install, task.pk)
    except IntegrityError:
        text = "Another install of this environment is not over."
        raise InvalidTransition(text, **{"from": task.status, "to": TaskStatus.QUEUED}) from None
    return task


def _again_of(step: InstallStep) -> dict[str, Any]:
    """A host that was out of reach may have gone on with the step, or be at it still: then that
    attempt is followed to its end, and not a second one begun."""
    if step.started_at and not step.reason_code.startswith("ssh_"):
        return next_attempt(step) | {"first_attempt": step.attempt + 1}
    return {"status": StepStatus.PENDING, "reason_code": "", "finished_at": None}
