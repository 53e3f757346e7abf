"""The rules by which a ticket of the older system becomes an item with a history."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals import legacy
from approvals.legacy import NOT_KEPT, Entry, OldTicket, Said, Terms
from approvals.models import (
    ApprovalInboxItem,
    ApprovalPolicy,
    InboxVerb,
    ItemStatus,
    Priority,
)
from config.core.risk import RiskLevel

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
CREATED, DECIDED = NOW - timedelta(days=9), NOW - timedelta(days=8)
REQUESTER, APPROVER, SECOND = 5, 7, 8
DECISIONS = ("approved", "rejected", "expired", "cancelled")


def old(**fields: Any) -> OldTicket:
    defaults: dict[str, Any] = {
        "reference": "CHG0012345",
        "subject_type": "release",
        "subject_id": 3,
        "action": "apply",
        "title": "Release web r1 on shop",
        "project_id": 1,
        "team_id": None,
        "environment_id": 2,
        "target_id": 4,
        "tier": "staging",
        "risk": {"level": "high", "reasons": []},
        "requested_by_id": REQUESTER,
        "source": "ui",
        "correlation_id": uuid.UUID(int=1),
        "content_hash": "c" * 64,
        "status": "approved",
        "reason_code": "",
        "created_at": CREATED,
        "decided_at": DECIDED,
    }
    return OldTicket(**defaults | fields)


def item(ticket: OldTicket, history: list[Entry] | None = None, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"taken": False, "terms": Terms(), "now": NOW} | fields
    return legacy.item(ticket, history or [], **given)


def decided(ticket: OldTicket, told: list[Said], event: Said | None = None) -> list[Entry]:
    created, *rest = legacy.history(ticket, told, event)
    assert created == Entry("created", REQUESTER, "", CREATED)
    return rest


def test_the_words_are_the_inboxes() -> None:
    assert {"pending", *DECISIONS} == set(ItemStatus.values)
    assert {"created", "commented", *DECISIONS} <= set(InboxVerb.values)
    assert set(legacy._RISKS) == set(RiskLevel.values)
    assert ApprovalInboxItem._meta.get_field("title").max_length == legacy._LONGEST_TITLE
    assert set(legacy.REASONS.values()) < set(DECISIONS)


def test_terms_are_those_of_a_policy_of_which_nothing_is_said() -> None:
    policy, terms = ApprovalPolicy(), Terms()
    for name in ("expires_minutes", "prevent_self_approval", "exclude_authors", "auto_apply"):
        assert getattr(terms, name) == getattr(policy, name)


def test_an_item_keeps_what_the_row_has() -> None:
    ticket = old()
    found = item(ticket)
    same = ("subject_type", "subject_id", "action", "title", "project_id", "team_id", "tier")
    for name in (*same, "environment_id", "target_id", "requested_by_id", "source", "status"):
        assert found[name] == getattr(ticket, name)
    assert (found["legacy_reference"], found["created_at"]) == ("CHG0012345", CREATED)
    assert found["correlation_id"] == uuid.UUID(int=1)
    assert (found["risk"], found["priority"]) == ("high", Priority.P2)
    assert found["required_approvals"] == 1
    ApprovalInboxItem(**found)  # all of them are columns


def test_votes_are_counted() -> None:
    assert item(old())["approvals_count"] == 0
    votes = [Entry("approved", pk, "", NOW) for pk in (APPROVER, SECOND)]
    assert item(old(), votes)["approvals_count"] == 2


@pytest.mark.parametrize("risk", [None, {}, {"level": "awful"}, {"reasons": ["x"]}, [], "high "])
def test_a_risk_that_nobody_kept_is_low(risk: Any) -> None:
    assert item(old(risk=risk))["risk"] == "low"


def test_a_title_is_cut_to_its_column() -> None:
    assert item(old(title="x" * 400))["title"] == "x" * 300


@pytest.mark.parametrize(
    ("ticket", "taken"),
    [(old(content_hash=""), False), (old(), True), (old(content_hash=""), True)],
)
def test_content_that_is_unknown_or_anothers_gets_a_hash_of_the_reference(
    ticket: OldTicket, *, taken: bool
) -> None:
    own = hashlib.sha256(b"release:3:CHG0012345").hexdigest()
    assert item(ticket, taken=taken)["content_hash"] == own


def test_known_content_keeps_its_hash() -> None:
    assert item(old())["content_hash"] == "c" * 64


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        ("pending", "step_failed", ""),
        ("approved", "step_failed", ""),
        ("rejected", "approval_rejected", "approval_rejected"),
        ("rejected", "", "approval_rejected"),
        ("expired", "", "approval_ticket_expired"),
        ("cancelled", "", "cancelled"),
        ("cancelled", "preview_mismatch", "preview_mismatch"),
        ("cancelled", "render_failed", "cancelled"),
    ],
)
def test_why_it_was_not_approved(status: str, reason: str, code: str) -> None:
    assert item(old(status=status, reason_code=reason))["reason_code"] == code


@pytest.mark.parametrize("status", DECISIONS)
@pytest.mark.parametrize(("at", "over"), [(DECIDED, DECIDED), (None, CREATED)])
def test_what_is_decided_owes_the_clock_nothing(
    status: str, at: datetime | None, over: datetime
) -> None:
    found = item(old(status=status, decided_at=at))
    assert (found["decided_at"], found["expires_at"]) == (at, over)
    assert (found["remind_at"], found["escalate_at"]) == (None, None)


def test_what_is_pending_has_its_time_from_now_on() -> None:
    terms = Terms(expires_minutes=60, auto_apply=False)
    found = item(old(status="pending"), terms=terms)
    minute = timedelta(minutes=1)
    assert (found["decided_at"], found["expires_at"]) == (None, NOW + 60 * minute)
    assert (found["remind_at"], found["escalate_at"]) == (NOW + 30 * minute, NOW + 45 * minute)
    assert found["auto_apply"] is False


@pytest.mark.parametrize(
    ("terms", "people"),
    [
        (Terms(), {1, 2, 20}),
        (Terms(exclude_authors=True), {1, 2, 20, 3}),
        (Terms(prevent_self_approval=False), set()),
        (Terms(prevent_self_approval=False, exclude_authors=True), {3}),
    ],
)
def test_who_may_not_decide(terms: Terms, people: set[int]) -> None:
    """2 is a bot of 20's."""
    assert legacy.excluded(terms, [1, 2], [3], {2: 20}) == people


@pytest.mark.parametrize(
    ("reason", "ran", "decision"),
    [
        ("approval_rejected", False, "rejected"),
        ("approval_ticket_expired", False, "expired"),
        ("cancelled", False, "cancelled"),
        ("cancelled", True, "cancelled"),
        ("step_failed", True, "approved"),
        ("preview_mismatch", True, "approved"),
        ("preview_mismatch", False, "cancelled"),
        ("", True, "approved"),
        ("", False, "cancelled"),
    ],
)
def test_what_a_failure_tells_of_the_ticket(reason: str, *, ran: bool, decision: str) -> None:
    assert legacy.refused(reason, ran=ran) == decision


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_a_record_that_agrees_is_the_decision(status: str) -> None:
    event = Said(status, "of the timeline", SECOND)
    said = Said(status, "Looks good", APPROVER)
    assert decided(old(status=status), [said], event) == [
        Entry(status, APPROVER, "Looks good", DECIDED)
    ]


def test_an_approver_whom_nobody_knows_is_named_in_the_comment() -> None:
    said = Said("approved", "Looks good", who="boss")
    assert decided(old(), [said]) == [Entry("approved", None, "Looks good\nby boss", DECIDED)]


@pytest.mark.parametrize("status", DECISIONS)
def test_else_the_timeline_says_who_and_why(status: str) -> None:
    event = Said(status, "Too late in the day", APPROVER)
    assert decided(old(status=status), [], event) == [
        Entry(status, APPROVER, "Too late in the day", DECIDED)
    ]


@pytest.mark.parametrize("status", DECISIONS)
def test_else_the_history_says_that_nothing_was_kept(status: str) -> None:
    ticket = old(status=status, decided_at=None)
    assert decided(ticket, []) == [Entry(status, None, NOT_KEPT, CREATED)]
    assert decided(old(status=status, remark="Never sent"), [])[0].comment == "Never sent"
    assert decided(old(status=status), [Said(status)])[0].comment == NOT_KEPT


def test_a_decision_without_a_comment_by_somebody_known_needs_no_remark() -> None:
    assert decided(old(), [Said("approved", "", APPROVER)])[0].comment == ""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (Said("rejected", "Too risky", APPROVER), "rejected by user 7: Too risky"),
        (Said("rejected", "Too risky", who="4711"), "rejected by 4711: Too risky"),
        (Said("rejected"), "rejected"),
        (Said("pending", "Ask boss"), "pending: Ask boss"),
    ],
)
def test_what_a_record_says_against_the_state_is_kept(said: Said, text: str) -> None:
    text = f"The older system's record says {text}"
    assert decided(old(), [said]) == [Entry("approved", None, text, DECIDED)]
    event = Said("approved", "Go", SECOND)
    assert decided(old(), [said], event) == [Entry("approved", SECOND, f"Go\n{text}", DECIDED)]
    agreeing = Said("approved", "Fine", APPROVER)
    assert decided(old(), [said, agreeing]) == [
        Entry("approved", APPROVER, f"Fine\n{text}", DECIDED)
    ]


def test_a_record_that_waits_says_nothing() -> None:
    assert decided(old(), [Said("pending")])[0].comment == NOT_KEPT
    assert decided(old(status="pending"), [Said("pending")]) == []


def test_of_what_is_pending_records_are_comments() -> None:
    said = [Said("approved", "Go", who="boss"), Said("pending", "Soon?")]
    assert decided(old(status="pending"), said, Said("approved", "no", 1)) == [
        Entry("commented", None, "The older system's record says approved by boss: Go", CREATED),
        Entry("commented", None, "The older system's record says pending: Soon?", CREATED),
    ]


def test_several_people_approved_each_once() -> None:
    said = [
        Said("approved", "One", APPROVER),
        Said("approved", "Two", SECOND),
        Said("approved", "Again", APPROVER),
        Said("approved", "Three", who="boss"),
    ]
    first, *rest = decided(old(), said)
    again = "The older system's record says approved by user 7: Again"
    assert first == Entry("approved", APPROVER, f"One\n{again}", DECIDED)
    assert [(entry.actor_id, entry.comment) for entry in rest] == [
        (SECOND, "Two"),
        (None, "Three\nby boss"),
    ]


def test_one_rejection_is_the_decision_and_others_are_kept() -> None:
    said = [Said("rejected", "No", APPROVER), Said("rejected", "Never", SECOND)]
    assert [entry.comment for entry in decided(old(status="rejected"), said)] == [
        "No\nThe older system's record says rejected by user 8: Never"
    ]


def test_who_asked_by_the_older_systems_account_is_kept() -> None:
    said = [Said("approved", "Go", APPROVER, requested_by="boss"), Said("pending")]
    created = legacy.history(old(), said, None)[0]
    assert created == Entry(
        "created", REQUESTER, "Asked for by boss, as the older system has it.", CREATED
    )
