"""Hours of the week on the wall clock of a time zone. Pure: no Django, no clock of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS: Final = frozenset({"days", "start", "end", "time_zone"})
TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MOST: Final = 50
# What goes on for this long is taken to go on for ever: each week is like the other, but for the
# hour that a change of the clocks takes or gives.
HORIZON: Final = timedelta(weeks=3)
FOREVER: Final = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Hours:
    """From `start` of each of `days` (0 = Monday) until the clock next shows `end`.

    Where the clocks change, nothing that the clock shows is left out: a time that is skipped is the
    moment at which it is skipped; of one that comes twice, the first starts and the second ends.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo

    def around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """[from, until) in UTC, for every day whose hours can hold `at`."""
        today = at.astimezone(self.zone).date()
        # A day more on either side: clocks have gone back over midnight.
        for offset in range(-2, 2):
            day = today + timedelta(days=offset)
            if day.weekday() in self.days:
                last = day + timedelta(days=int(self.end <= self.start))
                begin, over = _shown(day, self.start, self.zone), _shown(last, self.end, self.zone)
                yield begin[0], over[1]


def _shown(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last moment at which the clock shows that time; see PEP 495 for `fold`."""
    wall = datetime.combine(day, at)
    folds = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    first, last = sorted(folds)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first, last
    # The clock never shows it. Somewhere between the two it skips it.
    seconds = range(int(first.timestamp()), int(last.timestamp()))

    def shown(second: int) -> datetime:
        return datetime.fromtimestamp(second, zone).replace(tzinfo=None)

    skipped = datetime.fromtimestamp(seconds[0] + bisect_left(seconds, wall, key=shown), UTC)
    return skipped, skipped


def until(hours: Iterable[Hours], at: datetime) -> datetime | None:
    """When the stretch of `hours` that holds `at` is over, where one runs into the next; None
    outside of them. FOREVER: not within `HORIZON`."""
    hours, end = list(hours), at
    while later := max(
        (over for each in hours for begin, over in each.around(end) if begin <= end < over),
        default=None,
    ):
        end = later
        if end - at > HORIZON:
            return FOREVER
    return end if end > at else None


def parse(windows: Any) -> list[Hours]:
    """Of JSON `[{days: ["mon", …], start: "18:00", end: "08:00", time_zone: "Europe/Berlin"}]`.

    An `end` that is not after `start` is the next day's. Raises ValueError, with the window's
    number, for anything else.
    """
    if not isinstance(windows, list):
        raise ValueError("This is a list of windows.")
    if len(windows) > MOST:
        raise ValueError(f"There are at most {MOST} windows.")
    return [_parsed(window, f"Window {number}") for number, window in enumerate(windows, start=1)]


def _parsed(window: Any, name: str) -> Hours:
    if not isinstance(window, dict) or set(window) != FIELDS:
        raise ValueError(f"{name}: it has {', '.join(sorted(FIELDS))}, and nothing else.")
    days, zone = window["days"], window["time_zone"]
    if not isinstance(days, list) or not days or any(day not in DAYS for day in days):
        raise ValueError(f"{name}: days are one or more of {', '.join(DAYS)}.")
    if not isinstance(zone, str) or zone not in _zones():
        raise ValueError(f"{name}: there is no such time zone; take a name like Europe/Berlin.")
    return Hours(
        days=frozenset(DAYS.index(day) for day in days),
        start=_time(window["start"], name),
        end=_time(window["end"], name),
        zone=ZoneInfo(zone),
    )


def _time(text: Any, name: str) -> time:
    if not isinstance(text, str) or not re.fullmatch(TIME, text):
        raise ValueError(f"{name}: times are HH:MM, from 00:00 to 23:59.")
    return time.fromisoformat(text)


@cache
def _zones() -> set[str]:
    """Without those that mean something else on every machine. Reads many files: once."""
    return available_timezones() - {"localtime", "Factory"}
