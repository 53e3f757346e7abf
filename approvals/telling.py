"""What notifications say of tickets, and of glass that was broken."""

from __future__ import annotations

from typing import Any, Final

from approvals.models import ApprovalInboxItem, ItemStatus
from approvals.registry import handler_of
from config.core.models import TimelineEvent
from config.notifications.subjects import Summary, generic, said

_TITLES: Final = {
    "approval.created": "Approval needed",
    "approval.reminded": "Still waiting for approval",
    "approval.escalated": "More urgent",
    "approval.approved": "Approved",
    "approval.rejected": "Rejected",
    "approval.expired": "Expired undecided",
    "approval.cancelled": "Withdrawn",
    "break_glass.used": "Break-glass used",
}


def ticket(event: TimelineEvent) -> Summary:
    item = ApprovalInboxItem.objects.select_related("requested_by").get(pk=event.resource_id)
    described = handler_of(item.subject_type).describe(item.subject_id)
    lines = [
        f"Ticket: {item.ticket} ({item.action}, {item.tier}, {item.priority})",
        f"Change: {described['summary']}",
        f"Requested by: {item.requested_by} ({item.source})",
        *_what_happened(event, item),
        *(f"Warning: {said(_text(warning))}" for warning in described["warnings"]),
    ]
    return Summary(
        title=f"{_title(event, item)}: {item.title}",
        lines=lines,
        link=f"/inbox/{item.ticket}",
        risk=described["risk"],
        counts=described["diff"].get("summary", {}),
    )


def broken_glass(event: TimelineEvent) -> Summary:
    """Of a project: somebody went through a freeze."""
    if event.action != "break_glass.used":
        return generic(event)
    reason, freeze = event.detail.get("reason", ""), event.detail.get("freeze") or {}
    lines = [f"By: {event.actor}", f"Reason: {said(str(reason))}"]
    if "reason" in freeze:
        lines.append(f"Freeze: {said(str(freeze['reason']))}")
    tier = event.detail.get("tier", "")
    return Summary(f"Break-glass used: a freeze of {tier or 'the project'} overridden", lines)


def _title(event: TimelineEvent, item: ApprovalInboxItem) -> str:
    if event.action == "approval.approved" and event.status == ItemStatus.PENDING:
        return f"A vote of {item.required_approvals} needed"
    if event.detail.get("reason_code") == "preview_mismatch":
        return "Void, the content has changed"
    return _TITLES.get(event.action, "Ticket")


def _what_happened(event: TimelineEvent, item: ApprovalInboxItem) -> list[str]:
    if event.status == ItemStatus.PENDING and event.action != "approval.approved":
        until = item.expires_at.strftime("%Y-%m-%d %H:%M UTC")
        several = "" if item.required_approvals == 1 else "s"
        lines = [f"Needs: {item.required_approvals} approval{several} by {until}"]
    else:
        lines = [f"By: {event.actor}"]
    if comment := said(str(event.detail.get("comment") or event.detail.get("reason") or "")):
        lines.append(f"Comment: {comment}")
    return lines


def _text(warning: Any) -> str:
    return str(warning["message"]) if isinstance(warning, dict) else str(warning)
