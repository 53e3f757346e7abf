"""What notifications say of releases."""

from __future__ import annotations

from typing import Final

from config.core.models import TimelineEvent
from config.notifications.subjects import Summary, said
from deployments import selectors
from deployments.models import Kind, Release

_TITLES: Final = {"release.applied": "Applied", "release.failed": "Failed"}


def release(event: TimelineEvent) -> Summary:
    row = selectors.releases().get(pk=event.resource_id)
    kind = "Rollback" if row.kind == Kind.ROLLBACK else "Release"
    what = f"{row.service} r{row.revision.number} on {row.target}"
    title = f"{kind} {_TITLES.get(event.action, event.status).lower()}: {what}"
    return Summary(
        title=title,
        lines=[
            f"Release: {row.pk}, {row.runtime_type}, target {row.target}",
            f"Requested by: {row.requested_by} ({row.source})",
            *_why(event, row),
        ],
        link=f"/releases/{row.pk}",
        risk=row.risk or None,
        counts=(row.diff or {}).get("summary", {}),
    )


def _why(event: TimelineEvent, row: Release) -> list[str]:
    """Of one that failed: the reason, and what its diagnostics say first; both are masked."""
    lines = []
    if code := event.detail.get("reason_code") or row.reason_code:
        lines.append(f"Reason: {code}")
    found = (row.diagnostics_json or {}).get("summary") or {}
    if event.action == "release.failed" and found.get("message"):
        lines.append(f"Diagnosis: {said(str(found['message']))}")
    if comment := said(str(event.detail.get("comment") or "")):
        lines.append(f"Comment: {comment}")
    return lines
