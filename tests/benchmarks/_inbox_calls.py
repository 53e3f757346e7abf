"""The calls, in turns on a small and a large inbox; prints the rows of the table as JSON."""

from __future__ import annotations

import copy
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from approvals import registry
from tests.approvals.recording_subject import RecordingSubject
from tests.benchmarks._inbox_rows import World, build
from tests.callers import Api

SMALL: Final = 10_000
LARGE: Final = 1_000_000
CALLS: Final = 16  # of each, in turns
SAMPLES: Final = 320  # of each kind: where there are few calls, each is made more often
INBOX: Final = "/approvals/inbox"
FLAT: Final = 1.2
PLAIN: Final = """
SELECT json_agg(page) FROM (
    SELECT item.*, asked.username AS requester, holder.username AS assignee
    FROM approval_inbox_items item
    JOIN core_user asked ON asked.id = item.requested_by_id
    LEFT JOIN core_user holder ON holder.id = item.assigned_to_id
    WHERE item.project_id = ANY(ARRAY(
        SELECT given.content_object_id FROM core_projectuserobjectpermission given
        JOIN auth_permission right_ ON right_.id = given.permission_id
        WHERE given.user_id = %s AND right_.codename = 'approval_read'))
    ORDER BY item.id DESC LIMIT 51
) AS page
"""
Query = dict[str, Any]


@dataclass
class Case:
    """One call. Both databases are asked for as many rows as the small one has, and no fewer than
    one, so that only what lies behind the page differs."""

    kind: str
    caller: str
    query: Query
    path: str = INBOX
    rows: int = 0
    queries: int = 0
    asked: dict[str, Query] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=lambda: {"small": [], "large": []})

    def __str__(self) -> str:
        said = " ".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path.removeprefix(INBOX)} {said}".strip()


def cases(world: World) -> Iterator[Case]:
    for caller in world.callers:
        for kind, queries in _queries(world).items():
            for query in queries:
                yield Case(kind, caller, query)
        # Small ones, so that whoever sees few tickets has two.
        yield Case("second pages", caller, {"cursor": "", "limit": 10})
        yield Case("counts", caller, {}, f"{INBOX}/summary")
    yield Case("one ticket", "admin", {}, f"{INBOX}/APR-005000")


def _queries(world: World) -> dict[str, list[Query]]:
    project, team, person = (world.first[name] + 60 for name in ("project", "team", "person"))
    return {
        "scopes": [{"scope": name} for name in ("all", "pending", "mine")],
        "one filter": [
            {"project": project},
            {"team": team},
            {"environment": world.first["environment"] + 182},
            {"risk": "critical"},
            {"priority": "P0"},
            {"status": "cancelled"},
            {"subject_type": "environment_install"},
            {"action": "rollback"},
            {"action": "vip"},  # nobody asked for that
            {"source": "ai"},
            {"assigned_to": person},
            {"requested_by": person},
            {"break_glass": "true"},
        ],
        "more filters": [
            {"risk": "critical", "status": "rejected"},
            {"scope": "pending", "priority": "P0", "source": "ai"},
            {"project": project, "risk": "critical", "action": "rollback"},
            {"requested_by": person, "status": "expired"},
            {"q": "release", "scope": "pending"},
        ],
        "search: rare, frequent, names, numbers": [
            {"q": "aardvark"},
            {"q": "nobody wrote this"},
            {"q": "zq"},
            {"q": "release"},
            {"q": "person-60"},
            {"q": "APR-000123"},
        ],
        "search: in one of 500 titles": [{"q": "service-77"}],
    }


class Databases:
    """Two with the same people, projects and sessions; requests go to the small one."""

    def __init__(self) -> None:
        self.small = connections["default"]
        name = self.small.settings_dict["NAME"]
        self.small.close()
        with self.small._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE large TEMPLATE {name}")
        settings = copy.deepcopy(self.small.settings_dict) | {"NAME": "large"}
        self.large = type(self.small)(settings, "default")

    @contextmanager
    def use(self, name: str) -> Iterator[None]:
        connections["default"] = getattr(self, name)
        try:
            yield
        finally:
            connections["default"] = self.small


def prepare(found: list[Case], databases: Databases, apis: dict[str, Api]) -> None:
    """What is asked for, of both databases; how many queries a call takes."""
    for case in found:
        api = apis[case.caller]
        if case.path == INBOX:
            case.rows = len(api.get(INBOX, **_followed(api, case.query)).results)
            case.query = case.query | {"limit": max(1, case.rows)}
        for name in case.took:
            with databases.use(name):
                case.asked[name] = _followed(api, case.query)
                with CaptureQueriesContext(connection) as captured:
                    api.get(case.path, **case.asked[name]).ok()
                case.queries = max(case.queries, len(captured))


def _followed(api: Api, query: Query) -> Query:
    """The query itself; of a second page, with the cursor that leads there."""
    if "cursor" not in query:
        return query
    first = {name: value for name, value in query.items() if name != "cursor"}
    following = api.get(INBOX, **first).ok()["next"]
    return dict(parse_qsl(urlsplit(following).query)) if following else first


def measure(found: list[Case], databases: Databases, apis: dict[str, Api]) -> None:
    alike = Counter(case.kind for case in found)
    for _ in range(CALLS):
        for case in found:
            for _ in range(max(1, SAMPLES // CALLS // alike[case.kind])):
                _measure_once(case, databases, apis)


def _measure_once(case: Case, databases: Databases, apis: dict[str, Api]) -> None:
    for name, times in case.took.items():
        with databases.use(name):
            times.append(_timed(lambda: _ask(case, name, apis)))  # noqa: B023 - at once


def _ask(case: Case, name: str, apis: dict[str, Api]) -> None:
    apis[case.caller].get(case.path, **case.asked[name]).ok()


def against_plain_sql(world: World, databases: Databases, api: Api) -> dict[str, Any]:
    """What the newest page of thirty projects asks of the database, and one statement for it."""
    user = world.callers["thirty projects"]
    asked, plain = [], []
    with databases.use("large"):
        for _ in range(CALLS):
            spent = 0.0

            def stopwatch(execute: Callable[..., Any], *args: Any) -> Any:
                nonlocal spent
                began = time.perf_counter()
                try:
                    return execute(*args)
                finally:
                    spent += time.perf_counter() - began

            with connection.execute_wrapper(stopwatch):
                api.get(INBOX).ok()
            asked.append(spent)
            plain.append(_timed(lambda: _fetched(user.pk)))
    work = "inbox, in the database, a page of a million"
    ours, peer = statistics.median(asked), statistics.median(plain)
    return {"work": work, "ours": ours, "peer": peer, "goal": 5.0}


def _fetched(user: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [user])
        cursor.fetchall()


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def rows_of(found: list[Case]) -> Iterator[dict[str, Any]]:
    for kind in dict.fromkeys(case.kind for case in found):
        alike = [case for case in found if case.kind == kind]
        ours, peer = (
            p95([took for case in alike for took in case.took[name]]) for name in ("large", "small")
        )
        yield {"work": f"inbox, {kind}: p95", "ours": ours, "peer": peer, "goal": FLAT}
    most = max(case.queries for case in found)
    yield {"work": "inbox, most queries", "ours": most, "peer": 10, "goal": 1.0, "unit": ""}


def tell(found: list[Case]) -> None:
    """Each call, the slowest first."""
    log(f"{'caller':16} {'call':52} rows queries  median ms       p95 ms      ratios")
    for case in sorted(found, key=lambda case: -statistics.median(case.took["large"])):
        small, large = (
            (statistics.median(case.took[name]) * 1e3, p95(case.took[name]) * 1e3)
            for name in ("small", "large")
        )
        log(
            f"{case.caller:16} {case!s:52.52} {case.rows:4} {case.queries:7} "
            f"{small[0]:6.1f} {large[0]:6.1f} {small[1]:6.1f} {large[1]:6.1f}  "
            f"{large[0] / small[0]:.2f} {large[1] / small[1]:.2f}"
        )


def log(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    call_command("migrate", verbosity=0)
    for subject_type in ("release", "environment_install"):
        registry.register(subject_type, RecordingSubject())
    world = build()
    world.grow(SMALL)
    apis = {name: Api(user) for name, user in world.callers.items()}
    databases = Databases()
    with databases.use("large"):
        log(f"{LARGE:,} tickets made in {_timed(lambda: world.grow(LARGE)):.0f} s")
    found = list(cases(world))
    prepare(found, databases, apis)
    measure(found, databases, apis)
    tell(found)
    log(f"load {os.getloadavg()}")
    plain = against_plain_sql(world, databases, apis["thirty projects"])
    json.dump([*rows_of(found), plain], sys.stdout)
