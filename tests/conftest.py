"""What every test can ask for: a database that threads share, callers, hints that go nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

import pytest
from celery.app.task import Task
from django.apps import apps
from django.core.cache import cache
from django.db import connection

from config.core.models import User
from tests.callers import Api

pytest_plugins = ["tests.kube.fixtures", "tests.lab.fixtures"]

guard = import_module("config.core.migrations.0002_timeline_append_only")
policies = import_module("approvals.migrations.0003_policies_out_of_the_box")


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "only tests that use the database: the others are the same on any"
    parser.addoption("--database-only", action="store_true", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    others = [item for item in items if item.get_closest_marker("django_db") is None]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: threads share it as processes do; a database in memory they could not."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def committed_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests that commit: the rows that migrations make, and a timeline that can be emptied."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    if connection.vendor == "sqlite":
        _run(text.replace("TRIGGER", "TRIGGER IF NOT EXISTS", 1) for text in guard.SQLITE)
    else:
        # Of knox's own model, which ours replaces: TRUNCATE leaves it out, and stumbles over it.
        _run(["DROP TABLE IF EXISTS knox_authtoken"])
    policies.seed(apps, None)
    yield
    if connection.vendor == "sqlite":  # PostgreSQL's TRUNCATE fires no trigger
        _run(f"DROP TRIGGER core_timelineevent_{name}" for name in ("no_update", "no_delete"))


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def postgresql() -> None:
    """Races need writers at the same time; SQLite has one."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: python -m tests.services run -- pytest")


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What would have been told to the workers, as (task, row id); nothing reaches a broker."""
    told: list[tuple[str, int]] = []

    def record(task: Any, args: tuple[int], **_: Any) -> None:
        told.append((task.name, args[0]))

    monkeypatch.setattr(Task, "apply_async", record)
    return told


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Throttles count in the cache."""
    cache.clear()


@pytest.fixture
def api() -> Callable[[User | None], Api]:
    """`api(user)`: the API as that user's session sees it; `api(None)`: signed out."""
    return Api
