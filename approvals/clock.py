"""What time does to tickets: they remind, grow more urgent, expire; and are void when what they are
about has moved. Each is one conditional UPDATE, so it happens once however many clocks run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from approvals.deciding import expire_if_due, void
from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus, Priority
from approvals.noting import note
from approvals.registry import handler_of
from config.core.errors import DomainError
from config.core.timeline import SYSTEM

_BATCH: Final = 500


def tick() -> None:
    """Everything that is due by now; safe to call at any time, by anybody, at once."""
    now = timezone.now()
    pending = ApprovalInboxItem.objects.filter(status=ItemStatus.PENDING).order_by("pk")
    _each(pending.filter(expires_at__lte=now), expire_if_due)
    _each(pending.filter(escalate_at__lte=now, expires_at__gt=now), _escalate)
    _each(pending.filter(remind_at__lte=now, expires_at__gt=now), _remind)
    _void_changed(pending.filter(expires_at__gt=now))


def _each(items: QuerySet[ApprovalInboxItem], act: Callable[[ApprovalInboxItem], None]) -> None:
    for item in items.iterator(_BATCH):
        try:
            act(item)
        except DomainError:
            continue  # it was just done, or somebody decided in between


def _remind(item: ApprovalInboxItem) -> None:
    with transaction.atomic():
        if _mine(item, remind_at=item.remind_at).update(remind_at=None):
            note(item, InboxVerb.REMIND, actor=SYSTEM)


def _escalate(item: ApprovalInboxItem) -> None:
    """One step more urgent; what is most urgent stays it."""
    before, order = item.priority, Priority.values
    item.priority = order[max(order.index(before) - 1, 0)]
    changes = {"priority": item.priority, "escalate_at": None}
    with transaction.atomic():
        done = _mine(item, escalate_at=item.escalate_at, priority=before).update(**changes)
        if done and item.priority != before:
            text = f"{before} → {item.priority}"
            note(item, InboxVerb.ESCALATE, actor=SYSTEM, comment=text, priority=item.priority)


def _void_changed(items: QuerySet[ApprovalInboxItem]) -> None:
    needed = ("subject_type", "subject_id", "content_hash", "status", "expires_at")
    for batch in _batches(items.only(*needed)):
        asked: dict[str, dict[int, ApprovalInboxItem]] = defaultdict(dict)
        for item in batch:
            asked[item.subject_type][item.subject_id] = item
        for subject_type, of_type in asked.items():
            content = {pk: item.content_hash for pk, item in of_type.items()}
            for pk, mismatch in handler_of(subject_type).changed(content).items():
                try:
                    void(of_type[pk], mismatch)
                except DomainError:
                    continue  # decided in between


def _batches(items: QuerySet[ApprovalInboxItem]) -> Iterator[list[ApprovalInboxItem]]:
    rows = items.iterator(_BATCH)
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _mine(item: ApprovalInboxItem, **as_read: object) -> QuerySet[ApprovalInboxItem]:
    return ApprovalInboxItem.objects.filter(pk=item.pk, status=ItemStatus.PENDING, **as_read)
