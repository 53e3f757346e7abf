"""Lists: newest first, in pages that a cursor goes on from."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.callers import Answer, Api
from tests.factories.core import AdminFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Api:
    return Api(AdminFactory.make())


def ids(answer: Answer) -> list[int]:
    return [row["id"] for row in answer.results]


def follow(caller: Api, url: str) -> Answer:
    parts = urlsplit(url)
    return caller.get(f"{parts.path}?{parts.query}")


def test_pages_there_and_back(caller: Api) -> None:
    made = [ProjectFactory.make().pk for _ in range(5)][::-1]
    first = caller.get("/projects", limit=2)
    assert (ids(first), first.body["previous"]) == (made[:2], None)
    ProjectFactory.make()  # what is new does not move what is read
    second = follow(caller, first.body["next"])
    third = follow(caller, second.body["next"])
    assert (ids(second), ids(third), third.body["next"]) == (made[2:4], made[4:], None)
    assert ids(follow(caller, third.body["previous"])) == made[2:4]


def test_limits(caller: Api) -> None:
    ProjectFactory.create_batch(60)
    assert len(caller.get("/projects").results) == 50
    assert len(caller.get("/projects", limit=1000).results) == 60
    assert len(caller.get("/projects", limit=1).results) == 1


def test_a_cursor_that_is_none(caller: Api) -> None:
    for none in ("cD1hYmM=", "\N{SNOWMAN}"):
        refused = caller.get("/projects", cursor=none).refused(400, "validation_error")
        assert set(refused["fields"]) == {"cursor"}
