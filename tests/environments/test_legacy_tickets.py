"""Migration 0003: tickets of the older system's installs, and tiers of tickets that had none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from approvals.legacy import NOT_KEPT
from approvals.migrations import _legacy_tickets
from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from config.core import timeline
from config.core.models import TimelineEvent
from config.core.timeline import SYSTEM
from environments import requesting
from environments.models import (
    EnvironmentInstallTask,
    InstallPreview,
    TaskKind,
    TaskStatus,
)
from environments.pinning import context_hash
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import BotFactory, UserFactory, acting, grant, member
from tests.factories.environments import EnvironmentFactory

migration = import_module("environments.migrations.0003_legacy_tickets")

pytestmark = pytest.mark.django_db
CREATED = datetime(2020, 5, 1, 8, tzinfo=UTC)
STARTED, FINISHED = CREATED + timedelta(hours=1), CREATED + timedelta(hours=2)
PLAN: dict[str, Any] = {"nodes": [], "steps": [], "artifacts": [], "warnings": []}


def forward() -> None:
    migration.forward(apps, SimpleNamespace(connection=connection))


def backward() -> None:
    migration.backward(apps, SimpleNamespace(connection=connection))


def task(status: str = "succeeded", reference: str = "CHG0012345", **fields: Any) -> Any:
    """As the older system left it, of an environment without hosts, in staging."""
    plan, risk = fields.pop("plan", PLAN), fields.pop("risk", {})
    environment = fields.pop("environment", None) or EnvironmentFactory.make(tier="staging")
    requester = fields.pop("requested_by", None) or UserFactory.make()
    preview = InstallPreview.objects.create(
        environment=environment,
        bundle="compose",
        version="1.0",
        plan=plan,
        risk=risk,
        context_hash=fields.pop("context_hash", context_hash(plan)),
        expires_at=FINISHED,
        previewed_by=fields.pop("previewed_by", requester),
    )
    made = EnvironmentInstallTask.objects.create(
        environment=environment,
        project=environment.project,
        preview=preview,
        bundle="compose",
        version="1.0",
        status=status,
        approval_ticket=reference,
        requested_by=requester,
        source="ui",
        **fields,
    )
    EnvironmentInstallTask.objects.filter(pk=made.pk).update(created_at=CREATED)
    made.refresh_from_db()
    return made


def item_of(made: Any) -> ApprovalInboxItem:
    found = ApprovalInboxItem.objects
    return found.get(subject_type="environment_install", subject_id=made.pk)


def migrated(*args: Any, **fields: Any) -> tuple[Any, ApprovalInboxItem]:
    made = task(*args, **fields)
    forward()
    made.refresh_from_db()
    item = item_of(made)
    assert (made.approval_ticket, item.legacy_reference) == (item.ticket, "CHG0012345")
    return made, item


def everything() -> list[Any]:
    excluded = ApprovalInboxItem.excluded.through.objects
    tables = (ApprovalInboxItem, ApprovalInboxAction, EnvironmentInstallTask)
    rows = [list(model._default_manager.order_by("pk").values()) for model in tables]
    return [*rows, list(excluded.order_by("pk").values())]


def test_the_migrations_words_are_the_codes() -> None:
    assert set(migration.STATUSES) == set(TaskStatus.values) - {"failed"}
    assert {kind.value: word for kind, word in requesting.ACTIONS.items()} == migration.ACTIONS
    assert ApprovalInboxItem._meta.get_field("tier").default == migration.DEFAULT_TIER


@pytest.mark.parametrize(
    ("status", "fields", "decision"),
    [
        ("pending_approval", {}, "pending"),
        ("queued", {}, "approved"),
        ("running", {}, "approved"),
        ("succeeded", {}, "approved"),
        ("needs_attention", {}, "approved"),
        ("cancelled", {"started_at": STARTED}, "cancelled"),
        ("failed", {"reason_code": "approval_rejected"}, "rejected"),
        ("failed", {"reason_code": "approval_ticket_expired"}, "expired"),
        ("failed", {"reason_code": "cancelled"}, "cancelled"),
        ("failed", {"reason_code": "step_failed", "started_at": STARTED}, "approved"),
        ("failed", {"reason_code": "artifact_missing"}, "cancelled"),
        ("exploded", {"started_at": STARTED}, "approved"),
    ],
)
def test_the_tasks_status_tells_the_decision(
    status: str, fields: dict[str, Any], decision: str
) -> None:
    _, item = migrated(status, **fields)
    verbs = [action.verb for action in item.actions.order_by("pk")]
    assert item.status == decision
    assert verbs == ["created"] + ([decision] if decision != "pending" else [])


@pytest.mark.parametrize(
    ("kind", "action", "verb"),
    [
        (TaskKind.INSTALL, "install", "Install"),
        (TaskKind.UNINSTALL, "install", "Uninstall"),
        (TaskKind.VERIFY, "install", "Verify"),
        (TaskKind.LVS_VIP, "vip", "Set up a virtual address with"),
        ("unheard_of", "install", "Install"),
    ],
)
def test_an_item_is_of_its_task(kind: str, action: str, verb: str) -> None:
    made, item = migrated(kind=kind, started_at=STARTED, risk={"level": "medium", "reasons": []})
    assert (item.action, item.tier, item.risk) == (action, "staging", "medium")
    assert item.title == f"{verb} compose 1.0 on {made.environment}"
    assert (item.project, item.environment_id) == (made.project, made.environment_id)
    assert (item.target_id, item.team, item.source) == (None, None, "ui")
    assert (item.requested_by, item.correlation_id) == (made.requested_by, made.correlation_id)
    assert item.content_hash == made.preview.context_hash
    assert (item.created_at, item.decided_at, item.expires_at) == (CREATED, STARTED, STARTED)
    created, approved = item.actions.order_by("pk")
    assert (created.actor, created.created_at) == (made.requested_by, CREATED)
    assert (approved.actor, approved.comment, approved.created_at) == (None, NOT_KEPT, STARTED)


def test_of_a_release_with_the_same_id_and_reference_nothing_is_taken() -> None:
    made = task()
    ticket(subject_type="release", subject_id=made.pk)
    forward()
    assert item_of(made).legacy_reference == "CHG0012345"


@pytest.mark.parametrize(
    ("status", "reason", "action", "decision"),
    [
        ("failed", "approval_rejected", "install_failed", "rejected"),
        ("failed", "approval_ticket_expired", "install_failed", "expired"),
        ("cancelled", "cancelled", "install_cancelled", "cancelled"),
        ("cancelled", "preview_mismatch", "install_cancelled", "cancelled"),
    ],
)
def test_the_timeline_knows_who_and_why(
    status: str, reason: str, action: str, decision: str
) -> None:
    approver = UserFactory.make()
    made = task(status, reason_code=reason)
    detail = {"reason_code": reason, "comment": "No"}
    actor = acting(approver)
    timeline.record("environment.install_failed", made, actor=SYSTEM, detail={"comment": "x"})
    event = timeline.record(f"environment.{action}", made, actor=actor, detail=detail)
    forward()
    item = item_of(made)
    told = item.actions.order_by("pk").reverse()[0]
    assert (told.verb, told.actor, told.comment) == (decision, approver, "No")
    assert (item.decided_at, item.reason_code) == (event.occurred_at, reason)


def test_one_that_waits_is_decided_by_somebody_else_and_runs(
    hints: list[tuple[str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    owner, previewer = UserFactory.make(), UserFactory.make()
    bot = BotFactory.make(owner=owner)
    made = task("pending_approval", requested_by=bot, previewed_by=previewer)
    project = made.project
    PolicyFactory.make(project=project, tier="staging", action="install", expires_minutes=60)
    forward()
    item = item_of(made)
    assert set(item.excluded.all()) == {bot, owner, previewer}
    path = f"/approvals/inbox/{item.ticket}/approve"
    grant(owner, "approver", project)
    Api(owner).post(path).refused(403, "approval_self_review")
    with django_capture_on_commit_callbacks(execute=True):
        body = Api(member(project, "approver")).post(path).ok()
    assert (body["status"], body["approvals_count"]) == ("approved", 1)
    made.refresh_from_db()
    assert made.status == "queued"
    assert [pk for name, pk in hints if name.endswith("run_install")] == [made.pk]


def test_one_that_waits_can_be_rejected() -> None:
    made, item = migrated("pending_approval")
    caller = Api(member(made.project, "approver"))
    caller.post(f"/approvals/inbox/{item.ticket}/reject", {"comment": "No"}).ok()
    made.refresh_from_db()
    assert (made.status, made.reason_code) == ("failed", "approval_rejected")
    told = TimelineEvent.objects.get(action="environment.install_failed")
    assert (told.resource_id, told.detail["comment"]) == (made.pk, "No")


@pytest.mark.parametrize("plan", [{}, {"nodes": [{}]}, PLAN])
def test_it_opens_whatever_the_preview_lacks(plan: dict[str, Any]) -> None:
    made, item = migrated(plan=plan)
    body = Api(member(made.project, "viewer")).get(f"/approvals/inbox/{item.ticket}").ok()
    assert body["subject"] == {
        "summary": f"Install compose 1.0 on {made.environment}",
        "risk": {"level": "low", "reasons": []},
        "diff": {"steps": [], "artifacts": []},
        "warnings": [],
    }
    task_path = body["links"]["subject"]
    assert Api(made.requested_by).get(task_path).status == 404  # no role there
    assert Api(member(made.project, "viewer")).get(task_path).ok()["id"] == made.pk


def test_a_second_run_changes_nothing_and_the_way_back_restores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_legacy_tickets, "BATCH", 2)
    for reference in ("CHG1", "APR-000001", " x ", "票", ""):
        task("pending_approval", reference=reference)
    before = everything()
    forward()
    assert ApprovalInboxItem.objects.count() == 4
    between = everything()
    forward()
    assert everything() == between
    assert not TimelineEvent.objects.exists()
    backward()
    assert everything() == before


@pytest.mark.parametrize("batch", [1000, 1])
def test_tickets_without_a_tier_get_their_environments(
    monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(migration, "BATCH", batch)
    tiers = ["staging", "development", "production", "staging"]
    environments = [EnvironmentFactory.make(tier=tier) for tier in tiers]
    items = [ticket(environment_id=environment.pk) for environment in environments]
    alone, gone = ticket(), ticket(environment_id=987_654)
    for _ in range(2):
        migration.fill_tier(apps, SimpleNamespace(connection=connection))
        found = dict(ApprovalInboxItem.objects.values_list("pk", "tier"))
        assert [found[item.pk] for item in items] == tiers
        assert {found[alone.pk], found[gone.pk]} == {"production"}
