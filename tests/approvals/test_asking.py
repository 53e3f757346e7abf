"""Who is asked, for what, and that it is asked once."""

from __future__ import annotations

import pytest

from approvals import asking
from approvals.models import ApprovalInboxItem, ApprovalPolicy
from approvals.selectors import policy_for
from config.core.models import TimelineEvent
from tests.factories.approvals import PolicyFactory, request_of, ticket
from tests.factories.core import ProjectFactory, TeamFactory, UserFactory, acting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", ["apply", "rollback", "install", "vip"])
@pytest.mark.parametrize("tier", ["development", "staging", "production"])
def test_out_of_the_box_only_production_asks(tier: str, action: str) -> None:
    request = request_of(ProjectFactory.make(), tier=tier, action=action)
    item = asking.ask(request, actor=acting(UserFactory.make()))
    if tier != "production":
        assert item is None
        return
    assert item is not None
    assert (item.required_approvals, item.status) == (1, "pending")
    assert 29 * 60 < (item.expires_at - item.created_at).total_seconds() <= 30 * 60


def test_one_ticket_per_content() -> None:
    project, actor = ProjectFactory.make(), acting(UserFactory.make())
    first = asking.ask(request_of(project, content_hash="a" * 64), actor=actor)
    again = asking.ask(request_of(project, content_hash="a" * 64), actor=actor)
    other = asking.ask(request_of(project, content_hash="b" * 64), actor=actor)
    assert first == again
    assert first != other
    assert ApprovalInboxItem.objects.count() == 2
    assert TimelineEvent.objects.filter(action="approval.created").count() == 2


def test_a_ticket_holds_what_was_asked() -> None:
    project = ProjectFactory.make(team=TeamFactory.make())
    requester = UserFactory.make()
    item = ticket(project, requester=requester, environment_id=7, action="rollback", source="ui")
    assert item.ticket == f"APR-{item.pk:06d}"
    assert (item.project, item.team_id, item.environment_id) == (project, project.team_id, 7)
    assert (item.action, item.risk, item.priority, item.source) == (
        "rollback", "medium", "P2", "ui",
    )  # fmt: skip
    event = TimelineEvent.objects.get(action="approval.created")
    assert (event.resource_type, event.resource_id) == ("approval", item.pk)
    assert (event.project_id, event.environment_id) == (project.pk, 7)
    assert event.correlation_id == item.correlation_id
    assert (event.actor_id, event.actor, event.source) == (
        requester.pk, requester.username, "ui",
    )  # fmt: skip


def test_the_projects_own_policy_is_before_the_one_for_all() -> None:
    project, other = ProjectFactory.make(), ProjectFactory.make()
    own = PolicyFactory.make(project=project, tier="production", required_approvals=3)
    everyones = ApprovalPolicy.objects.get(project=None, tier="production", action="apply")
    assert policy_for(project, "production", "apply") == own
    assert policy_for(other, "production", "apply") == everyones
    assert policy_for(project, "production", "install") != own


def test_a_policy_that_is_off_or_wants_nobody_asks_nobody() -> None:
    project = ProjectFactory.make()
    ApprovalPolicy.objects.filter(project=None).update(enabled=False)
    request = request_of(project)
    actor = acting(UserFactory.make())
    assert asking.ask(request, actor=actor) is None
    PolicyFactory.make(project=project, tier="production", required_approvals=0)
    assert asking.ask(request, actor=actor) is None
    assert not ApprovalInboxItem.objects.exists()


def test_the_policy_gives_the_ticket_its_terms() -> None:
    project = ProjectFactory.make()
    PolicyFactory.make(
        project=project,
        tier="production",
        required_approvals=2,
        expires_minutes=5,
        priority="P0",
        auto_apply=False,
    )
    item = ticket(project)
    assert (item.required_approvals, item.priority, item.auto_apply) == (2, "P0", False)
    assert (item.expires_at - item.created_at).total_seconds() <= 5 * 60


def test_a_later_change_of_the_policy_leaves_the_ticket_alone() -> None:
    project = ProjectFactory.make()
    policy = PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project)
    ApprovalPolicy.objects.filter(pk=policy.pk).update(required_approvals=1)
    item.refresh_from_db()
    assert item.required_approvals == 2
