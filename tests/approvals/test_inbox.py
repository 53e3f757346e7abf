"""`GET /approvals/inbox`: scopes, filters, the summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from approvals import deciding, handling, inbox
from approvals.models import ApprovalInboxItem
from config.core.models import Project, User
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    acting,
    grant,
    member,
)
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make(team=TeamFactory.make())


def tickets(answer_of: Api, **query: Any) -> list[str]:
    return [item["ticket"] for item in answer_of.get("/approvals/inbox", **query).results]


def test_newest_first_of_what_the_caller_may_read(api: ApiOf, project: Project) -> None:
    first, second, hidden = ticket(project), ticket(project), ticket()
    assert tickets(api(member(project, "viewer"))) == [second.ticket, first.ticket]
    assert tickets(api(UserFactory.make())) == []
    assert set(tickets(api(AdminFactory.make()))) == {
        first.ticket,
        second.ticket,
        hidden.ticket,
    }


def test_scopes(api: ApiOf, project: Project) -> None:
    approver = member(project, "approver")
    open_, own = ticket(project), ticket(project, requester=approver)
    decided = ticket(project)
    deciding.approve(decided, actor=acting(member(project, "approver")))
    caller = api(approver)
    assert tickets(caller, scope="all") == [decided.ticket, own.ticket, open_.ticket]
    assert tickets(caller, scope="pending") == [own.ticket, open_.ticket]
    assert tickets(caller, scope="mine") == [open_.ticket]
    assert tickets(api(member(project, "viewer")), scope="mine") == []
    caller.get("/approvals/inbox", scope="yours").refused(400, "validation_error")


def test_mine_leaves_out_what_i_voted_for_and_has_what_is_assigned_to_me(
    api: ApiOf, project: Project
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    approver, colleague = member(project, "approver"), member(project, "approver")
    voted, assigned = ticket(project), ticket(project)
    deciding.approve(voted, actor=acting(approver))
    handling.assign(assigned, actor=acting(approver), user=colleague)
    deciding.approve(assigned, actor=acting(colleague))
    assert tickets(api(approver), scope="mine") == [assigned.ticket]
    assert tickets(api(colleague), scope="mine") == [assigned.ticket, voted.ticket]


def test_a_role_on_an_environment_shows_its_tickets_alone(api: ApiOf, project: Project) -> None:
    inside, outside = (
        EnvironmentFactory.make(project=project),
        EnvironmentFactory.make(project=project),
    )
    mine, _ = ticket(project, environment_id=inside.pk), ticket(project, environment_id=outside.pk)
    approver = UserFactory.make()
    grant(approver, "approver", inside)
    assert tickets(api(approver)) == [mine.ticket]
    assert tickets(api(approver), scope="mine") == [mine.ticket]
    assert deciding.approve(mine, actor=acting(approver)).status == "approved"


def test_each_filter(api: ApiOf, project: Project) -> None:
    PolicyFactory.make(project=project, tier="staging", action="install", priority="P0")
    requester = UserFactory.make(username="asks-for-things")
    approver = member(project, "approver")
    found = ticket(
        project,
        requester=requester,
        title="Install the runtime",
        tier="staging",
        action="install",
        environment_id=41,
        risk={"level": "critical", "reasons": []},
        source="ui",
    )
    handling.assign(found, actor=acting(approver), user=approver)
    ApprovalInboxItem.objects.filter(pk=found.pk).update(broke_glass=True)
    other = ticket(source="api", requester=UserFactory.make(username="somebody"))
    deciding.reject(other, actor=acting(AdminFactory.make()), comment="No")
    caller = api(AdminFactory.make())
    assert len(tickets(caller)) == 2
    for name, value in {
        "project": project.pk,
        "team": project.team_id,
        "environment": 41,
        "risk": "critical",
        "priority": "P0",
        "status": "pending",
        "action": "install",
        "source": "ui",
        "assigned_to": approver.pk,
        "requested_by": requester.pk,
        "break_glass": "true",
        "q": "the runtime",
    }.items():
        assert tickets(caller, **{name: value}) == [found.ticket], name
    assert tickets(caller, subject_type="subject") == [other.ticket, found.ticket]
    assert tickets(caller, subject_type="release") == []
    assert tickets(caller, break_glass="false") == [other.ticket]
    assert tickets(caller, risk="critical", status="rejected") == []


def test_the_item_has_the_contracts_fields(api: ApiOf, project: Project) -> None:
    item = ticket(project)
    body = api(member(project, "approver")).get(f"/approvals/inbox/{item.ticket}").ok()
    assert set(body) >= {
        "ticket",
        "subject_type",
        "subject_id",
        "action",
        "title",
        "project_id",
        "team_id",
        "environment_id",
        "risk",
        "priority",
        "status",
        "requested_by",
        "source",
        "assigned_to",
        "required_approvals",
        "approvals_count",
        "content_hash",
        "expires_at",
        "created_at",
        "decided_at",
        "can_review",
        "links",
        "actions",
        "subject",
    }
    assert body["can_review"] is True
    assert body["links"] == {
        "self": f"/api/v1/approvals/inbox/{item.ticket}",
        "subject": f"/api/v1/subjects/{project.pk}",
    }
    assert body["subject"]["risk"] == {"level": "high", "reasons": ["A reason"]}


@pytest.mark.parametrize(
    "name", ["APR-0", "APR-12345", "APR-abcdef", "APR-\u0660\u0660\u0660\u0660\u0660\u0661", "1"]
)
def test_a_ticket_that_is_none(api: ApiOf, name: str) -> None:
    api(AdminFactory.make()).get(f"/approvals/inbox/{name}").refused(404, "not_found")


def test_summary(api: ApiOf, project: Project) -> None:
    PolicyFactory.make(project=project, tier="staging", priority="P1")
    approver = member(project, "approver")
    ticket(project, risk={"level": "low", "reasons": []})
    ticket(project, tier="staging", risk={"level": "high", "reasons": []})
    ticket(project, requester=approver)
    decided = ticket(project)
    deciding.approve(decided, actor=acting(approver))
    ticket()  # another project's
    body = api(approver).get("/approvals/inbox/summary").ok()
    assert body == {
        "status": {"pending": 3, "approved": 1},
        "risk": {"low": 1, "medium": 1, "high": 1},
        "priority": {"P2": 2, "P1": 1},
        "mine": 2,
        "break_glass": 0,
        "counted_to": 100,
    }


def test_decided_tickets_are_counted_up_to_a_limit(
    api: ApiOf, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "COUNTED", 2)
    approver = member(project, "approver")
    for _ in range(3):
        ticket(project)
        deciding.reject(ticket(project), actor=acting(approver), comment="No")
    body = api(approver).get("/approvals/inbox/summary").ok()
    assert body["status"] == {"pending": 3, "rejected": 2}
    assert (body["mine"], body["counted_to"]) == (2, 2)


def test_a_summary_of_nothing(api: ApiOf) -> None:
    ticket()
    body = api(UserFactory.make()).get("/approvals/inbox/summary").ok()
    assert body == {
        "status": {},
        "risk": {},
        "priority": {},
        "mine": 0,
        "break_glass": 0,
        "counted_to": 100,
    }
