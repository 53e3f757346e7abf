"""Migration 0008 as `migrate` runs it: there and back, and on after an interruption."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django_test_migrations.migrator import Migrator

from approvals.migrations import _legacy_tickets
from tests.deployments.older_system import record, table
from tests.deployments.test_canonical_states import fill

BEFORE = ("deployments", "0007_break_glass")
AFTER = ("deployments", "0008_legacy_tickets")
STATES = ["applied", "failed", "pending_approval", "rollback", "applied"]
REFERENCES = ["CHG1", "APR-000001", " two words ", "票", "CHG1"]

pytestmark = pytest.mark.django_db(transaction=True)


def prepared(apps: Apps) -> None:
    releases: Any = apps.get_model("deployments", "Release").objects
    pks = fill(apps, [(state, "") for state in STATES])
    for pk, reference in zip(pks, REFERENCES, strict=True):
        releases.filter(pk=pk).update(approval_ticket=reference)


def references(apps: Apps) -> list[str]:
    releases: Any = apps.get_model("deployments", "Release").objects
    return list(releases.order_by("pk").values_list("approval_ticket", flat=True))


def items(apps: Apps) -> list[tuple[Any, ...]]:
    rows: Any = apps.get_model("approvals", "ApprovalInboxItem").objects
    told = ("subject_id", "legacy_reference", "status", "approvals_count")
    return list(rows.order_by("subject_id").values_list("pk", *told))


def expected(apps: Apps) -> list[tuple[Any, ...]]:
    releases: Any = apps.get_model("deployments", "Release").objects
    decisions = ["approved", "cancelled", "pending", "approved", "approved"]
    pks = releases.order_by("pk").values_list("pk", flat=True)
    return [
        (pk, reference, decision, int(decision == "approved"))
        for pk, reference, decision in zip(pks, REFERENCES, decisions, strict=True)
    ]


def linked(apps: Apps) -> None:
    found = items(apps)
    assert [row[1:] for row in found] == expected(apps)
    assert references(apps) == [f"APR-{row[0]:06d}" for row in found]


def test_there_and_back_and_there_again(migrator: Migrator) -> None:
    old = migrator.apply_tested_migration(BEFORE)
    prepared(old.apps)
    with table():
        record(ticket="CHG1", decision="approved", comment="Go", approver_id="boss")
        new = migrator.apply_tested_migration(AFTER)
    linked(new.apps)
    actions: Any = new.apps.get_model("approvals", "ApprovalInboxAction").objects
    comments = actions.filter(verb="approved", item__legacy_reference="CHG1")
    assert [action.comment for action in comments] == ["Go\nby boss"] * 2
    assert not new.apps.get_model("core", "TimelineEvent").objects.exists()

    back = migrator.apply_tested_migration(BEFORE)
    assert references(back.apps) == REFERENCES
    for name in ("ApprovalInboxItem", "ApprovalInboxAction"):
        assert not back.apps.get_model("approvals", name).objects.exists()
    linked(migrator.apply_tested_migration(AFTER).apps)


def test_it_goes_on_where_it_was_interrupted(
    migrator: Migrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(migrator.apply_tested_migration(BEFORE).apps)
    monkeypatch.setattr(_legacy_tickets, "BATCH", 2)
    links = 0

    def interrupted(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal links
        links += sql.startswith('UPDATE "deployment_releases"')
        if links == 2:  # with the items of the second batch written, and not yet linked
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupted), pytest.raises(KeyboardInterrupt):
        migrator.apply_tested_migration(AFTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM approval_inbox_items")
        assert cursor.fetchone() == (2,)
    linked(migrator.apply_tested_migration(AFTER).apps)
