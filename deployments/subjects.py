"""What the inbox does to a release when its ticket is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from approvals.registry import Approval
from config.core.jobs import enqueue
from config.core.risk import RiskLevel
from config.core.timeline import Actor
from deployments import pinning, selectors
from deployments.lifecycle import APPROVED, FAILED, RELEASE
from deployments.models import Release
from deployments.policy import require_still_allowed
from deployments.tasks import run_release

_REFUSED = {
    "approval_rejected": "release.rejected",
    "approval_ticket_expired": "release.failed",
    "cancelled": "release.cancelled",
    "preview_mismatch": "release.cancelled",
}


class ReleaseSubject:
    def approved(self, subject_id: int, approval: Approval) -> None:
        release = selectors.releases().get(pk=subject_id)
        require_still_allowed(release)
        override = release.freeze_override or approval.freeze_override
        RELEASE.move(
            release,
            APPROVED,
            "release.approved",
            actor=approval.actor,
            detail={"ticket": release.approval_ticket} | _told(approval),
            start_after=approval.start_after,
            freeze_override=override,
        )
        enqueue(run_release, release.pk)

    def refused(self, subject_id: int, *, actor: Actor, reason_code: str, comment: str) -> None:
        release = selectors.releases().get(pk=subject_id)
        RELEASE.move(
            release,
            FAILED,
            _REFUSED[reason_code],
            actor=actor,
            detail={"reason_code": reason_code, "comment": comment},
            reason_code=reason_code,
            finished_at=timezone.now(),
        )

    def changed(self, content: Mapping[int, str]) -> dict[int, list[str]]:
        return pinning.changed(content)

    def is_intact(self, subject_id: int) -> bool:
        return pinning.is_intact(selectors.releases().get(pk=subject_id))

    def describe(self, subject_id: int) -> dict[str, Any]:
        """A release of the older system may lack any of it."""
        release = selectors.releases().get(pk=subject_id)
        diff = release.diff or {}
        changes = "what it changes was not kept"
        if counts := diff.get("summary"):
            told = [f"{number} {verb}" for verb, number in counts.items() if number]
            changes = ", ".join(told) or "no changes"
        return {
            "summary": f"{_title(release)}: {changes}",
            "risk": {"level": RiskLevel.LOW.value, "reasons": []} | (release.risk or {}),
            "diff": diff,
            "warnings": release.warnings or [],
        }

    def link(self, subject_id: int, environment_id: int | None) -> str:
        return f"/api/v1/deploy/releases/{subject_id}"


def _told(approval: Approval) -> dict[str, bool]:
    return {"broke_glass": True} if approval.broke_glass else {}


def _title(release: Release) -> str:
    return f"{release.service} r{release.revision.number} on {release.target}"
