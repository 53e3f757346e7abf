"""When changes are frozen: reads of the freezes, for any moment, past or to come."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from approvals import weekly
from approvals.models import FreezeWindow


def active(project_id: int, tier: str, at: datetime) -> FreezeWindow | None:
    """The freeze of the project, or of all, that holds at that moment; of several, the one ending
    last."""
    held = [(end, window) for window in _ahead(project_id, tier, at) if (end := _end(window, at))]
    return max(held, key=lambda pair: pair[0])[1] if held else None


def ends_at(window: FreezeWindow, at: datetime) -> datetime | None:
    """When a freeze that holds at that moment lets go, if nobody changes it, whether it is enabled
    or not; weekly windows that touch are one. None: weekly windows without a gap for three weeks.

    Raises ValueError for a freeze that doesn't hold at that moment.
    """
    end = _end(window, at)
    if end is None:
        raise ValueError("this freeze does not hold at that moment")
    return None if end == weekly.FOREVER else end


def next_free(project_id: int, tier: str, at: datetime) -> datetime | None:
    """The first moment from then on at which no freeze holds: `at` itself, where none does now.
    None, where there is none to be seen, as in `ends_at`."""
    windows = list(_ahead(project_id, tier, at))
    # All hours of the week as one: two freezes that take turns may never let go.
    hours = [each for window in windows for each in window.hours]
    free = at
    while ends := [
        end for window in windows if not window.weekly and (end := _end(window, free))
    ] + [end for end in [weekly.until(hours, free)] if end]:
        free = max(ends)
        if free >= weekly.FOREVER:
            return None
    return free


def _ahead(project_id: int, tier: str, at: datetime) -> QuerySet[FreezeWindow]:
    """Those in force then or later, oldest first."""
    return FreezeWindow.objects.filter(
        Q(project_id=project_id) | Q(project__isnull=True),
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        tier=tier,
        enabled=True,
    ).order_by("pk")


def _end(window: FreezeWindow, at: datetime) -> datetime | None:
    if window.starts_at is None or window.ends_at is None:
        return weekly.until(window.hours, at)
    return window.ends_at if window.starts_at <= at < window.ends_at else None
