"""What the inbox shows for a ticket of the older system: an item, and what was done on it.

Rules without a database. Data migrations go by them, so they mean the same for ever: what is to be
different gets a rule of its own beside these. They import nothing of Slipway for the same reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

PENDING: Final = "pending"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
EXPIRED: Final = "expired"
CANCELLED: Final = "cancelled"

NOT_KEPT: Final = "The older system kept no comment."
# Reasons of a subject's end, and of its events, that tell of a ticket.
REASONS: Final = {
    "approval_rejected": REJECTED,
    "approval_ticket_expired": EXPIRED,
    "cancelled": CANCELLED,
}
_VOID: Final = "preview_mismatch"
_RISKS: Final = ("low", "medium", "high", "critical")
_LONGEST_TITLE: Final = 300


@dataclass(frozen=True)
class Said:
    """One record of a ticket, from the older system's table or the timeline. `decision`: a word as
    it was kept; `actor_id`: a user that exists; `who`: what is known of anybody else;
    `requested_by`: who it says asked, where that is not who the subject's row has."""

    decision: str
    comment: str = ""
    actor_id: int | None = None
    who: str = ""
    requested_by: str = ""


@dataclass(frozen=True)
class OldTicket:
    """A reference as a domain's row holds it. `content_hash`: what people were asked about, empty
    where it isn't known; `status`: the decision that the row's own state tells of; `remark`: said
    where nobody kept a comment."""

    reference: str
    subject_type: str
    subject_id: int
    action: str
    title: str
    project_id: int
    team_id: int | None
    environment_id: int
    target_id: int | None
    tier: str
    risk: Any
    requested_by_id: int
    source: str
    correlation_id: Any
    content_hash: str
    status: str
    reason_code: str
    created_at: datetime
    decided_at: datetime | None
    remark: str = NOT_KEPT


@dataclass(frozen=True)
class Terms:
    """Of the policy in force, what counts for a ticket that waits; as it is without a policy."""

    expires_minutes: int = 30
    prevent_self_approval: bool = True
    exclude_authors: bool = False
    auto_apply: bool = True


@dataclass(frozen=True)
class Entry:
    """An action on the item: `verb` as in the inbox."""

    verb: str
    actor_id: int | None
    comment: str
    created_at: datetime


def refused(reason_code: str, *, ran: bool) -> str:
    """The decision on what ended as failed: what its reason says, and else whether it ever ran."""
    return REASONS.get(reason_code, APPROVED if ran else CANCELLED)


def own_hash(old: OldTicket) -> str:
    """The content hash of a ticket whose content nobody can name any more: the SHA-256 of
    `{subject_type}:{subject_id}:{reference}`."""
    text = f"{old.subject_type}:{old.subject_id}:{old.reference}"
    return hashlib.sha256(text.encode()).hexdigest()


def item(
    old: OldTicket,
    history: Sequence[Entry],
    *,
    taken: bool,
    terms: Terms,
    now: datetime,
) -> dict[str, Any]:
    """The item's columns. `taken`: another item of the subject has its content hash; `terms` count
    from `now` on for one that is pending."""
    return {
        "subject_type": old.subject_type,
        "subject_id": old.subject_id,
        "action": old.action,
        "tier": old.tier,
        "title": old.title[:_LONGEST_TITLE],
        "project_id": old.project_id,
        "team_id": old.team_id,
        "environment_id": old.environment_id,
        "target_id": old.target_id,
        "risk": _level(old.risk),
        "priority": "P2",
        "status": old.status,
        "requested_by_id": old.requested_by_id,
        "source": old.source,
        "required_approvals": 1,
        "approvals_count": sum(entry.verb == APPROVED for entry in history),
        "reason_code": _reason(old),
        "legacy_reference": old.reference,
        "content_hash": own_hash(old) if taken or not old.content_hash else old.content_hash,
        "correlation_id": old.correlation_id,
        "created_at": old.created_at,
        **_times(old, terms, now),
    }


def excluded(
    terms: Terms, involved: Collection[int], authors: Collection[int], owners: Mapping[int, int]
) -> set[int]:
    """Who may not decide one that is pending. `involved`: who asked or previewed; `owners`: of the
    bots among all of them, who answers for each."""
    people = set(involved) if terms.prevent_self_approval else set()
    people |= set(authors) if terms.exclude_authors else set()
    return people | {owners[pk] for pk in people if pk in owners}


def history(old: OldTicket, told: Sequence[Said], event: Said | None) -> list[Entry]:
    """What was done on the item, in order. The subject's own state decides; `told`, the older
    system's records of the ticket, say who and why, and else `event` of the timeline does. What a
    record says against the state is kept as text."""
    askers = dict.fromkeys(each.requested_by for each in told if each.requested_by)
    asked = [f"Asked for by {who}, as the older system has it." for who in askers]
    created = Entry("created", old.requested_by_id, "\n".join(asked), old.created_at)
    agreeing, others = _sorted(old, told)
    if old.status == PENDING:
        texts = map(_text, others)
        return [created, *(Entry("commented", None, text, old.created_at) for text in texts)]
    first, *more = agreeing or [event or Said(old.status)]
    when = old.decided_at or old.created_at
    lines = [*_lines(first), *map(_text, others)]
    if not lines and first.actor_id is None:
        lines = [old.remark]
    votes = [Entry(old.status, each.actor_id, "\n".join(_lines(each)), when) for each in more]
    return [created, Entry(old.status, first.actor_id, "\n".join(lines), when), *votes]


def _sorted(old: OldTicket, told: Sequence[Said]) -> tuple[list[Said], list[Said]]:
    """Records that are the decision, and those that say something else. Of several approvals each
    person's first is a vote; of other decisions there is one."""
    agreeing: list[Said] = []
    others: list[Said] = []
    for each in told:
        again = each.actor_id is not None and each.actor_id in {said.actor_id for said in agreeing}
        alone = old.status == APPROVED or not agreeing
        if each.decision == old.status != PENDING and alone and not again:
            agreeing.append(each)
        elif each.decision != PENDING or each.comment or each.who or each.actor_id:
            others.append(each)
    return agreeing, others


def _lines(said: Said) -> list[str]:
    return [text for text in (said.comment, f"by {said.who}" if said.who else "") if text]


def _text(said: Said) -> str:
    who = said.who or (f"user {said.actor_id}" if said.actor_id else "")
    by, comment = f" by {who}" if who else "", f": {said.comment}" if said.comment else ""
    return f"The older system's record says {said.decision}{by}{comment}"


def _level(risk: Any) -> str:
    level = risk.get("level") if isinstance(risk, dict) else risk
    return level if level in _RISKS else "low"


def _reason(old: OldTicket) -> str:
    """Why it was not approved."""
    if old.status == CANCELLED and old.reason_code == _VOID:
        return _VOID
    return next((code for code, status in REASONS.items() if status == old.status), "")


def _times(old: OldTicket, terms: Terms, now: datetime) -> dict[str, Any]:
    """As `approvals.asking` has them for what is asked at `now`."""
    if old.status != PENDING:
        over = old.decided_at or old.created_at
        return {
            "decided_at": old.decided_at,
            "expires_at": over,
            "remind_at": None,
            "escalate_at": None,
            "auto_apply": True,
        }
    whole = timedelta(minutes=terms.expires_minutes)
    return {
        "decided_at": None,
        "expires_at": now + whole,
        "remind_at": now + whole * 0.5,
        "escalate_at": now + whole * 0.75,
        "auto_apply": terms.auto_apply,
    }
