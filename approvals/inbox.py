"""Reads of the inbox: which tickets a caller sees, may decide, and how many there are."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from approvals.models import (
    ApprovalInboxAction,
    ApprovalInboxItem,
    InboxVerb,
    ItemStatus,
)
from config.core.errors import NotFound
from config.core.models import User
from config.core.permissions import fetch, visible_to


def inbox(user: User, scope: str = "all") -> QuerySet[ApprovalInboxItem]:
    """`all`: what the caller may read; `pending`: of that, undecided; `mine`: what they may decide
    now, or is assigned to them."""
    items = ApprovalInboxItem.objects.select_related("requested_by", "assigned_to", "project")
    seen = visible_to(items, user, "approval_read")
    match scope:
        case "pending":
            return seen.filter(status=ItemStatus.PENDING)
        case "mine":
            mine = Q(pk__in=reviewable(user).values("pk")) | Q(assigned_to=user)
            return seen.filter(mine, status=ItemStatus.PENDING)
    return seen


def reviewable(user: User) -> QuerySet[ApprovalInboxItem]:
    """Pending tickets whose decision may be the caller's: right, not involved, not voted yet."""
    pending = ApprovalInboxItem.objects.filter(status=ItemStatus.PENDING).order_by()
    votes = _votes_of(user).filter(item=OuterRef("pk"))
    involved = ApprovalInboxItem.excluded.through.objects.filter(
        approvalinboxitem_id=OuterRef("pk"), user_id__in=answerable(user)
    )
    return (
        visible_to(pending, user, "approval_review")
        .exclude(Exists(votes))
        .exclude(Exists(involved))
    )


def voted(item: ApprovalInboxItem, user: User) -> bool:
    """Has the same person approved it already, as themselves or through a bot of theirs?"""
    return _votes_of(user).filter(item=item).exists()


def _votes_of(user: User) -> QuerySet[ApprovalInboxAction]:
    same = answerable(user)
    votes = ApprovalInboxAction.objects.filter(verb=InboxVerb.APPROVE)
    return votes.filter(Q(actor__in=same) | Q(actor__owner__in=same))


def answerable(user: User) -> list[int]:
    """The user, and whoever answers for it: what one may not approve, the other may not either."""
    return [pk for pk in (user.pk, user.owner_id) if pk]


def by_ticket(user: User, ticket: str, permission: str = "approval_read") -> ApprovalInboxItem:
    number = ticket.removeprefix("APR-")
    if not number.isascii() or not number.isdigit():
        raise NotFound
    return fetch(inbox(user), user, permission, pk=int(number))


def ticket_status(ticket: str) -> str | None:
    """The status of the ticket that a subject carries, which its readers may know."""
    if not ticket:
        return None
    pk = int(ticket.removeprefix("APR-"))
    return ApprovalInboxItem.objects.values_list("status", flat=True).filter(pk=pk).first()


def summary(user: User) -> dict[str, Any]:
    """Counts for the caller: by status over all, by risk and priority over what is pending."""
    seen = inbox(user).order_by()
    pending = seen.filter(status=ItemStatus.PENDING)

    def counts(items: QuerySet[ApprovalInboxItem], name: str) -> dict[str, int]:
        return dict(items.values_list(name).annotate(Count("pk")))

    return {
        "status": counts(seen, "status"),
        "risk": counts(pending, "risk"),
        "priority": counts(pending, "priority"),
        "mine": inbox(user, "mine").count(),
    }
