"""Approve, reject, cancel: what each does, to whom, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from approvals import deciding
from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from config.core.errors import ApprovalAlreadyDecided
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import Broken, RecordingSubject
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import (
    AdminFactory,
    BotFactory,
    ProjectFactory,
    UserFactory,
    acting,
    member,
)

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def approver(project: Project) -> User:
    return member(project, "approver")


def path(item: ApprovalInboxItem, verb: str = "") -> str:
    return f"/approvals/inbox/{item.ticket}" + (f"/{verb}" if verb else "")


def decisions() -> list[str]:
    rows = TimelineEvent.objects.filter(action__startswith="approval.").order_by("seq")
    return [row.action for row in rows]


def test_approve(api: ApiOf, project: Project, approver: User, subject: RecordingSubject) -> None:
    item = ticket(project)
    body = api(approver).post(path(item, "approve"), {"comment": "Looks good"}).ok()
    assert (body["status"], body["approvals_count"], body["can_review"]) == ("approved", 1, False)
    assert body["decided_at"] is not None
    [(verb, subject_id, actor, start_after)] = subject.told
    assert (verb, subject_id, actor) == ("approved", project.pk, approver.username)
    assert isinstance(start_after, datetime)
    assert [(a["verb"], a["comment"]) for a in body["actions"]] == [
        ("created", ""),
        ("approved", "Looks good"),
    ]
    assert decisions() == ["approval.created", "approval.approved"]


def test_approve_for_later(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    later = timezone.now() + timedelta(hours=2)
    api(approver).post(path(ticket(project), "approve"), {"apply_at": later.isoformat()}).ok()
    assert subject.told[0][3] == later


def test_without_auto_apply_nothing_starts_by_itself(
    project: Project, approver: User, subject: RecordingSubject
) -> None:
    PolicyFactory.make(project=project, tier="production", auto_apply=False)
    deciding.approve(ticket(project), actor=acting(approver))
    assert subject.told[0][3] is None


def test_reject_needs_a_reason(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    item = ticket(project)
    for body in ({}, {"comment": ""}, {"comment": "   "}):
        data = api(approver).post(path(item, "reject"), body).refused(400, "validation_error")
        assert set(data["fields"]) == {"comment"}
    assert subject.told == []
    body = api(approver).post(path(item, "reject"), {"comment": "Not on a Friday"}).ok()
    assert body["status"] == "rejected"
    assert subject.told == [
        ("refused", project.pk, approver.username, "approval_rejected", "Not on a Friday")
    ]
    assert decisions() == ["approval.created", "approval.rejected"]


def test_one_rejection_ends_it_after_some_approvals(
    project: Project, subject: RecordingSubject
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project)
    deciding.approve(item, actor=acting(member(project, "approver")))
    deciding.reject(item, actor=acting(member(project, "approver")), comment="No")
    assert (item.status, item.approvals_count) == ("rejected", 1)
    assert [told[0] for told in subject.told] == ["refused"]


def test_as_many_votes_as_the_policy_wants(project: Project, subject: RecordingSubject) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=3)
    item = ticket(project)
    for count in (1, 2):
        deciding.approve(item, actor=acting(member(project, "approver")))
        assert (item.status, item.approvals_count, item.decided_at) == ("pending", count, None)
    assert subject.told == []
    deciding.approve(item, actor=acting(member(project, "approver")))
    assert (item.status, item.approvals_count) == ("approved", 3)
    assert len(subject.told) == 1


def test_one_vote_each(api: ApiOf, project: Project, approver: User) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project)
    api(approver).post(path(item, "approve")).ok()
    api(approver).post(path(item, "approve")).refused(409, "approval_already_decided")
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == ("pending", 1)
    assert decisions() == ["approval.created", "approval.approved"]


@pytest.mark.parametrize("first", ["approve", "reject", "cancel"])
@pytest.mark.parametrize("second", ["approve", "reject", "cancel", "claim"])
def test_what_is_decided_stays_decided(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject, first: str, second: str
) -> None:
    requester = member(project, "viewer")
    item = ticket(project, requester=requester)
    say = {"comment": "Because"}

    def do(verb: str, reviewer: User) -> str:
        body = None if verb == "claim" else say
        answer = api(requester if verb == "cancel" else reviewer).post(path(item, verb), body)
        return answer.code

    assert do(first, approver) == ""
    events = TimelineEvent.objects.count()
    assert do(second, member(project, "approver")) == "approval_already_decided"
    assert len(subject.told) == 1
    assert TimelineEvent.objects.filter(action__startswith="approval").count() == 2
    assert TimelineEvent.objects.exclude(action__startswith="role").count() <= events


def test_only_whoever_asked_withdraws(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    requester = member(project, "engineer")
    item = ticket(project, requester=requester)
    for other in (approver, member(project, "project_admin"), AdminFactory.make()):
        api(other).post(path(item, "cancel")).refused(403, "permission_denied")
    assert api(requester).post(path(item, "cancel")).ok()["status"] == "cancelled"
    assert subject.told == [("refused", project.pk, requester.username, "cancelled", "")]


def test_a_bots_owner_withdraws_for_it(project: Project) -> None:
    bot = BotFactory.make()
    assert bot.owner is not None
    item = ticket(project, requester=bot)
    deciding.cancel(item, actor=acting(bot.owner))
    assert item.status == "cancelled"


def test_claim_and_assign(api: ApiOf, project: Project, approver: User) -> None:
    item, colleague = ticket(project), member(project, "approver")
    assert api(approver).post(path(item, "claim")).ok()["assigned_to"] == approver.username
    body = api(approver).post(path(item, "assign"), {"user_id": colleague.pk}).ok()
    assert body["assigned_to"] == colleague.username
    assert [a["verb"] for a in body["actions"]] == ["created", "claimed", "assigned"]
    assert decisions() == ["approval.created", "approval.claimed", "approval.assigned"]


def test_nobody_is_assigned_who_could_not_decide(
    api: ApiOf, project: Project, approver: User
) -> None:
    item = ticket(project)
    for helpless in (member(project, "engineer"), UserFactory.make()):
        refused = api(approver).post(path(item, "assign"), {"user_id": helpless.pk})
        assert set(refused.refused(400, "validation_error")["fields"]) == {"user_id"}
    missing = api(approver).post(path(item, "assign"), {"user_id": 10**9})
    assert set(missing.refused(400, "validation_error")["fields"]) == {"user_id"}
    item.refresh_from_db()
    assert item.assigned_to is None


def test_whoever_reads_a_ticket_may_comment_on_it(api: ApiOf, project: Project) -> None:
    item, viewer = ticket(project), member(project, "viewer")
    body = api(viewer).post(path(item, "comment"), {"comment": "Which ticket is this?"}).ok()
    assert body["actions"][-1]["actor"] == viewer.username
    assert body["actions"][-1]["comment"] == "Which ticket is this?"
    assert body["status"] == "pending"
    api(viewer).post(path(item, "comment"), {"comment": ""}).refused(400, "validation_error")


@pytest.mark.parametrize("role", ["viewer", "engineer", "release_bot"])
@pytest.mark.parametrize("verb", ["approve", "reject", "claim"])
def test_readers_do_not_decide(
    api: ApiOf, project: Project, subject: RecordingSubject, role: str, verb: str
) -> None:
    item = ticket(project)
    body = None if verb == "claim" else {"comment": "I would"}
    answer = api(member(project, role)).post(path(item, verb), body)
    assert answer.refused(403, "permission_denied") == {"permission": "approval_review"}
    assert subject.told == []
    assert decisions() == ["approval.created"]


@pytest.mark.parametrize("verb", ["", "approve", "reject", "claim", "cancel", "comment", "assign"])
def test_strangers_see_no_ticket(api: ApiOf, project: Project, verb: str) -> None:
    item = ticket(project)
    stranger = api(member(ProjectFactory.make(), "project_admin"))
    method = "POST" if verb else "GET"
    stranger.request(method, path(item, verb), {"comment": "x"}).refused(404, "not_found")


@pytest.mark.parametrize("decide", ["approve", "reject", "expire"])
def test_a_decision_that_its_subject_cannot_follow_is_none(
    project: Project, approver: User, subject: RecordingSubject, decide: str
) -> None:
    item = ticket(project)
    subject.broken = True
    name, events = project.name, TimelineEvent.objects.count()
    if decide == "expire":
        ApprovalInboxItem.objects.filter(pk=item.pk).update(
            expires_at=timezone.now() - timedelta(seconds=1)
        )
        item.refresh_from_db()
    call: dict[str, Callable[[], object]] = {
        "approve": lambda: deciding.approve(item, actor=acting(approver)),
        "reject": lambda: deciding.reject(item, actor=acting(approver), comment="No"),
        "expire": lambda: deciding.expire_if_due(item),
    }
    with pytest.raises(Broken):
        call[decide]()
    item.refresh_from_db()
    project.refresh_from_db()
    assert (item.status, item.approvals_count, item.decided_at) == ("pending", 0, None)
    assert project.name == name
    assert ApprovalInboxAction.objects.filter(item=item).count() == 1
    assert TimelineEvent.objects.count() == events
    # Nothing stands in the way of deciding again.
    subject.broken = False
    if decide != "expire":
        assert deciding.approve(item, actor=acting(approver)).status == "approved"


def test_withdrawing_a_subject_closes_its_open_ticket_alone(
    project: Project, approver: User
) -> None:
    decided, undecided = ticket(project), ticket(project)
    deciding.approve(decided, actor=acting(approver))
    deciding.withdraw("subject", project.pk, actor=acting(approver))
    decided.refresh_from_db()
    undecided.refresh_from_db()
    assert (decided.status, undecided.status) == ("approved", "cancelled")
    with pytest.raises(ApprovalAlreadyDecided):
        deciding.approve(undecided, actor=acting(approver))
