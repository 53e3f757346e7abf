"""What is done on a ticket: one row in its history and one event, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from config.core import timeline
from config.core.timeline import Actor


def void_text(mismatch: Sequence[str]) -> str:
    """`mismatch`: names of `preview_mismatch`."""
    return f"Void: no longer what was previewed ({', '.join(mismatch)}). Preview again."


def note(
    item: ApprovalInboxItem,
    verb: str,
    *,
    actor: Actor,
    comment: str = "",
    action: str = "",
    **detail: Any,
) -> None:
    """`verb`: of InboxVerb; `action`: the event's, where it isn't `approval.{verb}`."""
    ApprovalInboxAction.objects.create(item=item, actor=actor.user, verb=verb, comment=comment)
    detail = {
        "ticket": item.ticket,
        "subject_type": item.subject_type,
        "subject_id": item.subject_id,
        "comment": comment,
    } | detail
    name = action or f"approval.{verb}"
    timeline.record(name, item, actor=actor, status=item.status, detail=detail)
