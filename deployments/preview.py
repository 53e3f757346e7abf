"""Previews: render, resolve, compare, weigh; then pin it all under one digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals.freezing import active
from config.core import timeline
from config.core.errors import NotFound, TargetNotReady, ValidationFailed
from config.core.permissions import require
from config.core.previews import preview_ttl
from config.core.risk import Finding, Rule, assess, of_size
from config.core.secrets import Secret
from config.core.timeline import Actor
from deployments import secrets
from deployments.models import DeploymentTarget, Kind, Release, Service, ServiceRevision
from deployments.pinning import context_hash
from deployments.policy import require_allowed
from deployments.rendering import mask, render
from deployments.runtimes.base import Preview, Request
from deployments.runtimes.registry import runtime_for
from deployments.selectors import content_before, last_applied, ran_since

_SHORTEST = 4  # characters of a secret that can be told from other text


def preview_deploy(
    *,
    actor: Actor,
    service: Service,
    target: DeploymentTarget,
    revision: ServiceRevision | None = None,
    env: str = "",
    strategy: str = "rolling",
    variables: Mapping[str, str] | None = None,
    force_conflicts: bool = False,
) -> Release:
    """A release in `preview`; nothing on the target is changed. `revision` None: the newest.

    Raises `validation_error`, `target_not_ready`, `render_failed`, `manifest_invalid` (also for
    what policy forbids) and the errors of reaching the target; nothing is stored then.
    """
    require(actor.person, "release_apply", target)
    given = dict(variables or {})
    _require_match(service, target, env)
    revision = revision or service.revisions.order_by("-number").first()
    if revision is None or revision.service_id != service.pk:
        raise NotFound("The service has no such revision.")
    values = secrets.values_for(revision, given)
    _require_known(revision, values)
    rendered = render(revision.manifest, values)
    if unused := sorted(set(given) - rendered.used - set(revision.variables)):
        raise ValidationFailed(fields={f"variables.{name}": ["Not used."] for name in unused})
    previous = last_applied(service, target)
    hidden = secrets.masks_of(values) | _earlier_masks(previous, service, target)
    request = Request(
        service, target, strategy, previous, rendered, None, hidden, force_conflicts=force_conflicts
    )
    return _store(
        runtime_for(target.runtime_type).preview(request),
        request,
        actor,
        kind=Kind.DEPLOY,
        revision=revision,
        variables=_shown(values),
        given=Secret(json.dumps(given)),
    )


def preview_rollback(release: Release, *, actor: Actor, reason: str) -> Release:
    """A release that brings back what `release` had replaced, as it was, by digest.

    Raises `no_previous_release`, `target_not_ready` and the errors of reaching the target.
    """
    _require_in_use(release.service, release.target)
    source = content_before(release)
    values = secrets.values_for(source.revision, secrets.given_to(source))
    previous = last_applied(release.service, release.target)
    hidden = secrets.masks_of(values) | _earlier_masks(previous, release.service, release.target)
    content = secrets.content_of(source)
    request = Request(
        release.service,
        release.target,
        source.strategy,
        previous,
        None,
        content,
        hidden,
        source,
        source.force_conflicts,
    )
    return _store(
        runtime_for(release.target.runtime_type).preview(request),
        request,
        actor,
        kind=Kind.ROLLBACK,
        revision=source.revision,
        source_release=source,
        rollback_of=release,
        reason=reason,
        variables=source.variables,
        given=Secret(json.dumps(secrets.given_to(source))),
    )


def _require_match(service: Service, target: DeploymentTarget, env: str) -> None:
    problems: dict[str, list[str]] = {}
    if service.project_id != target.project_id:
        problems["target_id"] = ["The target belongs to another project."]
    elif service.runtime_type != target.runtime_type:
        problems["target_id"] = [f"The target's runtime is {target.runtime_type}."]
    if env and env not in (target.environment.name, target.environment.tier):
        problems["env"] = [
            f"The target is in {target.environment.name} ({target.environment.tier})."
        ]
    if problems:
        raise ValidationFailed(fields=problems)
    _require_in_use(service, target)


def _require_in_use(service: Service, target: DeploymentTarget) -> None:
    if service.archived or target.archived:
        raise TargetNotReady(reasons=["The service or the target is archived."])


def _require_known(revision: ServiceRevision, values: dict[str, str | Secret]) -> None:
    missing = [
        name
        for name, declared in revision.variables.items()
        if declared.get("required") and not values.get(name)
    ]
    problems = {f"variables.{name}": ["Required."] for name in missing}
    for name, value in values.items():
        if isinstance(value, Secret) and 0 < len(value.reveal()) < _SHORTEST:
            text = f"A secret has at least {_SHORTEST} characters: a shorter one can't be masked."
            problems[f"variables.{name}"] = [text]
    if problems:
        raise ValidationFailed(fields=problems)


def _earlier_masks(
    previous: Release | None, service: Service, target: DeploymentTarget
) -> dict[str, str]:
    """The secrets of what runs now may still show in it, and so may those of what failed since."""
    return secrets.masks(
        secret
        for release in ran_since(previous, service, target)
        for secret in secrets.secrets_of_release(release)
    )


def _shown(values: dict[str, str | Secret]) -> dict[str, str]:
    return {name: mask(v) if isinstance(v, Secret) else v for name, v in values.items()}


def _store(found: Preview, request: Request, actor: Actor, **fields: Any) -> Release:
    target = request.target
    findings = _findings(found, target)
    told = [(finding.rule.value, finding.reason) for finding in findings]
    require_allowed(told, target.project, target.environment.tier, fields["kind"])
    release = Release(
        service=request.service,
        target=target,
        project=target.project,
        environment=target.environment,
        runtime_type=target.runtime_type,
        strategy=request.strategy,
        force_conflicts=request.force_conflicts,
        content=Secret(json.dumps(found.content)),
        resolved_manifest=found.resolved,
        fingerprint=found.fingerprint,
        base_release=request.previous,
        previous=request.previous,
        preview_expires_at=timezone.now() + preview_ttl(target.environment.tier),
        risk=assess(findings),
        findings=told,
        checks=found.checks,
        warnings=[check["message"] for check in found.checks if check["status"] == "warn"],
        diff=found.diff,
        images=found.images,
        conflicts=found.conflicts,
        previewed_by=actor.person,
        requested_by=actor.person,
        source=actor.source,
        **fields,
    )
    release.context_hash = context_hash(release)
    detail = {"context_hash": release.context_hash, "summary": found.diff["summary"]}
    with transaction.atomic():
        release.save()
        timeline.record("release.previewed", release, actor=actor, status="preview", detail=detail)
    return release


def _findings(found: Preview, target: DeploymentTarget) -> list[Finding]:
    findings = [*found.findings, *of_size(found.diff["summary"])]
    tier = target.environment.tier
    if tier == "production":
        findings.append(Finding(Rule.PRODUCTION, "The environment is production"))
    if freeze := active(target.project_id, tier, timezone.now()):
        findings.append(Finding(Rule.FREEZE, f"Changes are frozen: {freeze.reason}"))
    return findings
