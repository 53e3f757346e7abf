"""What time does to a ticket that nobody decides: it reminds, grows more urgent, expires."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from approvals import asking, deciding
from approvals.models import ApprovalInboxItem, ApprovalPolicy
from approvals.tasks import keep_time
from config.core.models import Project, TimelineEvent
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import ProjectFactory, acting, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def later(item: ApprovalInboxItem, minutes: int) -> None:
    """As if the ticket had been asked for `minutes` earlier."""
    back = timedelta(minutes=minutes)
    rows = ApprovalInboxItem.objects.filter(pk=item.pk)
    for name in ("expires_at", "remind_at", "escalate_at"):
        value: datetime | None = getattr(item, name)
        rows.update(**{name: value - back if value else None})
    item.refresh_from_db()


def told(item: ApprovalInboxItem) -> list[str]:
    rows = TimelineEvent.objects.filter(resource_type="approval", resource_id=item.pk)
    return [row.action.removeprefix("approval.") for row in rows.order_by("seq")]


def test_its_life_in_thirty_minutes(project: Project) -> None:
    item = ticket(project)
    steps = {14: [], 16: ["reminded"], 22: [], 24: ["escalated"], 29: [], 31: ["expired"]}
    passed, expected = 0, ["created"]
    for minute, news in steps.items():
        later(item, minute - passed)
        passed = minute
        keep_time()
        keep_time()
        item.refresh_from_db()
        expected += news
        assert told(item) == expected, minute
    assert (item.status, item.priority, item.reason_code) == (
        "expired",
        "P1",
        "approval_ticket_expired",
    )


def test_a_clock_that_stood_still_does_all_that_is_due(project: Project) -> None:
    item = ticket(project)
    later(item, 25)
    keep_time()
    assert sorted(told(item)) == ["created", "escalated", "reminded"]
    late = ticket(project)
    later(late, 40)
    keep_time()
    assert told(late) == ["created", "expired"]


def test_what_is_most_urgent_stays_so_without_a_word(project: Project) -> None:
    item = ticket(project, risk={"level": "critical", "reasons": []})
    later(item, 25)
    keep_time()
    assert told(item) == ["created", "reminded"]
    item.refresh_from_db()
    assert item.priority == "P0"


def test_decided_tickets_rest(project: Project) -> None:
    item = ticket(project)
    deciding.approve(item, actor=acting(member(project, "approver")))
    later(item, 25)
    keep_time()
    assert told(item) == ["created", "approved"]


@pytest.mark.parametrize(
    ("policy", "risk", "expected"),
    [
        ("P3", "low", "P3"),
        ("P3", "medium", "P3"),
        ("P2", "low", "P2"),
        ("P2", "high", "P1"),
        ("P0", "high", "P0"),
        ("P3", "critical", "P0"),
        ("P1", "low", "P1"),
    ],
)
def test_priority_is_the_more_urgent_of_policy_and_risk(
    policy: str, risk: str, expected: str
) -> None:
    found = asking.priority(ApprovalPolicy(priority=policy), {"level": risk, "reasons": []})
    assert found == expected


def test_an_events_text_says_what_changed(project: Project) -> None:
    PolicyFactory.make(project=project, tier="production", priority="P3", expires_minutes=4)
    item = ticket(project)
    later(item, 3)
    keep_time()
    event = TimelineEvent.objects.get(action="approval.escalated")
    assert (event.actor, event.detail["priority"]) == ("system", "P2")
    assert event.detail["comment"] == "P3 → P2"
