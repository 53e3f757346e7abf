"""Claim, assign and comment: who takes care of a ticket, and what is said on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalInboxAction
from config.core.models import Project, TimelineEvent, User
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, overdue, ticket
from tests.factories.core import ProjectFactory, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def path(item: object, verb: str) -> str:
    return f"/approvals/inbox/{item.ticket}/{verb}"  # type: ignore[attr-defined]


def test_claim_and_hand_over(api: ApiOf, project: Project) -> None:
    item, first, second = ticket(project), member(project, "approver"), member(project, "approver")
    assert api(first).post(path(item, "claim")).ok()["assigned_to"] == first.username
    body = api(first).post(path(item, "assign"), {"user_id": second.pk}).ok()
    assert body["assigned_to"] == second.username
    assert [(a["verb"], a["comment"]) for a in body["actions"][1:]] == [
        ("claimed", ""),
        ("assigned", f"To {second.username}"),
    ]
    events = TimelineEvent.objects.filter(action__in=["approval.claimed", "approval.assigned"])
    assert [event.detail["assigned_to"] for event in events.order_by("seq")] == [
        first.username,
        second.username,
    ]
    found = api(first).get("/approvals/inbox", assigned_to=second.pk).results
    assert [row["ticket"] for row in found] == [item.ticket]


def test_only_to_who_may_decide_it(api: ApiOf, project: Project) -> None:
    requester, approver = member(project, "approver"), member(project, "approver")
    item = ticket(project, requester=requester)
    for user in (requester, member(project, "viewer")):
        refused = api(approver).post(path(item, "assign"), {"user_id": user.pk})
        assert "user_id" in refused.refused(400, "validation_error")["fields"]
    api(requester).post(path(item, "claim")).refused(403, "approval_self_review")
    api(member(project, "engineer")).post(path(item, "claim")).refused(403, "permission_denied")


def test_not_to_who_has_voted(api: ApiOf, project: Project) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    voter = member(project, "approver")
    item = ticket(project)
    api(voter).post(path(item, "approve")).ok()
    api(voter).post(path(item, "claim")).refused(409, "approval_already_decided")


def test_not_when_it_is_decided(api: ApiOf, project: Project) -> None:
    approver = member(project, "approver")
    item = ticket(project)
    api(approver).post(path(item, "approve")).ok()
    api(approver).post(path(item, "claim")).refused(409, "approval_already_decided")


def test_whoever_reads_it_may_comment_at_any_time(api: ApiOf, project: Project) -> None:
    item, reader = ticket(project), member(project, "viewer")
    api(reader).post(path(item, "comment"), {"comment": "Why now?"}).ok()
    api(member(project, "approver")).post(path(item, "approve")).ok()
    body = api(reader).post(path(item, "comment"), {"comment": "Thanks"}).ok()
    said = [a["comment"] for a in body["actions"] if a["verb"] == "commented"]
    assert said == ["Why now?", "Thanks"]
    api(reader).post(path(item, "comment"), {"comment": ""}).refused(400, "validation_error")


def test_not_when_its_time_is_over(api: ApiOf, project: Project) -> None:
    item = overdue(ticket(project))
    caller = api(member(project, "approver"))
    caller.post(path(item, "claim")).refused(409, "approval_ticket_expired")


def test_a_long_story_takes_no_more_queries(api: ApiOf, project: Project) -> None:
    item, caller = ticket(project), api(member(project, "viewer"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            caller.get(path(item, "").rstrip("/")).ok()
        return len(captured)

    queries()  # the first one also loads what is kept in memory
    few = queries()
    for reader in [member(project, "viewer") for _ in range(5)]:
        api(reader).post(path(item, "comment"), {"comment": "Why?"}).ok()
    assert queries() == few


def test_of_a_very_long_story_the_end_is_shown(api: ApiOf, project: Project) -> None:
    item = ticket(project)
    ApprovalInboxAction.objects.bulk_create(
        ApprovalInboxAction(item=item, verb="commented", comment=str(n)) for n in range(250)
    )
    shown = api(member(project, "viewer")).get(path(item, "").rstrip("/")).ok()["actions"]
    assert [row["comment"] for row in shown] == [str(n) for n in range(50, 250)]
