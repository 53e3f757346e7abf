"""Nobody decides what they asked for, previewed, or answer for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals import deciding
from approvals.inbox import reviewable
from approvals.models import ApprovalPolicy
from config.core.errors import ApprovalSelfReview
from config.core.models import Project, User
from tests.approvals.recording_subject import RecordingSubject
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import (
    AdminFactory,
    BotFactory,
    ProjectFactory,
    UserFactory,
    acting,
    grant,
)

pytestmark = pytest.mark.django_db


def reviewer(project: Project, user: User) -> User:
    grant(user, "approver", project)
    return user


def requester() -> tuple[User, User]:
    user = UserFactory.make()
    return user, user


def previewer() -> tuple[User, User]:
    return UserFactory.make(), UserFactory.make(username="previewer")


def owner_of_the_bot() -> tuple[User, User]:
    bot = BotFactory.make()
    assert bot.owner is not None
    return bot, bot.owner


def another_bot_of_the_owner() -> tuple[User, User]:
    bot = BotFactory.make()
    return bot, BotFactory.make(owner=bot.owner)


def bot_of_the_requester() -> tuple[User, User]:
    person = UserFactory.make()
    return person, BotFactory.make(owner=person)


def admin_who_asked() -> tuple[User, User]:
    admin = AdminFactory.make()
    return admin, admin


@pytest.mark.parametrize(
    "pair",
    [
        requester,
        previewer,
        owner_of_the_bot,
        another_bot_of_the_owner,
        bot_of_the_requester,
        admin_who_asked,
    ],
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_the_involved_do_not_decide(
    api: Callable[[User | None], Api],
    subject: RecordingSubject,
    pair: Callable[[], tuple[User, User]],
    verb: str,
) -> None:
    project = ProjectFactory.make()
    asks, decides = pair()
    reviewer(project, decides)
    involved = [decides] if pair is previewer else []
    item = ticket(project, requester=asks, involved=involved)
    answer = api(decides).post(f"/approvals/inbox/{item.ticket}/{verb}", {"comment": "Fine"})
    answer.refused(403, "approval_self_review")
    assert subject.told == []
    assert not reviewable(decides).filter(pk=item.pk).exists()
    seen = api(decides).get(f"/approvals/inbox/{item.ticket}").ok()
    assert (seen["status"], seen["can_review"]) == ("pending", False)


def test_others_do() -> None:
    project = ProjectFactory.make()
    item = ticket(project, requester=BotFactory.make(), involved=[UserFactory.make()])
    other = reviewer(project, UserFactory.make())
    assert reviewable(other).filter(pk=item.pk).exists()
    assert deciding.approve(item, actor=acting(other)).status == "approved"


def test_an_admin_who_is_not_involved_may_decide() -> None:
    item = ticket()
    assert deciding.approve(item, actor=acting(AdminFactory.make())).status == "approved"


def test_the_authors_only_where_the_policy_says_so() -> None:
    project, author = ProjectFactory.make(), UserFactory.make()
    reviewer(project, author)
    assert deciding.approve(ticket(project, authors=[author]), actor=acting(author))
    PolicyFactory.make(project=project, tier="production", exclude_authors=True)
    with pytest.raises(ApprovalSelfReview):
        deciding.approve(ticket(project, authors=[author]), actor=acting(author))


def test_a_policy_can_allow_it() -> None:
    project, user = ProjectFactory.make(), UserFactory.make()
    reviewer(project, user)
    ApprovalPolicy.objects.filter(project=None).update(prevent_self_approval=False)
    item = ticket(project, requester=user)
    assert deciding.approve(item, actor=acting(user)).status == "approved"
