"""`POST /approvals/inbox/bulk`: one decision on many tickets, each for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from approvals import deciding
from approvals.models import ApprovalInboxItem
from approvals.registry import Approval
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import Broken, RecordingSubject
from tests.callers import Api
from tests.factories.approvals import overdue, ticket
from tests.factories.core import ProjectFactory, acting, grant, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
PATH = "/approvals/inbox/bulk"


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def approver(project: Project) -> User:
    return member(project, "approver")


def body(*items: ApprovalInboxItem | str, decision: str = "approve", **more: str) -> dict[str, Any]:
    names = [item if isinstance(item, str) else item.ticket for item in items]
    return {"tickets": names, "decision": decision, "comment": "All of these", **more}


@pytest.mark.parametrize(("decision", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_all_of_them(
    api: ApiOf, project: Project, approver: User, decision: str, status: str
) -> None:
    items = [ticket(project) for _ in range(3)]
    answer = api(approver).post(PATH, body(*items, decision=decision)).ok()
    assert answer["results"] == [
        {"ticket": item.ticket, "ok": True, "status": status, "error": None} for item in items
    ]
    assert {row.status for row in ApprovalInboxItem.objects.all()} == {status}
    for item in items:
        assert item.actions.get(verb=status).comment == "All of these"


def test_each_has_its_own_answer(api: ApiOf, project: Project, approver: User) -> None:
    fine, own, hidden = ticket(project), ticket(project, requester=approver), ticket()
    late, decided = overdue(ticket(project)), ticket(project)
    nowhere = "APR-999999999"
    deciding.reject(decided, actor=acting(member(project, "approver")), comment="No")
    names: list[ApprovalInboxItem | str] = [own, fine, hidden, late, decided, nowhere]
    results = api(approver).post(PATH, body(*names)).ok()["results"]
    assert [(row["ok"], (row["error"] or {}).get("code")) for row in results] == [
        (False, "approval_self_review"),
        (True, None),
        (False, "not_found"),
        (False, "approval_ticket_expired"),
        (False, "approval_already_decided"),
        (False, "not_found"),
    ]
    for item, status in ((own, "pending"), (fine, "approved"), (hidden, "pending")):
        item.refresh_from_db()
        assert item.status == status
    assert TimelineEvent.objects.filter(action="approval.approved").count() == 1


def test_one_that_is_void_does_not_undo_the_others(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    other = ProjectFactory.make()
    grant(approver, "approver", other)
    items = [ticket(project), ticket(other), ticket(project)]
    subject.mismatches[project.pk] = ["target_changed"]
    results = api(approver).post(PATH, body(*items)).ok()["results"]
    assert [row["ok"] for row in results] == [False, True, False]
    assert results[0]["error"]["data"] == {"mismatch": ["target_changed"]}
    stored = ApprovalInboxItem.objects.order_by("pk").values_list("status", flat=True)
    assert list(stored) == ["cancelled", "approved", "cancelled"]


def test_a_ticket_named_twice_is_decided_once(api: ApiOf, project: Project, approver: User) -> None:
    item = ticket(project)
    assert len(api(approver).post(PATH, body(item, item)).ok()["results"]) == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"tickets": [], "decision": "approve"}, "tickets"),
        ({"tickets": ["APR-000001"] * 101, "decision": "approve"}, "tickets"),
        ({"tickets": ["APR-000001"], "decision": "cancel"}, "decision"),
        ({"tickets": ["APR-000001"], "decision": "reject"}, "comment"),
        ({"tickets": ["APR-000001"], "decision": "reject", "comment": " "}, "comment"),
        ({"tickets": "APR-000001", "decision": "approve"}, "tickets"),
        ({"tickets": ["1"], "decision": "approve"}, "tickets.0"),
        ({"tickets": ["APR-1"], "decision": "approve"}, "tickets.0"),
        (
            {"tickets": ["APR-\u0660\u0660\u0660\u0660\u0660\u0661"], "decision": "approve"},
            "tickets.0",
        ),
        ({"tickets": ["APR-000001"], "decision": "approve", "force": True}, "force"),
    ],
)
def test_what_is_no_bulk_decision(
    api: ApiOf, approver: User, sent: dict[str, Any], field: str
) -> None:
    assert field in api(approver).post(PATH, sent).refused(400, "validation_error")["fields"]


def test_one_that_breaks_does_not_hide_the_others(
    api: ApiOf,
    project: Project,
    approver: User,
    subject: RecordingSubject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = ProjectFactory.make()
    grant(approver, "approver", other)
    good, bad = ticket(project), ticket(other)
    approved = subject.approved

    def breaks(subject_id: int, approval: Approval) -> None:
        if subject_id == other.pk:
            raise Broken
        approved(subject_id, approval)

    monkeypatch.setattr(subject, "approved", breaks)
    results = api(approver).post(PATH, body(good, bad)).ok()["results"]
    assert [(row["ok"], row["status"]) for row in results] == [(True, "approved"), (False, None)]
    assert results[1]["error"]["code"] == "internal_error"
    bad.refresh_from_db()
    assert (bad.status, bad.approvals_count) == ("pending", 0)
