"""Which freeze holds, until when, and when none does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError

from approvals.freezing import active, ends_at, next_free
from approvals.models import FreezeWindow
from approvals.weekly import DAYS
from config.core.models import Project
from tests.factories.approvals import FreezeFactory
from tests.factories.core import ProjectFactory

pytestmark = pytest.mark.django_db

WEEKEND = [
    {"days": ["fri"], "start": "18:00", "end": "00:00", "time_zone": "Europe/Berlin"},
    {"days": ["sat", "sun"], "start": "00:00", "end": "00:00", "time_zone": "Europe/Berlin"},
    {"days": ["mon"], "start": "00:00", "end": "08:00", "time_zone": "Europe/Berlin"},
]
MONDAY = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)  # 08:00 in Berlin, which is an hour ahead anew
SATURDAY = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def once(first: datetime, last: datetime, **fields: Any) -> FreezeWindow:
    return FreezeFactory.make(starts_at=first, ends_at=last, **fields)


def all_week(start: str, end: str) -> list[dict[str, Any]]:
    return [{"days": list(DAYS), "start": start, "end": end, "time_zone": "UTC"}]


def test_once_from_its_start_until_its_end(project: Project) -> None:
    freeze = once(day(10), day(12))
    assert active(project.pk, "production", day(9, 23)) is None
    assert active(project.pk, "production", day(10)) == freeze
    assert active(project.pk, "production", day(11, 23)) == freeze
    assert active(project.pk, "production", day(12)) is None
    assert ends_at(freeze, day(10)) == day(12)


def test_weekly_from_friday_evening_until_monday_morning(project: Project) -> None:
    freeze = FreezeFactory.make(weekly=WEEKEND, project=project)
    assert active(project.pk, "production", SATURDAY) == freeze
    assert ends_at(freeze, SATURDAY) == next_free(project.pk, "production", SATURDAY) == MONDAY
    assert active(project.pk, "production", MONDAY) is None
    assert next_free(project.pk, "production", MONDAY) == MONDAY


def test_of_all_projects_or_of_this_one_in_this_tier_and_enabled(project: Project) -> None:
    other = ProjectFactory.make()
    once(day(10), day(12), project=other)
    once(day(10), day(12), tier="staging")
    once(day(10), day(12), enabled=False)
    assert active(project.pk, "production", day(11)) is None
    assert next_free(project.pk, "production", day(11)) == day(11)
    everyones = once(day(10), day(12))
    assert active(project.pk, "production", day(11)) == everyones
    own = once(day(10), day(13), project=project)
    assert active(project.pk, "production", day(11)) == own
    assert active(other.pk, "production", day(11)) != own


def test_of_several_the_one_that_ends_last(project: Project) -> None:
    long = once(day(10), day(20))
    once(day(11), day(12))
    weekend = FreezeFactory.make(weekly=WEEKEND)
    assert active(project.pk, "production", day(11, 1)) == long
    once(SATURDAY, day(29))
    assert active(project.pk, "production", SATURDAY) == weekend
    without_end = FreezeFactory.make(weekly=all_week("00:00", "00:00"))
    assert active(project.pk, "production", SATURDAY) == without_end


def test_the_next_free_moment_is_after_all_that_run_into_each_other(project: Project) -> None:
    once(day(26), day(27, 17))  # 18:00 in Berlin: the weekend begins
    FreezeFactory.make(weekly=WEEKEND)
    once(MONDAY, day(30, 12))
    once(day(30, 11), day(31))
    once(day(31, 1), day(31, 2))
    assert next_free(project.pk, "production", day(26)) == day(31)
    assert next_free(project.pk, "production", day(31, 1)) == day(31, 2)


def test_what_never_lets_go_has_no_end(project: Project) -> None:
    freeze = FreezeFactory.make(weekly=all_week("00:00", "00:00"))
    assert ends_at(freeze, day(10)) is None
    assert next_free(project.pk, "production", day(10)) is None


def test_two_that_take_turns_never_let_go(project: Project) -> None:
    nights = FreezeFactory.make(weekly=all_week("18:00", "06:00"))
    FreezeFactory.make(weekly=all_week("06:00", "18:00"), project=project)
    assert ends_at(nights, day(10)) == day(10, 6)
    assert next_free(project.pk, "production", day(10)) is None
    assert next_free(ProjectFactory.make().pk, "production", day(10)) == day(10, 6)


def test_until_the_end_of_time(project: Project) -> None:
    forever = once(day(10), datetime.max.replace(tzinfo=UTC))
    FreezeFactory.make(weekly=WEEKEND)
    assert active(project.pk, "production", day(11)) == forever
    assert next_free(project.pk, "production", day(11)) is None


def test_where_it_does_not_hold_it_has_no_end() -> None:
    for freeze in (once(day(10), day(12)), FreezeFactory.make(weekly=WEEKEND)):
        with pytest.raises(ValueError, match="does not hold"):
            ends_at(freeze, MONDAY)


@pytest.mark.parametrize(
    ("first", "last"), [(day(2), day(1)), (day(1), day(1)), (day(1), None), (None, day(1))]
)
def test_the_database_keeps_no_freeze_that_ends_before_it_starts(
    first: datetime | None, last: datetime | None
) -> None:
    with pytest.raises(IntegrityError):
        FreezeFactory.make(starts_at=first, ends_at=last)
