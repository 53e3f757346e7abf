"""Weekly windows are what the clock on the wall says, through every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from approvals.weekly import DAYS, FOREVER, MOST, Hours, parse, until


def window(days: str, start: str, end: str, zone: str = "Europe/Berlin") -> dict[str, Any]:
    return {"days": days.split(), "start": start, "end": end, "time_zone": zone}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def stretch(hours: list[Hours], inside: str) -> tuple[datetime, datetime]:
    """[first, last) minute around a moment; every minute of it says the same end."""
    first = moment(inside)
    end = until(hours, first)
    assert end is not None
    while until(hours, first - timedelta(minutes=1)) == end:
        first -= timedelta(minutes=1)
    assert until(hours, first - timedelta(minutes=1)) is None
    assert until(hours, end - timedelta(microseconds=1)) == end
    assert until(hours, end) is None
    return first, end


@pytest.mark.parametrize(
    ("zone", "days", "start", "end", "inside", "expected"),
    [
        # Clocks go forward: a night over the change is an hour shorter.
        (
            *("Europe/Berlin", "sat", "18:00", "08:00", "2026-03-29T00:00Z"),
            ("2026-03-28T18:00+01:00", "2026-03-29T08:00+02:00"),
        ),
        (
            *("America/New_York", "sat", "18:00", "08:00", "2026-03-08T06:00Z"),
            ("2026-03-07T18:00-05:00", "2026-03-08T08:00-04:00"),
        ),
        # Clocks go back: an hour longer.
        (
            *("Europe/Berlin", "sat", "18:00", "08:00", "2026-10-25T01:30Z"),
            ("2026-10-24T18:00+02:00", "2026-10-25T08:00+01:00"),
        ),
        (
            *("America/New_York", "sat", "18:00", "08:00", "2026-11-01T06:30Z"),
            ("2026-10-31T18:00-04:00", "2026-11-01T08:00-05:00"),
        ),
        # 02:30 doesn't exist: the clock goes from 01:59 to 03:00.
        (
            *("Europe/Berlin", "sun", "02:30", "05:00", "2026-03-29T02:00Z"),
            ("2026-03-29T03:00+02:00", "2026-03-29T05:00+02:00"),
        ),
        (
            *("Europe/Berlin", "sun", "01:00", "02:30", "2026-03-29T00:30Z"),
            ("2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"),
        ),
        (
            *("America/New_York", "sun", "02:30", "05:00", "2026-03-08T08:00Z"),
            ("2026-03-08T03:00-04:00", "2026-03-08T05:00-04:00"),
        ),
        # 02:30, in New York 01:30, comes twice: from the first, until the second.
        (
            *("Europe/Berlin", "sun", "02:30", "05:00", "2026-10-25T01:00Z"),
            ("2026-10-25T02:30+02:00", "2026-10-25T05:00+01:00"),
        ),
        (
            *("Europe/Berlin", "sun", "01:00", "02:30", "2026-10-25T01:00Z"),
            ("2026-10-25T01:00+02:00", "2026-10-25T02:30+01:00"),
        ),
        (
            *("America/New_York", "sun", "01:30", "03:00", "2026-11-01T06:00Z"),
            ("2026-11-01T01:30-04:00", "2026-11-01T03:00-05:00"),
        ),
        (
            *("America/New_York", "sun", "00:30", "01:30", "2026-11-01T06:00Z"),
            ("2026-11-01T00:30-04:00", "2026-11-01T01:30-05:00"),
        ),
        # A whole day: an end that is not after the start is the next day's.
        (
            *("Europe/Berlin", "sun", "00:00", "00:00", "2026-10-25T12:00Z"),
            ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ),
        # A date that was skipped: Apia went from Thursday to Saturday.
        (
            *("Pacific/Apia", "thu", "18:00", "08:00", "2011-12-30T09:00Z"),
            ("2011-12-29T18:00-10:00", "2011-12-31T00:00+14:00"),
        ),
    ],
)
def test_a_window_over_a_change_of_the_clocks(
    zone: str, days: str, start: str, end: str, inside: str, expected: tuple[str, str]
) -> None:
    hours = parse([window(days, start, end, zone)])
    assert stretch(hours, inside) == tuple(moment(text) for text in expected)


def test_hours_that_the_clock_skips_don_t_come() -> None:
    hours = parse([window("sun", "02:15", "02:45")])
    change = moment("2026-03-29T01:00Z")
    minutes = [change + timedelta(minutes=number) for number in range(-60, 60)]
    assert [until(hours, minute) for minute in minutes] == [None] * 120
    assert until(hours, moment("2026-03-22T02:30+01:00")) == moment("2026-03-22T02:45+01:00")


def test_windows_that_touch_are_one_stretch() -> None:
    weekend = [window("fri", "18:00", "00:00"), window("sat sun", "00:00", "00:00")]
    hours = parse([*weekend, window("mon", "00:00", "08:00")])
    assert stretch(hours, "2026-03-28T12:00Z") == (
        moment("2026-03-27T18:00+01:00"),
        moment("2026-03-30T08:00+02:00"),
    )


@pytest.mark.parametrize(
    "windows",
    [
        [window(" ".join(DAYS), "00:00", "00:00")],
        [
            window(" ".join(DAYS), "00:00", "12:00"),
            window(" ".join(DAYS), "12:00", "00:00", "UTC"),
            window(" ".join(DAYS), "11:00", "14:00"),
        ],
    ],
)
def test_hours_without_a_gap_have_no_end(windows: list[dict[str, Any]]) -> None:
    assert until(parse(windows), moment("2026-07-01T12:00Z")) == FOREVER


def test_no_windows_are_never() -> None:
    assert until([], moment("2026-07-01T12:00Z")) is None


ZONES = (
    *("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"),
    "Australia/Lord_Howe",  # half an hour
    "America/Sao_Paulo",  # went back from 00:00 to the day before
    "America/Havana",  # goes forward at 00:00: some days have none
    "Pacific/Apia",  # skipped a date
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
HOURS = st.builds(
    Hours,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=TIMES,
    end=TIMES,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
YEARS = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """Any hours, and a moment no further than a day and a half from a change of its clocks."""
    hours, day = draw(HOURS), draw(YEARS)

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(hours.zone).utcoffset()

    for _ in range(400):
        if offset(day) != offset(day + timedelta(days=1)):
            break
        day += timedelta(days=1)
    return hours, day + timedelta(minutes=draw(st.integers(-1440, 2880)))


def shows(hours: Hours, at: datetime) -> bool:
    """The same without instants: what somebody would say who looks at the clock."""
    wall = at.astimezone(hours.zone)
    today = wall.weekday() in hours.days
    yesterday = (wall - timedelta(days=1)).weekday() in hours.days
    if hours.start < hours.end:
        return today and hours.start <= wall.time() < hours.end
    return (today and wall.time() >= hours.start) or (yesterday and wall.time() < hours.end)


@given(near_changes())
def test_it_is_what_the_clock_says_at_any_moment(found: tuple[Hours, datetime]) -> None:
    hours, at = found
    wall = at.astimezone(hours.zone)
    # Of a time that comes twice, the clock alone doesn't say which it is.
    assume(wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset())
    assert (until([hours], at) is not None) == shows(hours, at)


# At most of these moments nothing holds, and so there is no end to look at.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(near_changes())
def test_an_end_is_where_nothing_holds_and_just_before_something_does(
    found: tuple[Hours, datetime],
) -> None:
    hours, at = found
    end = until([hours], at)
    assume(end not in (None, FOREVER))
    assert end is not None
    assert end > at
    assert until([hours], end) is None
    assert until([hours], end - timedelta(microseconds=1)) == end


GOOD = window("mon", "18:00", "08:00")


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ({}, "a list"),
        ("mon", "a list"),
        (["mon"], "Window 1: it has days, end, start, time_zone"),
        ([GOOD, {**GOOD, "until": "x"}], "Window 2: it has"),
        ([{name: GOOD[name] for name in ("days", "start", "end")}], "Window 1: it has"),
        ([{**GOOD, "days": []}], "days are one or more"),
        ([{**GOOD, "days": "mon"}], "days are one or more"),
        ([{**GOOD, "days": ["monday"]}], "days are one or more"),
        ([{**GOOD, "days": [["mon"]]}], "days are one or more"),
        ([{**GOOD, "start": "24:00"}], "HH:MM"),
        ([{**GOOD, "start": "9:00"}], "HH:MM"),
        ([{**GOOD, "end": "09:60"}], "HH:MM"),
        ([{**GOOD, "end": "09:00:00"}], "HH:MM"),
        ([{**GOOD, "end": "09:00\n"}], "HH:MM"),
        ([{**GOOD, "end": "٠٩:00"}], "HH:MM"),
        ([{**GOOD, "end": 900}], "HH:MM"),
        ([{**GOOD, "time_zone": "Europe"}], "no such time zone"),
        ([{**GOOD, "time_zone": "../../etc/passwd"}], "no such time zone"),
        ([{**GOOD, "time_zone": "localtime"}], "no such time zone"),
        ([{**GOOD, "time_zone": "CET+1"}], "no such time zone"),
        ([{**GOOD, "time_zone": None}], "no such time zone"),
        ([GOOD] * (MOST + 1), "at most"),
    ],
)
def test_anything_else_is_refused(windows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(windows)
    assert len(parse([GOOD] * MOST)) == MOST
