"""Releases that are approved, and wait: for their moment, a freeze's end, or their target."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from approvals import waiting
from config.core.leases import unheld
from config.core.timeline import SYSTEM
from deployments.lifecycle import APPROVED, FAILED, RELEASE
from deployments.models import Release


def next_after(release_id: int) -> int | None:
    """Whose turn on its target it is, now that this one is over; rollbacks come first. What is not
    found here, since a worker looks at it just now, the reconciler finds."""
    target = Release.objects.values("target").filter(pk=release_id)
    due = _waiting().filter(target__in=target, start_after__lte=timezone.now())
    first = due.order_by("-kind", "start_after", "pk")  # by the alphabet, "rollback" comes last
    return first.values_list("pk", flat=True).first()


def cancel_changed() -> None:
    """Cancels those that are no longer what was previewed and approved, instead of when their
    moment comes. Once each, however many do this at once. The older system's rows are left alone:
    they kept nothing to compare with."""
    ours = _waiting().exclude(content="")
    waiting.cancel_changed("release", ours, "context_hash", _cancel)


def _waiting() -> QuerySet[Release]:
    return Release.objects.filter(unheld(), status=APPROVED)


def _cancel(release: Release, detail: dict[str, Any]) -> None:
    RELEASE.move(
        release,
        FAILED,
        "release.cancelled",
        actor=SYSTEM,
        detail=detail,
        reason_code=detail["reason_code"],
        finished_at=timezone.now(),
    )
