"""Decisions: approve, reject, withdraw, expire, void; and the way past them in an emergency.

A decision, the transition it causes in its subject and both events commit together or not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models, transaction
from django.utils import timezone

from approvals import freezes
from approvals.inbox import answerable, voted
from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus, PolicyAction
from approvals.noting import note, void_text
from approvals.registry import Approval, handler_of
from config.core import timeline
from config.core.errors import (
    ApprovalAlreadyDecided,
    ApprovalSelfReview,
    ApprovalTicketExpired,
    PermissionDenied,
    PreviewMismatch,
    ValidationFailed,
)
from config.core.models import User
from config.core.permissions import require
from config.core.timeline import SYSTEM, Actor

_FARTHEST: Final = timedelta(days=365)


def approve(
    item: ApprovalInboxItem,
    *,
    actor: Actor,
    comment: str = "",
    apply_at: datetime | None = None,
    freeze_override: str = "",
) -> ApprovalInboxItem:
    """One vote. The vote that completes the required number approves the subject, which runs at
    once, or from the latest `apply_at` on that an approver named. A vote for a moment in a freeze
    is refused, unless `freeze_override` says why it can't wait, which takes `project_manage`.

    Raises PermissionDenied, ApprovalSelfReview, ApprovalTicketExpired, ApprovalAlreadyDecided,
    PreviewMismatch (its content has changed: the ticket is void now), FreezeActive.
    """
    require(actor.person, "approval_review", item)
    require_uninvolved(item, actor.person)
    _check_moment(item, apply_at)
    _require_current(item)
    with transaction.atomic():
        # Counting locks the row: who votes at the same time waits here, and is then seen below.
        counted = item.while_pending().filter(expires_at__gt=timezone.now())
        if not counted.update(approvals_count=models.F("approvals_count") + 1):
            raise _why_not(item)
        if voted(item, actor.person):
            raise ApprovalAlreadyDecided("You have approved this ticket already.")
        item.refresh_from_db()
        complete = item.approvals_count >= item.required_approvals
        _keep_apply_at(item, apply_at)
        if apply_at or (complete and not item.freeze_override):
            _pass_freezes(item, actor, freeze_override)
        if complete:
            _decide(item, ItemStatus.APPROVED)
        note(item, InboxVerb.APPROVE, actor=actor, comment=comment)
        if complete:
            handler_of(item.subject_type).approved(
                item.subject_id, Approval(actor, _start(item), item.freeze_override)
            )
    return item


def break_glass(item: ApprovalInboxItem, *, actor: Actor, reason: str) -> ApprovalInboxItem:
    """Approves in an emergency, whatever votes are missing and whatever freeze holds, also what one
    asked for oneself; what policy forbids stays forbidden. For a person with the right to, who says
    why; the timeline says it, whoever is to be notified hears it, and the inbox counts it.

    Raises as `approve`, and ValidationFailed without a reason.
    """
    require(actor.person, "approval_break_glass", item)
    if actor.person.is_bot or (actor.person.token and actor.person.token.project_id):
        raise PermissionDenied("Only a person can break the glass, without a limited token.")
    if not reason.strip():
        raise ValidationFailed(fields={"reason": ["Say why."]})
    _require_current(item)
    with transaction.atomic():
        _decide(item, ItemStatus.APPROVED, broke_glass=True, freeze_override=reason)
        note(
            item,
            InboxVerb.BREAK_GLASS,
            actor=actor,
            comment=reason,
            action="approval.approved",
            broke_glass=True,
        )
        votes = {"votes": item.approvals_count, "required": item.required_approvals}
        told = {"ticket": item.ticket, "title": item.title, "reason": reason} | votes
        timeline.record("break_glass.used", item, actor=actor, status=item.status, detail=told)
        handler_of(item.subject_type).approved(
            item.subject_id, Approval(actor, timezone.now(), reason, broke_glass=True)
        )
    return item


def reject(item: ApprovalInboxItem, *, actor: Actor, comment: str) -> ApprovalInboxItem:
    """One rejection is enough, also of what has changed. Raises as `approve`, and ValidationFailed
    without a comment."""
    if not comment.strip():
        raise ValidationFailed(fields={"comment": ["Say why."]})
    require(actor.person, "approval_review", item)
    require_uninvolved(item, actor.person)
    expire_if_due(item)
    _refuse(item, ItemStatus.REJECTED, InboxVerb.REJECT, "approval_rejected", actor, comment)
    return item


def cancel(item: ApprovalInboxItem, *, actor: Actor, comment: str = "") -> ApprovalInboxItem:
    """Withdraws the request: whoever made it, or the owner of the bot that did."""
    if actor.person.pk not in answerable(item.requested_by):
        raise PermissionDenied("Only whoever asked can withdraw a request.")
    expire_if_due(item)
    _refuse(item, ItemStatus.CANCELLED, InboxVerb.CANCEL, "cancelled", actor, comment)
    return item


@transaction.atomic
def withdraw(subject_type: str, subject_id: int, *, actor: Actor) -> None:
    """Closes a subject's open ticket because the subject itself was cancelled."""
    rows = ApprovalInboxItem.objects.filter(
        subject_type=subject_type, subject_id=subject_id, status=ItemStatus.PENDING
    )
    for item in rows:
        closed = {"decided_at": timezone.now(), "reason_code": "cancelled"}
        if item.while_pending().update(status=ItemStatus.CANCELLED, **closed):
            item.refresh_from_db()
            note(item, InboxVerb.CANCEL, actor=actor)


def expire_if_due(item: ApprovalInboxItem) -> None:
    """Expires a ticket whose time is over, for good, then raises ApprovalTicketExpired."""
    if item.is_overdue:
        _refuse(item, ItemStatus.EXPIRED, InboxVerb.EXPIRE, "approval_ticket_expired", SYSTEM, "")
        raise ApprovalTicketExpired


def void(item: ApprovalInboxItem, mismatch: list[str]) -> None:
    """Cancels a ticket whose content is not what people were asked about, and says so on it.
    Raises ApprovalAlreadyDecided or ApprovalTicketExpired when it was closed in between."""
    _refuse(
        item,
        ItemStatus.CANCELLED,
        InboxVerb.CANCEL,
        "preview_mismatch",
        SYSTEM,
        void_text(mismatch),
        mismatch=mismatch,
    )


def require_uninvolved(item: ApprovalInboxItem, user: User) -> None:
    """Raises ApprovalSelfReview for whoever asked, previewed, or answers for the bot that did."""
    if item.excluded.filter(pk__in=answerable(user)).exists():
        raise ApprovalSelfReview


def _require_current(item: ApprovalInboxItem) -> None:
    """Expires or voids a ticket that is due for it, and then raises why."""
    expire_if_due(item)
    if item.status != ItemStatus.PENDING:
        raise _why_not(item)
    handler = handler_of(item.subject_type)
    mismatch = handler.changed({item.subject_id: item.content_hash}).get(item.subject_id, [])
    if not mismatch and not handler.is_intact(item.subject_id):
        mismatch = ["content"]
    if mismatch:
        void(item, mismatch)
        raise PreviewMismatch(mismatch=mismatch)


def _check_moment(item: ApprovalInboxItem, apply_at: datetime | None) -> None:
    if apply_at is None:
        return
    now, text = timezone.now(), ""
    if not now - timedelta(minutes=1) <= apply_at <= now + _FARTHEST:
        text = "Between now and a year from now."
    elif not item.auto_apply:
        text = "By policy this starts when it is applied once more, not by itself."
    if text:
        raise ValidationFailed(fields={"apply_at": [text]})


def _keep_apply_at(item: ApprovalInboxItem, apply_at: datetime | None) -> None:
    """What one approver asked for counts for the vote that completes the ticket, too."""
    if apply_at and (item.apply_at is None or apply_at > item.apply_at):
        item.apply_at = apply_at
        item.save(update_fields=["apply_at"])


def _pass_freezes(item: ApprovalInboxItem, actor: Actor, reason: str) -> None:
    """A freeze stops changes, not the way back."""
    start = _start(item)
    if start is None or item.action == PolicyAction.ROLLBACK:
        return
    if freezes.require_open(item.project, item.tier, actor=actor, override_reason=reason, at=start):
        item.freeze_override = reason
        item.save(update_fields=["freeze_override"])


def _start(item: ApprovalInboxItem) -> datetime | None:
    if not item.auto_apply:
        return None
    now = timezone.now()
    return max(item.apply_at, now) if item.apply_at else now


def _decide(item: ApprovalInboxItem, status: str, **changes: Any) -> None:
    changes |= {"status": status, "decided_at": timezone.now()}
    if not item.while_pending().filter(expires_at__gt=timezone.now()).update(**changes):
        raise _why_not(item)
    item.refresh_from_db()


def _refuse(
    item: ApprovalInboxItem,
    status: str,
    verb: str,
    reason_code: str,
    actor: Actor,
    comment: str,
    **detail: Any,
) -> None:
    closed = {"status": status, "decided_at": timezone.now(), "reason_code": reason_code}
    with transaction.atomic():
        if not item.while_pending().update(**closed):
            raise _why_not(item)
        item.refresh_from_db()
        note(item, verb, actor=actor, comment=comment, reason_code=reason_code, **detail)
        handler_of(item.subject_type).refused(
            item.subject_id, actor=actor, reason_code=reason_code, comment=comment
        )


def _why_not(item: ApprovalInboxItem) -> ApprovalAlreadyDecided | ApprovalTicketExpired:
    item.refresh_from_db()
    if item.status == ItemStatus.EXPIRED or item.is_overdue:
        return ApprovalTicketExpired()
    return ApprovalAlreadyDecided(status=item.status)
