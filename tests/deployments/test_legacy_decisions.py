"""Migration 0008: who decided on a ticket of the older system, and what they said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from approvals.legacy import NOT_KEPT
from approvals.models import ApprovalInboxItem
from config.core import timeline
from config.core.models import TimelineEvent
from config.core.timeline import SYSTEM, Actor
from deployments.models import Release
from tests.deployments import older_system
from tests.deployments.older_system import (
    decision_on,
    forward,
    item_of,
    migrated,
    record,
    release,
)
from tests.factories.core import UserFactory, acting

pytestmark = pytest.mark.django_db


class TestOlderTable:
    """`deployment_release_approvals`."""

    @pytest.fixture(autouse=True)
    def table(self) -> Iterator[None]:
        with older_system.table():
            yield

    def test_it_has_the_decision_the_comment_and_who(self) -> None:
        approver = UserFactory.make()
        record(
            ticket="CHG0012345", decision="Approved ", comment="Looks good", approver_id=approver.pk
        )
        action = decision_on(migrated()[0])
        assert (action.verb, action.actor, action.comment) == ("approved", approver, "Looks good")

    @pytest.mark.parametrize("approver", ["boss", "987654321", "9" * 30, "٣", "-1"])
    def test_an_approver_without_a_user_is_named(self, approver: str) -> None:
        record(ticket="CHG0012345", decision="rejected", comment="No", approver_id=approver)
        action = decision_on(migrated(status="failed", legacy_status="rejected")[0])
        assert (action.actor, action.comment) == (None, f"No\nby {approver}")

    def test_the_releases_state_decides_and_the_record_is_kept(self) -> None:
        record(ticket="CHG0012345", decision="rejected", comment="No", approver_id="boss")
        made, item = migrated(status="applied")
        text = "The older system's record says rejected by boss: No"
        assert (item.status, decision_on(made).comment) == ("approved", text)

    def test_a_waiting_release_keeps_it_as_a_comment(self) -> None:
        record(ticket="CHG0012345", decision="pending", comment="Soon?")
        made, item = migrated(status="pending_approval")
        assert (item.status, decision_on(made).verb) == ("pending", "commented")
        assert "Soon?" in decision_on(made).comment

    def test_who_asked_is_kept_where_the_release_says_another(self) -> None:
        made = release()
        same = [str(made.requested_by_id), made.requested_by.username]
        for asker in ("boss", *same, None):
            record(ticket="CHG0012345", decision="approved", requested_by=asker)
        forward()
        created = item_of(made).actions.order_by("pk")[0]
        assert created.comment == "Asked for by boss, as the older system has it."

    def test_records_of_no_release_stay_where_they_are(self) -> None:
        record(ticket="CHG999", decision="approved")
        _, item = migrated()
        assert [item] == list(ApprovalInboxItem.objects.all())
        with connection.cursor() as cursor:
            cursor.execute("SELECT ticket FROM deployment_release_approvals")
            assert cursor.fetchall() == [("CHG999",)]


@pytest.mark.parametrize(
    ("columns", "comment"),
    [
        (("ticket", "decision", "comment"), "Go"),
        (("id", "ticket", "decision", "comment"), "Go"),
        (("ticket", "decision"), NOT_KEPT),
        (("ticket", "comment"), NOT_KEPT),  # of no use
    ],
)
def test_a_table_that_lacks_columns(columns: tuple[str, ...], comment: str) -> None:
    values = {"ticket": "CHG0012345", "decision": "approved", "comment": "Go", "id": "1"}
    with older_system.table(*columns):
        record(**{name: values[name] for name in columns})
        assert decision_on(migrated()[0]).comment == comment


def test_records_are_read_in_their_order() -> None:
    with older_system.table("id", "ticket", "decision", "comment"):
        for number in ("2", "1", "3"):
            record(id=number, ticket="CHG0012345", decision="rejected", comment=number)
        lines = decision_on(migrated(status="rejected")[0]).comment.splitlines()
    assert [line[-1] for line in lines] == ["1", "2", "3"]


class TestTimeline:
    """What it tells, where there is no record of the ticket."""

    def tell(self, made: Release, action: str, actor: Actor, **detail: Any) -> TimelineEvent:
        return timeline.record(action, made, actor=actor, detail=detail)

    @pytest.mark.parametrize(
        ("reason", "action", "decision"),
        [
            ("approval_rejected", "release.rejected", "rejected"),
            ("approval_ticket_expired", "release.failed", "expired"),
            ("cancelled", "release.cancelled", "cancelled"),
            ("preview_mismatch", "release.cancelled", "cancelled"),
        ],
    )
    def test_how_it_was_refused(self, reason: str, action: str, decision: str) -> None:
        approver = UserFactory.make()
        made = release(status="failed", reason_code=reason)
        event = self.tell(made, action, acting(approver), reason_code=reason, comment="No")
        forward()
        told = decision_on(made)
        assert (told.verb, told.actor, told.comment) == (decision, approver, "No")
        assert told.created_at == item_of(made).decided_at == event.occurred_at

    def test_how_it_was_approved(self) -> None:
        approver, made = UserFactory.make(), release()
        self.tell(made, "release.approved", acting(approver), comment="Go")
        self.tell(made, "release.failed", SYSTEM, reason_code="step_failed", comment="Broke")
        forward()
        told = decision_on(made)
        assert (told.verb, told.actor, told.comment) == ("approved", approver, "Go")

    def test_an_approval_without_a_ticket_tells_nothing(self) -> None:
        made = release()
        self.tell(made, "release.approved", acting(made.requested_by), auto=True)
        forward()
        assert (decision_on(made).actor, decision_on(made).comment) == (None, NOT_KEPT)

    def test_the_system_and_who_is_gone(self) -> None:
        first, second = release(status="rejected"), release(status="rejected")
        self.tell(first, "release.rejected", SYSTEM, comment="No")
        gone = UserFactory.make(username="boss")
        self.tell(second, "release.rejected", acting(gone), comment="No")
        gone.delete()
        forward()
        assert [decision_on(each).comment for each in (first, second)] == ["No", "No\nby boss"]

    def test_a_record_knows_better(self) -> None:
        made = release()
        self.tell(made, "release.approved", acting(UserFactory.make()), comment="of the timeline")
        with older_system.table():
            record(ticket="CHG0012345", decision="approved", comment="Go")
            forward()
        assert decision_on(made).comment == "Go"
