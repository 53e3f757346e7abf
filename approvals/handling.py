"""What people do on a ticket besides deciding it: talk, take it, hand it to somebody."""

from __future__ import annotations

from django.db import transaction

from approvals.deciding import expire_if_due, require_uninvolved
from approvals.inbox import reviewable, voted
from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus
from approvals.noting import note
from config.core.errors import ApprovalAlreadyDecided, ValidationFailed
from config.core.models import User
from config.core.permissions import require
from config.core.timeline import Actor


def comment(item: ApprovalInboxItem, *, actor: Actor, text: str) -> ApprovalInboxItem:
    with transaction.atomic():
        note(item, InboxVerb.COMMENT, actor=actor, comment=text)
    return item


def assign(item: ApprovalInboxItem, *, actor: Actor, user: User) -> ApprovalInboxItem:
    """Puts a pending ticket on somebody's list; `claim` is to assign it to oneself. Raises
    PermissionDenied, ApprovalSelfReview, ApprovalAlreadyDecided, ApprovalTicketExpired, and
    ValidationFailed for somebody who may not decide it."""
    require(actor.person, "approval_review", item)
    if user == actor.user:
        require_uninvolved(item, user)
        if voted(item, user):
            raise ApprovalAlreadyDecided("You have approved this ticket already.")
    expire_if_due(item)
    if item.status != ItemStatus.PENDING:
        raise ApprovalAlreadyDecided(status=item.status)
    if not reviewable(user).filter(pk=item.pk).exists():
        text = "This person may not decide the ticket, has a part in it, or has voted."
        raise ValidationFailed(fields={"user_id": [text]})
    verb = InboxVerb.CLAIM if user == actor.user else InboxVerb.ASSIGN
    told = {"assigned_to": user.username}
    with transaction.atomic():
        if not item.while_pending().update(assigned_to=user):
            item.refresh_from_db()
            raise ApprovalAlreadyDecided(status=item.status)
        item.refresh_from_db()
        note(item, verb, actor=actor, comment=_to(user) if verb == InboxVerb.ASSIGN else "", **told)
    return item


def _to(user: User) -> str:
    return f"To {user.username}"
