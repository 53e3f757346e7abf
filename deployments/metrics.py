"""How well releasing goes: the four key metrics, of what the caller may read.

A *change* is a release of kind `deploy`; rollbacks bring a service back, and are counted apart.
A release counts on the UTC day it ended, and a window is whole days, today among them.

- *Deployments*: changes that became applied, also if they were rolled back later.
- *Lead time*: from the making of a revision to the first time it was applied anywhere, of
  revisions whose first time is in the window. One that was made later than applied (rows taken
  over from elsewhere) says nothing.
- *Change failure rate*: failed changes of all changes that ran to an end. Failed are those that
  ran and failed, and those that were applied and rolled back later. What was rejected, expired or
  cancelled before it ran never counts; nor does a run that a person cancelled, nor one that ended
  before it touched anything because the target was not as previewed: neither tells of the change.
- *Time to restore*: how long a service was impaired on a target. It begins with the end of a failed
  release, or, of one that was applied and rolled back later, when that was applied; a failure
  during it is part of it. It ends with the next release applied there, a rollback as a rule.

Historical words count as the states they stand for; rows without a time of their end don't count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.core.models import User
from config.core.permissions import visible_to
from deployments.lifecycle import (
    APPLIED,
    APPLYING,
    APPROVED,
    PENDING_APPROVAL,
    PREVIEW,
    ROLLBACK,
    words_for,
)
from deployments.models import Kind, Release, ServiceRevision

HELD: Final = "held"  # applied, and not rolled back
UNDONE: Final = "undone"  # applied, and rolled back later
FAILED: Final = "failed"  # ran, and was never applied

_NOT_ENDED: Final = [
    word for state in (PREVIEW, PENDING_APPROVAL, APPROVED, APPLYING) for word in words_for(state)
]
_SAYS_NOTHING: Final = (
    Q(started_at=None)
    | Q(reason_code__in=("cancelled", "preview_mismatch"))
    | Q(status__in=("rejected", "cancelled"))
    | Q(legacy_status__in=("rejected", "cancelled"))
)
_OUTCOME: Final = Case(
    When(status__in=words_for(APPLIED), then=Value(HELD)),
    When(status__in=words_for(ROLLBACK), applied_at__isnull=False, then=Value(UNDONE)),
    default=Value(FAILED),
)


class _Told(TypedDict):
    outcome: str
    at: datetime


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Rows = QuerySet[WithAnnotations[Release, _Told]]


class Ended(NamedTuple):
    """A release that ran to an end."""

    service_id: int
    service: str
    target_id: int
    revision_id: int
    kind: str
    outcome: str
    at: datetime


@dataclass
class Tally:
    """What is counted of one service, or of all."""

    deployments: int = 0
    rollbacks: int = 0
    changes: int = 0
    failures: int = 0
    leads: list[float] = field(default_factory=list)
    impaired: list[float] = field(default_factory=list)

    def count(self, release: Ended) -> None:
        applied = release.outcome != FAILED
        if release.kind == Kind.ROLLBACK:
            self.rollbacks += applied
            return
        self.changes += 1
        self.deployments += applied
        self.failures += release.outcome != HELD

    def figures(self, days: int) -> dict[str, Any]:
        """Times in seconds; None where there is nothing to tell from."""
        return {
            "deployments": self.deployments,
            "deployments_per_day": self.deployments / days,
            "rollbacks": self.rollbacks,
            "changes": self.changes,
            "failures": self.failures,
            "change_failure_rate": self.failures / self.changes if self.changes else None,
            "lead_time_median_seconds": quantile(self.leads, 0.5),
            "lead_time_p90_seconds": quantile(self.leads, 0.9),
            "time_to_restore_median_seconds": median(self.impaired) if self.impaired else None,
        }


def summary(
    user: User, *, days: int, project: int | None = None, service: int | None = None
) -> dict[str, Any]:
    """{`window`, `totals`, `by_service`, `series`} of the last `days` days. Two queries, however
    many releases; a project or service that the caller can't see has none."""
    now = timezone.now()
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), UTC)
    seen = visible_to(Release.objects.order_by(), user, "release_read")
    if project is not None:
        seen = seen.filter(project_id=project)
    if service is not None:
        seen = seen.filter(service_id=service)
    rows = _ended(seen)
    found = _in_order(_between(rows, since, now))
    totals, tallies, names = Tally(), defaultdict[int, Tally](Tally), dict[int, str]()
    for release in found:
        names[release.service_id] = release.service
        for tally in (totals, tallies[release.service_id]):
            tally.count(release)
    for service_id, seconds in _leads(found, rows, since, now):
        for tally in (totals, tallies[service_id]):
            tally.leads.append(seconds)
    for service_id, seconds in impairments(found):
        for tally in (totals, tallies[service_id]):
            tally.impaired.append(seconds)
    return {
        "window": {"days": days, "since": since, "until": now},
        "totals": totals.figures(days),
        "by_service": [
            {"service": {"id": pk, "name": name}, **tallies[pk].figures(days)}
            for pk, name in sorted(names.items(), key=lambda item: (item[1], item[0]))
        ],
        "series": _series(found, first, days),
    }


def impairments(found: Iterable[Ended]) -> Iterable[tuple[int, float]]:
    """(service, seconds) of each time that a service was impaired and restored; `found`: in the
    order of their ends."""
    since: dict[tuple[int, int], datetime] = {}
    for release in found:
        place = release.service_id, release.target_id
        if release.outcome == FAILED:
            since.setdefault(place, release.at)
            continue
        if began := since.pop(place, None):
            yield release.service_id, (release.at - began).total_seconds()
        if release.outcome == UNDONE:
            since[place] = release.at


def quantile(values: list[float], share: float) -> float | None:
    """The value below which `share` of them lie, between two of them if need be."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _ended(rows: QuerySet[Release]) -> Rows:
    """Those that ran to an end, as `outcome`, `at`."""
    ended = rows.exclude(status__in=_NOT_ENDED).annotate(
        outcome=_OUTCOME, at=Coalesce("applied_at", "finished_at", output_field=DateTimeField())
    )
    return ended.exclude(_SAYS_NOTHING, outcome=FAILED)


def _between(rows: Rows, since: datetime, until: datetime) -> Rows:
    # What `at` says, in columns that have an index.
    recent = Q(finished_at__gte=since) | Q(finished_at=None, applied_at__gte=since)
    return rows.filter(recent, at__gte=since, at__lte=until)


def _in_order(rows: Rows) -> list[Ended]:
    columns = (
        *("service_id", "service__name", "target_id", "revision_id"),
        *("kind", "outcome", "at"),
    )
    return [Ended(*row) for row in rows.order_by("at", "pk").values_list(*columns)]


def _leads(
    found: list[Ended], rows: Rows, since: datetime, until: datetime
) -> Iterable[tuple[int, float]]:
    """(service, seconds) of each revision whose first deployment is in the window."""
    deploys = rows.filter(kind=Kind.DEPLOY).exclude(outcome=FAILED)
    recent = _between(deploys, since, until).values("revision_id")
    earlier = deploys.filter(revision_id=OuterRef("pk"), at__lt=since)
    # What was made in the window had no time before it: only for older ones is it looked up.
    new = ServiceRevision.objects.filter(
        Q(created_at__gte=since) | ~Exists(earlier), pk__in=recent
    ).order_by()
    made = dict(new.values_list("pk", "created_at"))
    for release in found:  # the first of each revision comes first
        if release.kind == Kind.DEPLOY and release.outcome != FAILED:
            began = made.pop(release.revision_id, None)
            if began and began <= release.at:
                yield release.service_id, (release.at - began).total_seconds()


def _series(found: list[Ended], first: date, days: int) -> list[dict[str, Any]]:
    deployed, failed = Counter[date](), Counter[date]()
    for release in found:
        if release.kind == Kind.DEPLOY:
            day = release.at.astimezone(UTC).date()
            deployed[day] += release.outcome != FAILED
            failed[day] += release.outcome != HELD
    every = (first + timedelta(days=number) for number in range(days))
    return [{"date": day, "deployments": deployed[day], "failures": failed[day]} for day in every]
