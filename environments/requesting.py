"""Sends a preview on its way: a task that waits in the inbox, or, where no policy asks anybody, one
that is queued."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from approvals import freezes
from approvals.asking import ApprovalRequest, ask
from config.core import timeline
from config.core.jobs import enqueue
from config.core.timeline import Actor
from environments.lifecycle import TASK
from environments.models import (
    Environment,
    EnvironmentInstallTask,
    InstallPreview,
    InstallStep,
    TaskKind,
    TaskStatus,
)
from environments.pinning import STEP
from environments.tasks import run_install

# Which policy a kind of task is under, and how its ticket begins.
ACTIONS: Final = {
    TaskKind.INSTALL: ("install", "Install"),
    TaskKind.UNINSTALL: ("install", "Uninstall"),
    TaskKind.VERIFY: ("install", "Verify"),
    TaskKind.LVS_VIP: ("vip", "Set up a virtual address with"),
}


def request(
    pinned: InstallPreview, actor: Actor, *, freeze_override: str = ""
) -> EnvironmentInstallTask:
    """The task for a preview, in the caller's transaction. Raises `freeze_active`, and
    `permission_denied` to who may not override one."""
    environment = pinned.environment
    override = pass_freezes(environment, actor, freeze_override)
    task = EnvironmentInstallTask.objects.create(
        environment=environment,
        project=environment.project,
        preview=pinned,
        kind=pinned.kind,
        bundle=pinned.bundle,
        version=pinned.version,
        status=TaskStatus.PENDING_APPROVAL,
        freeze_override=override,
        requested_by=actor.person,
        source=actor.source,
    )
    steps = (step | {"script": step["script"] or ""} for step in pinned.plan["steps"])
    InstallStep.objects.bulk_create(
        InstallStep(run=task, **{name: step[name] for name in STEP}) for step in steps
    )
    detail = {"kind": pinned.kind, "bundle": pinned.bundle, "version": pinned.version}
    timeline.record(
        "environment.install_requested", task, actor=actor, status=task.status, detail=detail
    )
    item = ask(_approval_request(task, pinned), actor=actor)
    if item:
        task.approval_ticket = item.ticket
        task.save(update_fields=["approval_ticket"])
    else:
        TASK.move(task, TaskStatus.QUEUED, None, actor=actor, start_after=timezone.now())
        enqueue(run_install, task.pk)
    return task


def pass_freezes(environment: Environment, actor: Actor, reason: str) -> str:
    """The reason, where a freeze was overridden just now, else nothing. Raises as `request`."""
    freeze = freezes.require_open(
        environment.project, environment.tier, actor=actor, override_reason=reason
    )
    return reason if freeze else ""


def _approval_request(task: EnvironmentInstallTask, pinned: InstallPreview) -> ApprovalRequest:
    environment = task.environment
    action, verb = ACTIONS[TaskKind(task.kind)]
    return ApprovalRequest(
        subject_type=task.resource_type,
        subject_id=task.pk,
        action=action,
        title=f"{verb} {pinned.bundle} {pinned.version} on {environment.name}",
        project=environment.project,
        tier=environment.tier,
        risk=pinned.risk,
        content_hash=pinned.context_hash,
        correlation_id=task.correlation_id,
        environment_id=environment.pk,
        freeze_override=task.freeze_override,
        involved=[pinned.previewed_by],
    )
