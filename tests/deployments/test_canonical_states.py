"""Migration 0004: the older system's words become states, and the way back restores them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django_test_migrations.migrator import Migrator

from deployments.lifecycle import HISTORICAL, STATES

migration = import_module("deployments.migrations.0004_canonical_states")

BEFORE = ("deployments", "0003_clusters_and_strategies")
AFTER = ("deployments", "0004_canonical_states")
OTHERS = ("exploded", "Succeeded")
WORDS = (*STATES, *HISTORICAL, *OTHERS)
Told = tuple[str, str]  # status, reason_code

pytestmark = pytest.mark.django_db(transaction=True)


def fill(apps: Apps, told: list[Told]) -> list[int]:
    """A release of each status and reason, in the models of that time."""
    model = apps.get_model
    user = model("core", "User").objects.create(username="somebody")
    project = model("core", "Project").objects.create(name="P", slug="p")
    environment = model("environments", "Environment").objects.create(
        project=project, name="e", tier="staging", runtime_type="compose"
    )
    target = model("deployments", "DeploymentTarget").objects.create(
        project=project, environment=environment, name="t", runtime_type="compose"
    )
    service = model("deployments", "Service").objects.create(
        project=project, name="s", runtime_type="compose"
    )
    revision = model("deployments", "ServiceRevision").objects.create(
        service=service, number=1, manifest="services: {}", created_by=user
    )
    release: Any = model("deployments", "Release").objects
    return [
        release.create(
            status=status,
            reason_code=reason,
            service=service,
            target=target,
            project=project,
            environment=environment,
            revision=revision,
            runtime_type="compose",
            context_hash="0" * 64,
            preview_ref=f"ref-{number}",
            preview_expires_at="2020-01-01T00:00:00Z",
            previewed_by=user,
            requested_by=user,
            source="api",
        ).pk
        for number, (status, reason) in enumerate(told)
    ]


def told(apps: Apps, *fields: str) -> list[tuple[str, ...]]:
    rows: Any = apps.get_model("deployments", "Release").objects
    return list(rows.order_by("pk").values_list(*(fields or ("status", "reason_code"))))


def test_the_migrations_words_are_the_codes() -> None:
    assert migration.HISTORICAL == HISTORICAL
    assert migration.STATES == STATES


@pytest.mark.parametrize("batch", [1000, 4])
def test_there_and_back_and_there_again(
    migrator: Migrator, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(migration, "BATCH", batch)
    before: list[Told] = [(word, reason) for word in WORDS for reason in ("", "step_timeout")]
    old = migrator.apply_tested_migration(BEFORE)
    fill(old.apps, before)
    events = old.apps.get_model("core", "TimelineEvent")

    new = migrator.apply_tested_migration(AFTER)
    expected = [
        (word, reason, "")
        if word in STATES
        else (HISTORICAL[word], reason, word)
        if word in HISTORICAL
        else ("failed", reason or "legacy_status_unknown", word)
        for word, reason in before
    ]
    fields = ("status", "reason_code", "legacy_status")
    assert told(new.apps, *fields) == expected
    assert events.objects.count() == 0

    back = migrator.apply_tested_migration(BEFORE)
    assert told(back.apps) == before
    again = migrator.apply_tested_migration(AFTER)
    assert told(again.apps, *fields) == expected


def test_what_moved_on_since_stays_where_it_is(migrator: Migrator) -> None:
    fill(migrator.apply_tested_migration(BEFORE).apps, [("succeeded", ""), ("deploying", "")])
    rows = migrator.apply_tested_migration(AFTER).apps.get_model("deployments", "Release").objects
    rows.filter(legacy_status="succeeded").update(status="rollback")
    back = migrator.apply_tested_migration(BEFORE)
    assert told(back.apps) == [("rollback", ""), ("deploying", "")]


def test_it_goes_on_where_it_was_interrupted(
    migrator: Migrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[Told] = [(word, "") for word in HISTORICAL]
    fill(migrator.apply_tested_migration(BEFORE).apps, before)
    monkeypatch.setattr(migration, "BATCH", 3)
    batches = 0

    def interrupted(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal batches
        batches += sql.startswith("UPDATE")
        if batches == 3:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupted), pytest.raises(KeyboardInterrupt):
        migrator.apply_tested_migration(AFTER)
    after = migrator.apply_tested_migration(AFTER)
    assert told(after.apps, "status", "legacy_status") == [
        (HISTORICAL[word], word) for word, _ in before
    ]
