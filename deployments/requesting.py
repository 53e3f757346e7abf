"""Sends a preview on its way: to the inbox, or, where no policy asks anybody, approved."""

from __future__ import annotations

from django.utils import timezone

from approvals import freezes
from approvals.asking import ApprovalRequest, ask
from config.core import timeline
from config.core.timeline import Actor
from deployments.lifecycle import APPROVED, PENDING_APPROVAL, RELEASE
from deployments.models import Kind, Release
from deployments.policy import require_still_allowed


def request(release: Release, actor: Actor, *, freeze_override: str = "") -> bool:
    """True when it is approved at once, and may be run. In the caller's transaction.

    A freeze stops deployments, not the way back. Raises `invalid_transition` when somebody else
    sent it, `manifest_invalid` for what policy forbids by now, `freeze_active`, and
    `permission_denied` to who may not override one.
    """
    override = pass_freezes(release, actor, freeze_override)
    require_still_allowed(release)
    sent = {"requested_by": actor.person, "source": actor.source} | override
    Release.objects.filter(pk=release.pk).update(**sent)
    for name, value in sent.items():
        setattr(release, name, value)
    if release.kind == Kind.ROLLBACK and release.rollback_of:
        told = {"by_release": release.pk, "reason": release.reason}
        timeline.record("release.rollback_requested", release.rollback_of, actor=actor, detail=told)
    item = ask(_approval_request(release), actor=actor)
    if item is None:
        RELEASE.move(
            release,
            APPROVED,
            "release.approved",
            actor=actor,
            detail={"auto": True} | override,
            start_after=timezone.now(),
        )
        return True
    RELEASE.move(
        release,
        PENDING_APPROVAL,
        "release.pending_approval",
        actor=actor,
        detail={"ticket": item.ticket} | override,
        approval_ticket=item.ticket,
    )
    return False


def pass_freezes(release: Release, actor: Actor, reason: str) -> dict[str, str]:
    """The release's `freeze_override`, where a freeze was overridden just now. Raises
    `freeze_active`, and `permission_denied` to who may not override one."""
    if release.kind == Kind.ROLLBACK:
        return {}
    tier = release.environment.tier
    freeze = freezes.require_open(release.project, tier, actor=actor, override_reason=reason)
    return {"freeze_override": reason} if freeze else {}


def _approval_request(release: Release) -> ApprovalRequest:
    number, where = f"r{release.revision.number}", f"on {release.target}"
    if release.kind == Kind.ROLLBACK:
        title = f"Roll back {release.service} to {number} {where}"
    else:
        title = f"Release {release.service} {number} {where}"
    return ApprovalRequest(
        subject_type="release",
        subject_id=release.pk,
        action="rollback" if release.kind == Kind.ROLLBACK else "apply",
        title=title,
        project=release.project,
        tier=release.environment.tier,
        risk=release.risk,
        content_hash=release.context_hash,
        correlation_id=release.correlation_id,
        environment_id=release.environment_id,
        target_id=release.target_id,
        freeze_override=release.freeze_override,
        involved=[release.previewed_by],
        authors=[release.revision.created_by],
    )
