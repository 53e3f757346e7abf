"""A ticket is for one content: when that changes, it is void, says why, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from approvals.models import ApprovalInboxItem
from approvals.tasks import keep_time
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import Broken, RecordingSubject
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import ProjectFactory, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
WHY = "Void: no longer what was previewed (target_changed). Preview again."


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def statuses() -> list[str]:
    return list(ApprovalInboxItem.objects.order_by("pk").values_list("status", flat=True))


def test_approving_what_has_changed_voids_the_ticket(
    api: ApiOf, project: Project, subject: RecordingSubject
) -> None:
    item = ticket(project)
    subject.mismatches[project.pk] = ["target_changed"]
    caller = api(member(project, "approver"))
    data = caller.post(f"/approvals/inbox/{item.ticket}/approve").refused(409, "preview_mismatch")
    assert data["mismatch"] == ["target_changed"]
    body = caller.get(f"/approvals/inbox/{item.ticket}").ok()
    assert (body["status"], body["reason_code"]) == ("cancelled", "preview_mismatch")
    assert (body["actions"][-1]["actor"], body["actions"][-1]["comment"]) == ("system", WHY)
    assert subject.told == [("refused", project.pk, "system", "preview_mismatch", WHY)]
    event = TimelineEvent.objects.get(action="approval.cancelled")
    assert event.detail["mismatch"] == ["target_changed"]
    caller.post(f"/approvals/inbox/{item.ticket}/approve").refused(409, "approval_already_decided")


def test_it_can_be_rejected_all_the_same(
    api: ApiOf, project: Project, subject: RecordingSubject
) -> None:
    item = ticket(project)
    subject.mismatches[project.pk] = ["target_changed"]
    caller = api(member(project, "approver"))
    caller.post(f"/approvals/inbox/{item.ticket}/reject", {"comment": "No"}).ok()
    assert statuses() == ["rejected"]


def test_a_changed_byte_voids_it_too(
    api: ApiOf, project: Project, subject: RecordingSubject
) -> None:
    item = ticket(project)
    subject.tampered.add(project.pk)
    refused = api(member(project, "approver")).post(f"/approvals/inbox/{item.ticket}/approve")
    assert refused.refused(409, "preview_mismatch")["mismatch"] == ["content"]
    assert statuses() == ["cancelled"]


def test_votes_before_the_change_count_for_nothing_after(
    api: ApiOf, project: Project, subject: RecordingSubject
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project)
    api(member(project, "approver")).post(f"/approvals/inbox/{item.ticket}/approve").ok()
    subject.mismatches[project.pk] = ["target_changed"]
    second = api(member(project, "approver"))
    second.post(f"/approvals/inbox/{item.ticket}/approve").refused(409, "preview_mismatch")
    assert [told[0] for told in subject.told] == ["refused"]


def test_the_clock_voids_what_has_changed_and_nothing_else(subject: RecordingSubject) -> None:
    changed, same = ticket(), ticket()
    subject.mismatches[changed.subject_id] = ["target_changed"]
    keep_time()
    keep_time()
    assert statuses() == ["cancelled", "pending"]
    assert [told[1] for told in subject.told] == [changed.subject_id]
    assert same.status == "pending"


def test_a_subject_that_does_not_go_along_keeps_its_ticket_and_no_others(
    subject: RecordingSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ticket(), ticket()
    for item in (first, second):
        subject.mismatches[item.subject_id] = ["target_changed"]
    refused = subject.refused

    def breaks(subject_id: int, **told: Any) -> None:
        if subject_id == first.subject_id:
            raise Broken
        refused(subject_id, **told)

    monkeypatch.setattr(subject, "refused", breaks)
    keep_time()
    assert statuses() == ["pending", "cancelled"]
    assert TimelineEvent.objects.filter(action="approval.cancelled").count() == 1


def test_a_kind_that_nobody_knows_stops_nothing(subject: RecordingSubject) -> None:
    unknown, known = ticket(), ticket()
    ApprovalInboxItem.objects.filter(pk=unknown.pk).update(subject_type="gone")
    subject.mismatches[known.subject_id] = ["target_changed"]
    keep_time()
    assert statuses() == ["pending", "cancelled"]
