"""What was approved and waits for its start is looked at until then: its ticket is decided, and the
clock of tickets passes it by. The domains, which know what waits, call this by their own clocks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from django.db import InterfaceError, OperationalError, models, transaction

from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus
from approvals.noting import note, void_text
from approvals.registry import handler_of
from config.core.errors import InvalidTransition
from config.core.timeline import SYSTEM

logger = logging.getLogger(__name__)
S = TypeVar("S", bound=models.Model)

_BATCH: Final = 500


def cancel_changed(
    subject_type: str,
    waiting: models.QuerySet[S],
    digest: str,
    cancel: Callable[[S, dict[str, Any]], None],
) -> None:
    """Has every one of `waiting` cancelled that is no longer what was approved, and says so on its
    ticket, which stays approved. Where nobody was asked, its own content hash counts.

    `digest`: the path of that; `cancel(row, detail)`: the transition, with the detail of its event,
    raising InvalidTransition for what has just begun; in one transaction with the note.
    """
    for pk, mismatch in _changed(subject_type, waiting, digest):
        try:
            with transaction.atomic():
                if row := waiting.filter(pk=pk).first():
                    text = void_text(mismatch)
                    detail = {"reason_code": "preview_mismatch", "mismatch": mismatch}
                    cancel(row, detail | {"comment": text})
                    _tell(subject_type, pk, text, detail)
        except InvalidTransition:
            continue  # it began, or somebody else was quicker
        except (OperationalError, InterfaceError):
            raise  # the database is away: of no subject's making
        except Exception:
            logger.exception("not cancelled", extra={"subject": f"{subject_type} {pk}"})


def _changed(
    subject_type: str, waiting: models.QuerySet[Any], digest: str
) -> Iterator[tuple[int, list[str]]]:
    rows, last = waiting.order_by("pk").values_list("pk", digest), 0
    while content := dict(rows.filter(pk__gt=last)[:_BATCH]):
        last = max(content)
        tickets = _approved(subject_type).filter(subject_id__in=content)
        content |= dict(tickets.values_list("subject_id", "content_hash"))
        yield from handler_of(subject_type).changed(content).items()


def _tell(subject_type: str, pk: int, text: str, detail: dict[str, Any]) -> None:
    if item := _approved(subject_type).filter(subject_id=pk).first():
        note(item, InboxVerb.COMMENT, actor=SYSTEM, comment=text, **detail)


def _approved(subject_type: str) -> models.QuerySet[ApprovalInboxItem]:
    return ApprovalInboxItem.objects.filter(status=ItemStatus.APPROVED, subject_type=subject_type)
