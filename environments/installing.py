"""Writes of installs: preview what a bundle would do, apply exactly that, cancel, try again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.asking import join
from approvals.deciding import withdraw
from config.core.errors import (
    InvalidTransition,
    PreviewExpired,
    PreviewMismatch,
    PreviewRequired,
    SSHHostKeyUnknown,
    TargetNotReady,
)
from config.core.jobs import enqueue
from config.core.permissions import require
from config.core.previews import preview_ttl
from config.core.risk import Finding, Risk, Rule, assess
from config.core.timeline import Actor
from environments import hosts
from environments.bundles import planning, verify
from environments.bundles.hook_environment import artifacts_for
from environments.bundles.model import Bundle
from environments.install.work import ARTIFACTS, content_digest, spec_of
from environments.lifecycle import TASK
from environments.models import (
    Environment,
    EnvironmentArtifact,
    EnvironmentInstallTask,
    EnvironmentNode,
    EnvironmentStatus,
    InstallPreview,
    InstallStep,
    StepStatus,
    TaskStatus,
)
from environments.pinning import context_hash, has_other_hosts, identity
from environments.requesting import pass_freezes, request
from environments.steps import next_attempt
from environments.tasks import run_install


def preview(
    environment: Environment, *, actor: Actor, bundle: str, version: str, options: dict[str, Any]
) -> InstallPreview:
    """What the bundle would do to the environment's hosts as they are now. Changes none of them.

    Raises the bundle errors, the SSH errors, `validation_error` for options, `target_not_ready`
    for an environment without nodes.
    """
    user = actor.person
    require(user, "environment_install", environment)
    found = verify.require(settings.BUNDLE_ROOT, bundle, version)
    _remember_artifacts(found)
    nodes = list(environment.nodes.select_related("credential", "environment"))
    if not nodes or environment.status == EnvironmentStatus.RETIRED:
        raise TargetNotReady(reasons=["The environment has no nodes, or is retired."])
    if strangers := [node.name for node in nodes if not node.host_key]:
        raise SSHHostKeyUnknown(f"Not enrolled: {', '.join(strangers)}.", nodes=strangers)
    seen = hosts.check_all(nodes, actor=actor, look_in=ARTIFACTS)
    pinned = _plan(environment, found, nodes, options, [set(look["present"]) for look in seen])
    return InstallPreview.objects.create(
        environment=environment,
        bundle=bundle,
        version=version,
        options=pinned["options"],
        plan=pinned,
        risk=_risk(environment, pinned),
        context_hash=context_hash(pinned),
        expires_at=timezone.now() + preview_ttl(environment.tier),
        previewed_by=user,
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
    is not over, or was never allowed to run, and `freeze_active`: what was overridden for the
    first run does not count for another."""
    require(actor.person, "environment_install", task.environment)
    if task.started_at is None:
        raise InvalidTransition(**{"from": task.status, "to": TaskStatus.QUEUED})
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
                again = next_attempt(step) if step.started_at else {"status": StepStatus.PENDING}
                InstallStep.objects.filter(pk=step.pk).update(**again)
            enqueue(run_install, task.pk)
    except IntegrityError:
        text = "Another install of this environment is not over."
        raise InvalidTransition(text, **{"from": task.status, "to": TaskStatus.QUEUED}) from None
    return task


def _plan(
    environment: Environment,
    bundle: Bundle,
    nodes: list[EnvironmentNode],
    options: dict[str, Any],
    present: list[set[str]],
) -> dict[str, Any]:
    specs = [spec_of(node) for node in nodes]
    plan = planning.plan(bundle, specs, runtime=environment.runtime_type, options=options)
    names = {node.pk: node.name for node in nodes}
    return {
        "options": dict(plan.options),
        "phases": list(plan.phases),
        "warnings": list(plan.warnings),
        "checks": _checks(bundle, nodes, plan.warnings),
        "content_digest": content_digest(bundle, settings.BUNDLE_ROOT),
        "nodes": [{**identity(vars(node)), "facts": node.facts} for node in nodes],
        "steps": [{**vars(step), "node": names[step.node_id]} for step in plan.steps],
        "artifacts": [
            {
                "path": artifact.path,
                "sha256": artifact.sha256,
                "size": artifact.size,
                "nodes": [s.name for s in specs if artifact in artifacts_for(bundle, s, specs)],
                "present_on": [
                    node.name
                    for node, has in zip(nodes, present, strict=True)
                    if artifact.sha256 in has
                ],
            }
            for artifact in bundle.artifacts
        ],
    }


def _checks(
    bundle: Bundle, nodes: list[EnvironmentNode], warnings: Sequence[str]
) -> list[dict[str, str]]:
    """What held when this was previewed; had something failed, there would be no preview."""
    passed = {
        "bundle": f"Every file is what its checksum says, {len(bundle.artifacts)} artifacts",
        "hosts": f"{len(nodes)} hosts answered with the keys they were enrolled with",
        "platform": f"Every host fits {bundle.name} {bundle.version}",
    }
    found = [{"id": name, "status": "pass", "message": text} for name, text in passed.items()]
    return found + [{"id": "host", "status": "warn", "message": text} for text in warnings]


def _risk(environment: Environment, plan: dict[str, Any]) -> Risk:
    findings = [
        Finding(
            Rule.INSTALL, f"Runs {len(plan['steps'])} steps as root on {len(plan['nodes'])} hosts"
        )
    ]
    if environment.tier == "production":
        findings.append(Finding(Rule.INSTALL_IN_PRODUCTION, "The environment is production"))
    if environment.status in (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED):
        findings.append(
            Finding(Rule.INSTALL_IN_USE, "The environment is in use: its runtime restarts")
        )
    return assess(findings)


def _remember_artifacts(bundle: Bundle) -> None:
    now = timezone.now()
    for artifact in bundle.artifacts:
        EnvironmentArtifact.objects.update_or_create(
            bundle=bundle.name,
            version=bundle.version,
            path=artifact.path,
            defaults={"sha256": artifact.sha256, "size": artifact.size, "verified_at": now},
        )
