"""A ticket has its time; after it, nobody decides, and the subject knows why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals import deciding
from approvals.models import ApprovalInboxItem
from approvals.tasks import keep_time
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import RecordingSubject
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, overdue, ticket
from tests.factories.core import ProjectFactory, acting, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.mark.parametrize("verb", ["approve", "reject", "cancel"])
def test_too_late(api: ApiOf, project: Project, subject: RecordingSubject, verb: str) -> None:
    requester, approver = member(project, "viewer"), member(project, "approver")
    item = overdue(ticket(project, requester=requester))
    caller = api(requester if verb == "cancel" else approver)
    caller.post(f"/approvals/inbox/{item.ticket}/{verb}", {"comment": "Late"}).refused(
        409, "approval_ticket_expired"
    )
    # The refusal is no reason to forget what was found: it is stored.
    item.refresh_from_db()
    project.refresh_from_db()
    assert item.status == "expired"
    assert item.decided_at is not None
    assert project.name == "approval_ticket_expired"
    assert subject.told == [("refused", project.pk, "system", "approval_ticket_expired", "")]
    event = TimelineEvent.objects.get(action="approval.expired")
    assert (event.actor, event.actor_id, event.source) == ("system", None, "system")
    # And for good.
    caller.post(f"/approvals/inbox/{item.ticket}/{verb}", {"comment": "Again"}).refused(
        409, "approval_ticket_expired"
    )
    assert len(subject.told) == 1


def test_votes_do_not_outlive_their_ticket(project: Project, subject: RecordingSubject) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project)
    deciding.approve(item, actor=acting(member(project, "approver")))
    overdue(item)
    keep_time()
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == ("expired", 1)
    assert [told[3] for told in subject.told] == ["approval_ticket_expired"]


def test_keep_time_closes_what_is_due_and_nothing_else(
    project: Project, subject: RecordingSubject
) -> None:
    due, young, decided = overdue(ticket(project)), ticket(project), ticket(project)
    deciding.approve(decided, actor=acting(member(project, "approver")))
    overdue(decided)
    keep_time()
    keep_time()
    found = ApprovalInboxItem.objects.values_list("pk", "status")
    assert dict(found) == {due.pk: "expired", young.pk: "pending", decided.pk: "approved"}
    assert [told[0] for told in subject.told] == ["approved", "refused"]


def test_an_overdue_ticket_is_not_offered(api: ApiOf, project: Project) -> None:
    item = overdue(ticket(project))
    caller = api(member(project, "approver"))
    assert caller.get(f"/approvals/inbox/{item.ticket}").ok()["can_review"] is False
    [listed] = caller.get("/approvals/inbox").results
    assert listed["can_review"] is False
