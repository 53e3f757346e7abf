"""Tickets of the older system in the inbox: they open, and those that wait come to an end."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.tasks import keep_time
from config.core.models import TimelineEvent
from deployments.models import Release
from tests.callers import Api
from tests.deployments import older_system
from tests.deployments.older_system import forward, migrated, record, release
from tests.deployments.site import Site
from tests.factories.approvals import overdue
from tests.factories.core import UserFactory, grant, member

pytestmark = pytest.mark.django_db
# What a release needs to be shown itself.
COUNTS = {"create": 2, "update": 0, "delete": 0, "unchanged": 0}
SHOWN: dict[str, Any] = {
    "risk": {"level": "low", "reasons": []},
    "diff": {"summary": COUNTS, "resources": []},
}


def approver_of(made: Release) -> Api:
    return Api(member(made.project, "approver"))


def events(made: Release) -> list[tuple[str, str]]:
    told = TimelineEvent.objects.filter(resource_type="release", resource_id=made.pk)
    return list(told.order_by("seq").values_list("action", "status"))


@pytest.mark.parametrize(
    "lacking",
    [
        {},
        {"diff": {"resources": []}, "risk": {"level": "high"}},
        {"risk": {"reasons": ["Deletes a volume"]}},
    ],
)
@pytest.mark.parametrize("status", ["applied", "pending_approval"])
def test_it_opens_whatever_the_release_lacks(status: str, lacking: dict[str, Any]) -> None:
    made, item = migrated(status=status, **lacking)
    caller = approver_of(made)
    body = caller.get(f"/approvals/inbox/{item.ticket}").ok()
    subject = body["subject"]
    what = f"{made.service} r1 on {made.target}"
    assert subject["summary"] == f"{what}: what it changes was not kept"
    assert subject["risk"] == {"level": "low", "reasons": []} | lacking.get("risk", {})
    assert subject["warnings"] == []
    assert body["legacy_reference"] == "CHG0012345"
    assert item.ticket in [row["ticket"] for row in caller.get("/approvals/inbox").results]


def test_links_lead_there_and_back() -> None:
    made, item = migrated(**SHOWN)
    caller = approver_of(made)
    links = caller.get(f"/approvals/inbox/{item.ticket}").ok()["links"]
    body = caller.get(links["subject"]).ok()
    assert (body["release_id"], body["approval_ticket"]) == (made.pk, item.ticket)
    assert body["approval_status"] == "approved"
    subject = caller.get(links["self"]).ok()["subject"]
    assert subject["summary"] == f"{made.service} r1 on {made.target}: 2 create"


def test_it_opens_with_its_decision_and_comment() -> None:
    who = UserFactory.make(username="boss")
    with older_system.table():
        record(ticket="CHG0012345", decision="rejected", comment="Not now", approver_id=who.pk)
        made, item = migrated(status="failed", legacy_status="rejected")
    body = approver_of(made).get(f"/approvals/inbox/{item.ticket}").ok()
    assert (body["status"], body["reason_code"]) == ("rejected", "approval_rejected")
    told = [(action["verb"], action["actor"], action["comment"]) for action in body["actions"]]
    assert told == [("created", made.requested_by.username, ""), ("rejected", "boss", "Not now")]
    assert body["can_review"] is False


def test_one_that_waits_is_void_when_somebody_approves_it() -> None:
    """The older system kept no content: nobody can say what this would apply."""
    made, item = migrated(status="pending_approval")
    caller = approver_of(made)
    path = f"/approvals/inbox/{item.ticket}"
    assert caller.get(path).ok()["can_review"] is True
    data = caller.post(f"{path}/approve").refused(409, "preview_mismatch")
    assert data["mismatch"] == ["content"]
    made.refresh_from_db()
    assert (made.status, made.reason_code) == ("failed", "preview_mismatch")
    assert made.finished_at is not None
    assert events(made) == [("release.cancelled", "failed")]
    body = caller.get(path).ok()
    assert (body["status"], body["reason_code"]) == ("cancelled", "preview_mismatch")


def test_one_that_waits_can_be_rejected() -> None:
    made, item = migrated(status="pending_approval")
    path = f"/approvals/inbox/{item.ticket}/reject"
    assert approver_of(made).post(path, {"comment": "No"}).ok()["status"] == "rejected"
    made.refresh_from_db()
    assert (made.status, made.reason_code) == ("failed", "approval_rejected")
    assert events(made) == [("release.rejected", "failed")]


def test_one_that_waits_can_be_withdrawn() -> None:
    made, item = migrated(status="pending_approval")
    grant(made.requested_by, "engineer", made.project)
    Api(made.requested_by).post(f"/approvals/inbox/{item.ticket}/cancel").ok()
    made.refresh_from_db()
    assert (made.status, made.reason_code) == ("failed", "cancelled")
    assert events(made) == [("release.cancelled", "failed")]


def test_one_that_waits_expires_on_the_clock_and_not_before() -> None:
    made, item = migrated(status="pending_approval")
    keep_time()
    item.refresh_from_db()
    assert item.status == "pending"
    overdue(item)
    keep_time()
    made.refresh_from_db()
    assert (made.status, made.reason_code) == ("failed", "approval_ticket_expired")
    assert events(made) == [("release.failed", "failed")]


def test_with_its_release_it_is_cancelled() -> None:
    made, item = migrated(status="pending_approval", **SHOWN)
    grant(made.requested_by, "engineer", made.project)
    Api(made.requested_by).post(f"/deploy/releases/{made.pk}/cancel").ok(202)
    item.refresh_from_db()
    assert (item.status, item.reason_code) == ("cancelled", "cancelled")


def test_a_preview_is_still_asked_for_on_a_ticket_of_its_own(production: Site) -> None:
    preview = production.preview()
    rows = Release.objects.filter(pk=preview["release_id"])
    rows.update(approval_ticket="CHG0012345")
    forward()
    asked = production.apply(preview)
    assert asked.status == "pending_approval"
    statuses = production.api.get("/approvals/inbox").results
    assert [(row["ticket"], row["status"]) for row in statuses] == [
        (asked.approval_ticket, "pending"),
        (statuses[1]["ticket"], "cancelled"),
    ]
    older_system.backward()  # the new ticket stays, the old reference has no row any more
    assert rows.get().approval_ticket == asked.approval_ticket
    assert len(production.api.get("/approvals/inbox").results) == 1


def test_going_back_restores_every_reference() -> None:
    references = ["CHG1", "APR-000001", "  ", "x" * 20]
    made = [release(text, status) for text in references for status in ("pending", "applied")]
    before = older_system.everything()
    forward()
    older_system.backward()
    assert older_system.everything() == before
    assert len(made) == Release.objects.count()
