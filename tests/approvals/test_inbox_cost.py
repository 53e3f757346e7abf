"""What a page of the inbox costs: queries, and rows that the database looks at."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals import words
from approvals.models import ApprovalInboxItem
from config.core.models import Project, User
from tests.approvals.test_inbox import ApiOf
from tests.callers import Api
from tests.factories.approvals import ticket
from tests.factories.core import AdminFactory, ProjectFactory, UserFactory, grant, member
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
TABLE = ApprovalInboxItem._meta.db_table
ROWS, PROJECTS, PENDING = 8_000, 40, 80
QUERIES: list[dict[str, Any]] = [
    {},
    {"scope": "pending"},
    {"scope": "mine"},
    {"project": 1},
    {"team": 1},
    {"environment": 1},
    {"risk": "critical"},
    {"priority": "P0"},
    {"status": "rejected"},
    {"subject_type": "subject"},
    {"action": "vip"},
    {"source": "ai"},
    {"assigned_to": 1},
    {"requested_by": 1},
    {"break_glass": "true"},
    {"q": "restart"},
    {"q": "APR-000001"},
    {"scope": "mine", "q": "part", "priority": "P2"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_at_most_ten_queries(api: ApiOf, query: dict[str, Any]) -> None:
    project = ProjectFactory.make()
    caller = api(member(project, "approver"))
    for _ in range(2):
        ticket(project, title="Restart part 7")
    few = queries_of(caller, **query)  # the first of all asks for content types, too
    for _ in range(12):
        ticket(project, title="Restart part 7")
    assert len(queries_of(caller, **query)) <= len(few) <= 10


@pytest.mark.parametrize("path", ["summary", ""])
def test_at_most_ten_queries_for_one(api: ApiOf, path: str) -> None:
    project = ProjectFactory.make()
    path = path or ticket(project).ticket
    assert len(queries_of(api(member(project, "approver")), f"/{path}")) <= 10


@pytest.fixture
def many(postgresql: None) -> list[Project]:  # noqa: ARG001 - skips elsewhere
    """Projects with thousands of tickets, of which few are pending."""
    dice = random.Random(1)  # noqa: S311 - any spread does
    projects = [ProjectFactory.make() for _ in range(PROJECTS)]
    environments = [EnvironmentFactory.make(project=project) for project in projects]
    people = [UserFactory.make() for _ in range(40)]
    now = timezone.now()
    ApprovalInboxItem.objects.bulk_create(
        ApprovalInboxItem(
            subject_type="subject",
            subject_id=n,
            action="apply",
            title=f"Release part-{n % 90} {'quokka' if n == 4_000 else ''}",
            project=projects[n % PROJECTS],
            environment_id=environments[n % PROJECTS].pk if n % 3 else None,
            risk="critical" if n % 500 == 0 else "low",
            priority="P2",
            status="pending" if n % (ROWS // PENDING) == 0 else "approved",
            requested_by=dice.choice(people),
            source="api",
            required_approvals=1,
            content_hash=uuid.uuid4().hex,
            expires_at=now + timedelta(days=1),
        )
        for n in range(ROWS)
    )
    words.remember(dict(ApprovalInboxItem.objects.values_list("pk", "title")))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return projects


def test_whoever_may_see_nothing_has_nothing_looked_through(
    api: ApiOf, many: list[Project]
) -> None:
    caller = api(UserFactory.make())
    assert many
    for path, query in (("", {}), ("", {"scope": "mine"}), ("", {"risk": "low"})):
        assert looked_at(caller, path, **query) == 0, query


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ({}, 51),
        ({"scope": "pending"}, 51 + 50),  # the page's own once more: may the caller decide them?
        ({"scope": "mine"}, 200),  # through the pending ones, or through the environment's
        ({"risk": "critical"}, 200),
        ({"priority": "P0"}, 200),
        ({"action": "vip"}, 200),
        ({"q": "quokka"}, 200),  # through those that have the word, or through the project's
        ({"q": "nobody-wrote-this"}, 10),
        ({"q": "part-7"}, 1_000),  # and part-70 to part-79 have it: 978
        ({"q": "part-89 release"}, 200),
    ],
    ids=str,
)
def test_a_page_looks_at_few_of_many_rows(
    api: ApiOf, many: list[Project], query: dict[str, Any], most: int
) -> None:
    """Whoever calls: of 200 tickets in their project, 133 in their environment, 8,000 in all."""
    for user in callers(many):
        found = looked_at(api(user), **query)
        assert found <= most, (user, found)


def test_a_second_page_too(api: ApiOf, many: list[Project]) -> None:
    for user in callers(many):
        caller = api(user)
        path = caller.get("/approvals/inbox", limit=20).ok()["next"].partition("inbox")[2]
        assert looked_at(caller, path) <= 100


def callers(projects: list[Project]) -> list[User]:
    part = UserFactory.make()
    grant(part, "approver", projects[5].environments.get())
    return [member(projects[7], "approver"), part, AdminFactory.make()]


def looked_at(caller: Api, path: str = "", **query: Any) -> int:
    """Rows of the table that the queries of one call read, those passed over included."""
    found = 0
    for statement in queries_of(caller, path, **query):
        if f'FROM "{TABLE}"' in statement:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
                (plan,) = cursor.fetchone()
            found += _rows_in(plan[0]["Plan"])
    return found


def queries_of(caller: Api, path: str = "", **query: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        caller.get(f"/approvals/inbox{path}", **query).ok()
    return [query["sql"] for query in captured]


def _rows_in(node: dict[str, Any]) -> int:
    found: int = sum(map(_rows_in, node.get("Plans", [])))
    if node.get("Relation Name") != TABLE:
        return found
    passed_over = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = node["Actual Rows"] + sum(node.get(name, 0) for name in passed_over)
    found += round(rows * node["Actual Loops"])
    return found
