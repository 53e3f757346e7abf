"""Writes of releases after their preview: apply, roll back, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals.asking import join
from approvals.deciding import withdraw
from config.core.errors import InvalidTransition, PreviewExpired, PreviewMismatch, ReleaseLocked
from config.core.jobs import enqueue
from config.core.permissions import require
from config.core.timeline import Actor
from deployments import selectors
from deployments.lifecycle import (
    APPLIED,
    APPLYING,
    APPROVED,
    FAILED,
    PENDING_APPROVAL,
    PREVIEW,
    RELEASE,
    canonical,
)
from deployments.models import DeploymentTarget, Release
from deployments.pinning import has_moved
from deployments.preview import preview_rollback
from deployments.requesting import pass_freezes, request
from deployments.secrets import given_to
from deployments.tasks import run_release


def apply(
    *,
    actor: Actor,
    preview_ref: str,
    sent: Mapping[str, Any] | None = None,
    freeze_override: str = "",
) -> tuple[Release, bool]:
    """What was previewed, on its way: the release, and whether this call sent it. `sent`:
    parameters repeated by the caller, which have to be those of the preview. `freeze_override`: why
    it can't wait for a freeze's end.

    Raises `preview_required`, `preview_expired`, `preview_mismatch`, `release_locked`,
    `freeze_active`.
    """
    release = selectors.by_preview_ref(actor.person, preview_ref)
    require(actor.person, "release_apply", release)
    if different := _differences(release, sent or {}):
        raise PreviewMismatch(mismatch=different)
    if canonical(release.status) != PREVIEW:
        return _again(release, actor, freeze_override), False
    if release.preview_expires_at <= timezone.now():
        raise PreviewExpired
    _require_same_target(release)
    try:
        with transaction.atomic():
            if request(release, actor, freeze_override=freeze_override):
                enqueue(run_release, release.pk)
    except InvalidTransition:  # the same call, at the same time
        return selectors.releases().get(pk=release.pk), False
    return selectors.releases().get(pk=release.pk), True


def rollback(release: Release, *, actor: Actor, reason: str) -> Release:
    """A new release, previewed and sent on its way under the same policy as any other."""
    require(actor.person, "release_rollback", release)
    _require_rollback_possible(release)
    made = preview_rollback(release, actor=actor, reason=reason)
    sent, _ = apply(actor=actor, preview_ref=made.preview_ref)
    return sent


def dry_run_rollback(release: Release, *, actor: Actor, reason: str) -> Release:
    require(actor.person, "release_rollback", release)
    _require_rollback_possible(release)
    return preview_rollback(release, actor=actor, reason=reason)


def cancel(release: Release, *, actor: Actor) -> Release:
    """Before it runs: over at once. While it runs: it stops; on hosts what ran before is restored,
    on a cluster what was applied so far stays. Raises `invalid_transition` for one that is over."""
    require(actor.person, "release_apply", release)
    if release.status == APPLYING:
        Release.objects.filter(pk=release.pk, status=APPLYING).update(
            cancel_requested=True, cancelled_by=actor.person
        )
        return release
    with transaction.atomic():
        # The ticket first, as a decision does: locks in one order can't wait for each other.
        withdraw("release", release.pk, actor=actor)
        RELEASE.move(
            release,
            FAILED,
            "release.cancelled",
            actor=actor,
            reason_code="cancelled",
            finished_at=timezone.now(),
        )
    return release


def _again(release: Release, actor: Actor, freeze_override: str) -> Release:
    """The same call once more answers the same release. One that was approved under a policy that
    waits for it is started now, where no freeze holds that is not overridden."""
    if release.status == PENDING_APPROVAL:
        join("release", release.pk, actor=actor)
    if release.status == APPROVED and release.start_after is None:
        with transaction.atomic():
            through = release.freeze_override and not freeze_override
            override = {} if through else pass_freezes(release, actor, freeze_override)
            waiting = Release.objects.filter(pk=release.pk, status=APPROVED, start_after=None)
            waiting.update(start_after=timezone.now(), **override)
            enqueue(run_release, release.pk)
    return selectors.releases().get(pk=release.pk)


def _differences(release: Release, sent: Mapping[str, Any]) -> list[str]:
    pinned = {
        "service_id": release.service_id,
        "target_id": release.target_id,
        "revision_id": release.revision_id,
        "strategy": release.strategy,
        "force_conflicts": release.force_conflicts,
    }
    different = [name for name, value in pinned.items() if name in sent and sent[name] != value]
    if "env" in sent and sent["env"] not in (release.environment.name, release.environment.tier):
        different.append("env")
    if "variables" in sent and dict(sent["variables"]) != given_to(release):
        different.append("variables")
    return different


def _require_same_target(release: Release) -> None:
    target = DeploymentTarget.objects.select_related("active_release").get(pk=release.target_id)
    if target.active_release_id:
        raise ReleaseLocked(release_id=target.active_release_id, since=target.active_since)
    if has_moved(release):
        raise PreviewMismatch(mismatch=["target_changed"])


def _require_rollback_possible(release: Release) -> None:
    state = canonical(release.status)
    if state != APPLIED and not (state == FAILED and release.started_at):
        raise InvalidTransition(
            "Only a release that ran can be rolled back.",
            **{"from": state, "to": "rollback"},
        )
