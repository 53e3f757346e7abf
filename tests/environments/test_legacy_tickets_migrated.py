"""Migration 0003 as `migrate` runs it: there and back, twice."""

from __future__ import annotations

import pytest
from django.apps.registry import Apps
from django_test_migrations.migrator import Migrator

BEFORE = ("environments", "0002_break_glass_and_freezes")
AFTER = ("environments", "0003_legacy_tickets")

pytestmark = pytest.mark.django_db(transaction=True)


def left(old: Apps) -> None:
    """One task that waits, in the models of that time."""
    model = old.get_model
    user = model("core", "User").objects.create(username="somebody")
    project = model("core", "Project").objects.create(name="P", slug="p")
    named = {"environment": None, "bundle": "compose", "version": "1.0"}
    named["environment"] = model("environments", "Environment").objects.create(
        project=project, name="e", tier="staging", runtime_type="compose"
    )
    pinned = {
        "plan": {},
        "risk": {},
        "context_hash": "c" * 64,
        "expires_at": "2020-01-01T00:00:00Z",
    }
    preview = model("environments", "InstallPreview").objects.create(
        previewed_by=user, **named, **pinned
    )
    model("environments", "EnvironmentInstallTask").objects.create(
        project=project,
        preview=preview,
        status="pending_approval",
        approval_ticket="CHG0012345",
        requested_by=user,
        source="api",
        **named,
    )


def test_there_and_back_and_there_again(migrator: Migrator) -> None:
    left(migrator.apply_tested_migration(BEFORE).apps)
    for _ in range(2):
        new = migrator.apply_tested_migration(AFTER).apps
        item = new.get_model("approvals", "ApprovalInboxItem").objects.get()
        made = new.get_model("environments", "EnvironmentInstallTask").objects.get()
        told = (item.legacy_reference, item.tier, item.status)
        assert told == ("CHG0012345", "staging", "pending")
        assert (made.pk, made.approval_ticket) == (item.subject_id, f"APR-{item.pk:06d}")
        old = migrator.apply_tested_migration(BEFORE).apps
        made = old.get_model("environments", "EnvironmentInstallTask").objects.get()
        assert made.approval_ticket == "CHG0012345"
        assert not old.get_model("approvals", "ApprovalInboxItem").objects.exists()
