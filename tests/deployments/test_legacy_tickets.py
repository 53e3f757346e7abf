"""Migration 0008: references to the older system's tickets become tickets of the inbox."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from approvals.legacy import NOT_KEPT
from approvals.migrations import _legacy_tickets
from approvals.models import ApprovalInboxItem, ApprovalPolicy
from config.core.models import TimelineEvent, User
from deployments.lifecycle import FAILED, HISTORICAL, STATES, canonical
from deployments.models import Release
from tests.deployments import older_system
from tests.deployments.older_system import (
    CREATED,
    FINISHED,
    STARTED,
    forward,
    item_of,
    migrated,
    migration,
    release,
)
from tests.deployments.site import Site
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import BotFactory, TeamFactory, UserFactory
from tests.factories.deployments import TargetFactory

pytestmark = pytest.mark.django_db


def test_the_migrations_words_are_the_codes() -> None:
    words = [*STATES, *HISTORICAL]
    assert set(migration.STATES) == {word for word in words if canonical(word) != FAILED}
    for word, decision in migration.STATES.items():
        assert decision == migration.STATES[canonical(word)]


@pytest.mark.parametrize(
    ("status", "fields", "decision"),
    [
        ("pending_approval", {}, "pending"),
        ("pending", {}, "pending"),
        ("approved", {}, "approved"),
        ("applying", {}, "approved"),
        ("executing", {}, "approved"),
        ("applied", {}, "approved"),
        ("succeeded", {}, "approved"),
        ("rollback", {}, "approved"),
        ("rolled_back", {}, "approved"),
        ("preview", {}, "cancelled"),
        ("draft", {}, "cancelled"),
        ("rejected", {}, "rejected"),
        ("cancelled", {}, "cancelled"),
        ("failed", {"reason_code": "approval_rejected"}, "rejected"),
        ("failed", {"legacy_status": "rejected"}, "rejected"),
        ("failed", {"reason_code": "approval_ticket_expired"}, "expired"),
        ("failed", {"reason_code": "cancelled"}, "cancelled"),
        ("failed", {"legacy_status": "cancelled"}, "cancelled"),
        ("failed", {"legacy_status": "cancelled", "started_at": STARTED}, "cancelled"),
        ("failed", {"reason_code": "step_failed", "started_at": STARTED}, "approved"),
        ("failed", {"legacy_status": "error", "applied_at": STARTED}, "approved"),
        ("failed", {"legacy_status": "error"}, "cancelled"),
        ("failed", {"reason_code": "legacy_status_unknown"}, "cancelled"),
        ("exploded", {"started_at": STARTED}, "approved"),
    ],
)
def test_the_releases_state_tells_the_decision(
    status: str, fields: dict[str, Any], decision: str
) -> None:
    _, item = migrated(status=status, **fields)
    verbs = [action.verb for action in item.actions.order_by("pk")]
    assert item.status == decision
    assert verbs == ["created"] + ([decision] if decision != "pending" else [])
    assert item.approvals_count == (decision == "approved")


def test_an_item_is_of_its_release() -> None:
    made, item = migrated(
        risk={"level": "high", "reasons": []}, started_at=STARTED, finished_at=FINISHED
    )
    assert (item.legacy_reference, item.action, item.tier) == ("CHG0012345", "apply", "production")
    assert item.title == f"Release {made.service} r1 on {made.target}"
    assert (item.project_id, item.environment_id) == (made.project_id, made.environment_id)
    assert (item.target_id, item.team_id) == (made.target_id, None)
    assert (item.risk, item.priority, item.source) == ("high", "P2", "ui")
    assert (item.requested_by, item.required_approvals) == (made.requested_by, 1)
    assert (item.content_hash, item.correlation_id) == (made.context_hash, made.correlation_id)
    assert (item.created_at, item.decided_at, item.expires_at) == (CREATED, STARTED, STARTED)
    created, approved = item.actions.order_by("pk")
    assert (created.actor, created.created_at) == (made.requested_by, CREATED)
    assert (approved.actor, approved.comment, approved.created_at) == (None, NOT_KEPT, STARTED)
    assert not item.excluded.exists()


def test_a_projects_team_and_a_rollbacks_name() -> None:
    target = TargetFactory.make()
    target.project.team = TeamFactory.make()
    target.project.save()
    made, item = migrated(target=target, kind="rollback", status="failed", finished_at=FINISHED)
    assert (item.action, item.team, item.tier) == ("rollback", target.project.team, "development")
    assert item.title == f"Roll back {made.service} to r1 on {made.target}"
    assert (item.decided_at, item.expires_at, item.risk) == (FINISHED, FINISHED, "low")


def test_without_any_time_it_was_over_when_it_was_asked() -> None:
    _, item = migrated()
    assert (item.decided_at, item.expires_at) == (None, CREATED)


@pytest.mark.parametrize(
    "reference",
    ["CHG0012345", " spaced  out ", "  ", "票-42 ✓", "x" * 20, "APR-", "apr-000001", "APR-1", "0"],
)
def test_any_text_is_a_reference(reference: str) -> None:
    made, item = migrated(reference=reference)
    assert item.legacy_reference == reference
    assert made.approval_ticket == item.ticket


def test_a_ticket_of_something_else_is_a_reference() -> None:
    other = ticket()
    made = release(other.ticket)
    forward()
    made.refresh_from_db()
    assert made.approval_ticket == item_of(made).ticket != other.ticket
    assert item_of(made).legacy_reference == other.ticket


def test_tickets_of_ours_and_releases_without_one_stay_as_they_are(production: Site) -> None:
    asked = production.apply(production.preview())
    release("")
    before = older_system.everything()
    forward()
    assert older_system.everything() == before
    assert asked.approval_ticket == production.ticket(asked).ticket
    assert list(ApprovalInboxItem.objects.all()) == [production.ticket(asked)]


def test_content_that_another_ticket_is_for(production: Site) -> None:
    asked = production.apply(production.preview())
    theirs = production.ticket(asked)
    Release.objects.filter(pk=asked.pk).update(approval_ticket="CHG1")
    forward()
    item = ApprovalInboxItem.objects.get(legacy_reference="CHG1")
    assert len(item.content_hash) == 64
    assert item.content_hash != theirs.content_hash == asked.context_hash


def test_releases_that_share_a_reference_get_a_ticket_each() -> None:
    first, second = release(), release()
    forward()
    assert item_of(first) != item_of(second)
    assert item_of(first).legacy_reference == item_of(second).legacy_reference


@pytest.mark.parametrize("batch", [1000, 2])
def test_a_second_run_changes_nothing(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(_legacy_tickets, "BATCH", batch)
    for number in range(5):
        release(f"APR-{number:06d}", status=STATES[number])  # some become their own
    forward()
    assert ApprovalInboxItem.objects.count() == 5
    before = older_system.everything()
    forward()
    assert older_system.everything() == before
    assert not TimelineEvent.objects.exists()


def test_a_reference_that_comes_again_is_the_same_ticket() -> None:
    made, item = migrated()
    Release.objects.filter(pk=made.pk).update(approval_ticket="CHG0012345")
    forward()
    assert item_of(made) == item
    made.refresh_from_db()
    assert made.approval_ticket == item.ticket


class TestPending:
    @pytest.fixture(autouse=True)
    def policy(self) -> ApprovalPolicy:
        """Of all projects, out of the box."""
        policy = ApprovalPolicy.objects.get(project=None, tier="production", action="apply")
        policy.expires_minutes, policy.exclude_authors = 45, True
        policy.save()
        return policy

    def minutes(self, item: ApprovalInboxItem) -> int:
        left = item.expires_at - timezone.now()
        return round(left.total_seconds() / 60)

    def test_it_has_the_time_that_policy_gives_now(self) -> None:
        _, item = migrated(status="pending_approval")
        assert (self.minutes(item), item.decided_at, item.created_at) == (45, None, CREATED)
        assert item.remind_at is not None
        assert item.escalate_at is not None
        assert item.remind_at < item.escalate_at < item.expires_at

    def test_the_projects_own_policy_decides(self) -> None:
        made = release(status="pending_approval")
        PolicyFactory.make(project=made.project, tier="production", expires_minutes=7)
        forward()
        assert self.minutes(item_of(made)) == 7

    def test_a_policy_that_is_off_does_not(self, policy: ApprovalPolicy) -> None:
        made = release(status="pending_approval")
        off = {"tier": "production", "expires_minutes": 7, "enabled": False}
        PolicyFactory.make(project=made.project, **off)
        policy.enabled = False
        policy.save()
        forward()
        assert self.minutes(item_of(made)) == 30

    def test_whoever_had_a_part_in_it_is_out(self) -> None:
        owner, previewer = UserFactory.make(), UserFactory.make()
        bot = BotFactory.make(owner=owner)
        made, item = migrated(status="pending_approval", requested_by=bot, previewed_by=previewer)
        people: set[User] = {bot, owner, previewer, made.revision.created_by}
        assert set(item.excluded.all()) == people

    def test_policy_may_let_them_in(self, policy: ApprovalPolicy) -> None:
        policy.prevent_self_approval = policy.exclude_authors = policy.auto_apply = False
        policy.save()
        _, item = migrated(status="pending_approval")
        assert (item.excluded.count(), item.auto_apply) == (0, False)
