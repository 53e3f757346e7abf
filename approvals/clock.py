"""What time does to tickets: they remind, grow more urgent, expire; and are void when what they are
about has moved. Each is one conditional UPDATE, so it happens once however many clocks run."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from approvals.deciding import expire_if_due, void, withdraw
from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus, Priority
from approvals.noting import note
from approvals.registry import handler_of
from config.core.errors import (
    ApprovalAlreadyDecided,
    ApprovalTicketExpired,
    InvalidTransition,
)
from config.core.timeline import SYSTEM

logger = logging.getLogger(__name__)

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
        _alone(item, act)


def _alone(item: ApprovalInboxItem, act: Callable[[ApprovalInboxItem], None]) -> None:
    """One ticket that can't be dealt with doesn't keep the others waiting."""
    try:
        act(item)
    except (ApprovalAlreadyDecided, ApprovalTicketExpired):
        return  # it was just done, or somebody decided in between
    except InvalidTransition:
        # Its subject went on without it: nobody can decide anything there any more.
        logger.warning("ticket without a subject that waits", extra={"ticket": item.ticket})
        withdraw(item.subject_type, item.subject_id, actor=SYSTEM)
    except (OperationalError, InterfaceError):
        raise  # the database is away: of no ticket's making
    except Exception:
        logger.exception("ticket not dealt with", extra={"ticket": item.ticket})


def _remind(item: ApprovalInboxItem) -> None:
    with transaction.atomic():
        if item.while_pending().filter(remind_at=item.remind_at).update(remind_at=None):
            note(item, InboxVerb.REMIND, actor=SYSTEM)


def _escalate(item: ApprovalInboxItem) -> None:
    """One step more urgent; what is most urgent stays it."""
    before, order = item.priority, Priority.values
    item.priority = order[max(order.index(before) - 1, 0)]
    changes = {"priority": item.priority, "escalate_at": None}
    with transaction.atomic():
        done = (
            item.while_pending()
            .filter(escalate_at=item.escalate_at, priority=before)
            .update(**changes)
        )
        if done and item.priority != before:
            text = f"{before} → {item.priority}"
            note(item, InboxVerb.ESCALATE, actor=SYSTEM, comment=text, priority=item.priority)


def _void_changed(items: QuerySet[ApprovalInboxItem]) -> None:
    for batch in _batches(items):
        asked: dict[str, dict[int, ApprovalInboxItem]] = defaultdict(dict)
        for item in batch:
            asked[item.subject_type][item.subject_id] = item
        for subject_type, of_type in asked.items():
            for pk, mismatch in _changed(subject_type, of_type).items():
                _alone(of_type[pk], partial(void, mismatch=mismatch))


def _changed(subject_type: str, items: dict[int, ApprovalInboxItem]) -> dict[int, list[str]]:
    content = {pk: item.content_hash for pk, item in items.items()}
    try:
        return handler_of(subject_type).changed(content)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("subjects not looked at", extra={"subject_type": subject_type})
        return {}


def _batches(items: QuerySet[ApprovalInboxItem]) -> Iterator[list[ApprovalInboxItem]]:
    rows = items.iterator(_BATCH)
    while batch := list(islice(rows, _BATCH)):
        yield batch
