"""Reads of the inbox: which tickets a caller sees, may decide, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any, Final

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from approvals import words
from approvals.models import (
    ApprovalInboxAction,
    ApprovalInboxItem,
    InboxVerb,
    ItemStatus,
    ItemWord,
)
from config.core.models import Project, User
from config.core.permissions import NONE, fetch, holding, listed_to, visible_to

# Enough to say "many": what was decided grows for ever, and so would the time to count it.
COUNTED: Final = 100
FEW: Final = 1000  # of more, one in a thousand of a million tickets has them


def inbox(user: User, scope: str = "all") -> QuerySet[ApprovalInboxItem]:
    """`all`: what the caller may read; `pending`: of that, undecided; `mine`: what they may decide
    now, or is assigned to them."""
    items = ApprovalInboxItem.objects.select_related("requested_by", "assigned_to")
    match scope:
        case "pending":
            items = items.filter(status=ItemStatus.PENDING)
        case "mine":
            items = items.filter(_mine(user), status=ItemStatus.PENDING)
    return listed_to(items, user, "approval_read")


def matching(text: str) -> Q:
    """Of tickets: the number is `text`, or the older system's reference; the title has each of its
    words, or one that begins so (`words.words_of`); or a name of the project, the requester or whom
    it is assigned to, has it."""
    named, titles = _named(text), words.having(text)
    if titles is None:
        return named or NONE
    titled = reduce(and_, (Q(pk__in=rows.values("item")) for rows in titles))
    return named | _beside_names(titled, titles) if named else titled


def _named(text: str) -> Q:
    """Only of what there is, so that mostly nothing stands beside the title: the database reads
    the newest that have a word in their order, and can't where they are one of several."""
    people = User.objects.filter(username__icontains=text).values_list(Value(0), "pk")
    projects = Project.objects.filter(name__icontains=text).values_list(Value(1), "pk")
    ids: tuple[list[int], list[int]] = ([], [])
    for kind, pk in people.order_by().union(projects.order_by(), all=True):
        ids[kind].append(pk)
    found = Q()
    if ids[0]:
        found |= Q(requested_by__in=ids[0]) | Q(assigned_to__in=ids[0])
    if ids[1]:
        found |= Q(project__in=ids[1])
    if ApprovalInboxItem.objects.filter(legacy_reference=text).order_by().exists():
        found |= Q(legacy_reference=text)
    number = _number_of(text.upper())
    return found if number is None else found | Q(pk=number)


def _beside_names(titled: Q, titles: list[QuerySet[ItemWord]]) -> Q:
    """By their ids, if they are not many; of many, the newest are soon found in all tickets."""
    ids = ApprovalInboxItem.objects.filter(titled).order_by().values_list("pk", flat=True)
    few = list(ids[: FEW + 1])
    if len(few) <= FEW:
        return Q(pk__in=few)
    # A subquery for a value: for one that only exists, the database could gather all rows first.
    words_of_it = (rows.filter(item=OuterRef("pk")).values("word")[:1] for rows in titles)
    return reduce(and_, (Q(IsNull(Subquery(word), False)) for word in words_of_it))  # noqa: FBT003 - Django's


def reviewable(user: User) -> QuerySet[ApprovalInboxItem]:
    """Pending tickets whose decision may be the caller's: right, not involved, not voted yet."""
    pending = ApprovalInboxItem.objects.filter(status=ItemStatus.PENDING).order_by()
    decidable = visible_to(pending, user, "approval_review")
    return decidable.filter(_uninvolved(user, _votes(_voices_of(user))))


def _mine(user: User) -> Q:
    right = holding("approval_review", user, ApprovalInboxItem)
    # By their ids: to look up who stands behind each vote is most of what many tickets cost.
    votes = _votes(list(_voices_of(user)))
    return Q(assigned_to=user) | right & _uninvolved(user, votes)


def _uninvolved(user: User, votes: QuerySet[ApprovalInboxAction]) -> Q:
    involved = ApprovalInboxItem.excluded.through.objects.filter(
        approvalinboxitem_id=OuterRef("pk"), user_id__in=answerable(user)
    )
    return ~Q(Exists(votes.filter(item=OuterRef("pk")))) & ~Q(Exists(involved))


def voted(item: ApprovalInboxItem, user: User) -> bool:
    """Has the same person approved it already, as themselves or through a bot of theirs?"""
    return _votes(_voices_of(user)).filter(item=item).exists()


def _votes(voices: Iterable[User]) -> QuerySet[ApprovalInboxAction]:
    return ApprovalInboxAction.objects.filter(verb=InboxVerb.APPROVE, actor__in=voices)


def _voices_of(user: User) -> QuerySet[User]:
    same = answerable(user)
    return User.objects.filter(Q(pk__in=same) | Q(owner__in=same)).order_by().only("pk")


def answerable(user: User) -> list[int]:
    """The user, and whoever answers for it: what one may not approve, the other may not either."""
    return [pk for pk in (user.pk, user.owner_id) if pk]


def by_ticket(user: User, ticket: str, permission: str = "approval_read") -> ApprovalInboxItem:
    items = ApprovalInboxItem.objects.select_related("requested_by", "assigned_to", "project")
    number = _number_of(ticket) if ticket.startswith("APR-") else None
    return fetch(items, user, permission, pk=number)


def ticket_status(ticket: str) -> str | None:
    """The status of the ticket that a subject carries, which its readers may know."""
    number = _number_of(ticket)
    if number is None:
        return None
    return ApprovalInboxItem.objects.values_list("status", flat=True).filter(pk=number).first()


def covers(ticket: str, subject_type: str, subject_id: int, content_hash: str) -> bool:
    """Whether a ticket approved this content of this subject."""
    number = _number_of(ticket)
    if number is None:
        return False
    rows = ApprovalInboxItem.objects.filter(
        pk=number, subject_type=subject_type, subject_id=subject_id
    )
    return rows.filter(status=ItemStatus.APPROVED, content_hash=content_hash).exists()


def _number_of(ticket: str) -> int | None:
    number = ticket.removeprefix("APR-")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None


def summary(user: User) -> dict[str, Any]:
    """Counts for the caller: by status over all, by risk and priority over what is pending.

    What is pending is counted to the last; `mine`, `break_glass`, which is how often that was
    done, and each other status, up to `counted_to`.
    """
    read = holding("approval_read", user, ApprovalInboxItem)
    seen = ApprovalInboxItem.objects.filter(read).order_by()
    pending = seen.filter(status=ItemStatus.PENDING)
    decided = [status for status in ItemStatus if status != ItemStatus.PENDING]
    capped = {status.value: _Counted(seen.filter(status=status)) for status in decided}
    capped["break_glass"] = _Counted(seen.filter(broke_glass=True))
    capped["mine"] = _Counted(pending.filter(_mine(user)))
    counts: Any = User.objects.filter(pk=user.pk).values(**capped).get()
    others = {name: counts.pop(name) for name in ("mine", "break_glass")}
    by: dict[str, Counter[str]] = {"risk": Counter(), "priority": Counter()}
    for row in pending.values(*by).annotate(count=Count("pk")):
        for name, counter in by.items():
            counter[row[name]] += row["count"]
    counts[ItemStatus.PENDING.value] = by["risk"].total()
    return {
        "status": {status: count for status, count in counts.items() if count},
        **{name: dict(counter) for name, counter in by.items()},
        **others,
        "counted_to": COUNTED,
    }


class _Counted(Subquery):
    """How many rows a query has, up to COUNTED."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.values("pk")[:COUNTED])
