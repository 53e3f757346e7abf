"""Two approvals are two people's: a bot's vote is its owner's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals.inbox import reviewable
from approvals.models import ApprovalPolicy, ItemStatus
from config.core.models import Project, User
from tests.callers import Api
from tests.factories.approvals import ticket
from tests.factories.core import BotFactory, ProjectFactory, grant, member, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    ApprovalPolicy.objects.filter(tier="production").update(required_approvals=2)
    return ProjectFactory.make()


def bot_after_its_owner(project: Project) -> tuple[User, User]:
    person = member(project, "approver")
    return person, BotFactory.make(owner=person)


def owner_after_the_bot(project: Project) -> tuple[User, User]:
    person = member(project, "approver")
    return BotFactory.make(owner=person), person


def another_bot(project: Project) -> tuple[User, User]:
    person = member(project, "approver")
    return BotFactory.make(owner=person), BotFactory.make(owner=person)


@pytest.mark.parametrize("pair", [bot_after_its_owner, owner_after_the_bot, another_bot])
def test_the_second_is_refused(
    project: Project, pair: Callable[[Project], tuple[User, User]]
) -> None:
    first, second = pair(project)
    item = ticket(project)
    for voter in (first, second):
        if voter.is_bot:
            grant(voter, "approver", project)
    Api(first).post(f"/approvals/inbox/{item.ticket}/approve").ok()
    refused = Api(second).post(f"/approvals/inbox/{item.ticket}/approve")
    refused.refused(409, "approval_already_decided")
    assert not reviewable(second).filter(pk=item.pk).exists()
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == (ItemStatus.PENDING, 1)
    Api(member(project, "approver")).post(f"/approvals/inbox/{item.ticket}/approve").ok()
    item.refresh_from_db()
    assert item.status == ItemStatus.APPROVED


def test_a_bot_whose_owner_left_has_no_vote(project: Project) -> None:
    bot = BotFactory.make()
    grant(bot, "approver", project)
    item = ticket(project)
    caller = Api(token=token_for(bot))
    assert caller.get(f"/approvals/inbox/{item.ticket}").ok()["can_review"] is True
    User.objects.filter(bots=bot).update(is_active=False)
    caller.post(f"/approvals/inbox/{item.ticket}/approve").refused(404, "not_found")
