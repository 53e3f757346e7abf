"""What the inbox does to a release when its ticket is decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from config.core.jobs import enqueue
from config.core.timeline import Actor
from deployments import selectors
from deployments.lifecycle import APPROVED, FAILED, RELEASE
from deployments.models import Release
from deployments.tasks import run_release

_REFUSED = {
    "approval_rejected": "release.rejected",
    "approval_ticket_expired": "release.failed",
    "cancelled": "release.cancelled",
}


class ReleaseSubject:
    def approved(self, subject_id: int, *, actor: Actor, start_after: datetime | None) -> None:
        release = selectors.releases().get(pk=subject_id)
        detail = {"ticket": release.approval_ticket}
        RELEASE.move(
            release,
            APPROVED,
            "release.approved",
            actor=actor,
            detail=detail,
            start_after=start_after,
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

    def describe(self, subject_id: int) -> dict[str, Any]:
        release = selectors.releases().get(pk=subject_id)
        counts = release.diff["summary"]
        changes = ", ".join(f"{number} {verb}" for verb, number in counts.items() if number)
        return {
            "summary": f"{_title(release)}: {changes}",
            "risk": release.risk,
            "diff": release.diff,
            "warnings": release.warnings,
        }

    def link(self, subject_id: int, environment_id: int | None) -> str:
        return f"/api/v1/deploy/releases/{subject_id}"


def _title(release: Release) -> str:
    return f"{release.service} r{release.revision.number} on {release.target}"
