"""From an event to the message that tells of it: once for all kinds of channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from config.core.models import Project, TimelineEvent
from config.notifications.courier.message import Message
from config.notifications.subjects import Summary, describe


def compose(event: TimelineEvent, project: Project, delivery_id: UUID) -> Message:
    """`delivery_id` is the message's id: a repeated attempt has the same."""
    environment = _environment(event.environment_id)
    where = f"{environment['name']} ({environment['tier']})" if environment else ""
    content = _content(describe(event), project, event.action, event.occurred_at, where) | {
        "environment": environment,
        "resource": {"type": event.resource_type, "id": event.resource_id},
        "actor": event.actor,
        "status": event.status,
    }
    return Message(str(delivery_id), content)


def test_message(project: Project, channel: str, delivery_id: UUID) -> Message:
    """What a channel is tried with."""
    summary = Summary(f"Test of the channel {channel}", ["Slipway reaches you here."])
    return Message(str(delivery_id), _content(summary, project, "test", timezone.now()))


def _environment(pk: int | None) -> dict[str, object] | None:
    if pk is None:
        return None
    # By name: notifications lie below the apps whose events they tell.
    rows: Any = apps.get_model("environments.Environment")._default_manager
    found: dict[str, object] | None = rows.filter(pk=pk).values("id", "name", "tier").first()
    return found


def _content(
    summary: Summary, project: Project, event: str, occurred_at: datetime, where: str = ""
) -> dict[str, object]:
    link = settings.PUBLIC_URL + summary.link
    lines = [f"Project: {project}"]
    if where:
        lines.append(f"Environment: {where}")
    lines += summary.lines
    if summary.risk:
        lines.append(f"Risk: {summary.risk['level']}")
        lines += [f"- {reason}" for reason in summary.risk["reasons"]]
    if summary.counts:
        counts = [f"{number} {verb}" for verb, number in summary.counts.items() if number]
        lines.append(f"Changes: {', '.join(counts) or 'none'}")
    return {
        "event": event,
        "occurred_at": occurred_at.isoformat().replace("+00:00", "Z"),
        "project": {"id": project.pk, "name": project.name},
        "title": " ".join(f"[{project}] {summary.title}".split())[:250],
        "text": "\n".join([*lines, link]),
        "link": link,
        "risk": summary.risk,
        "counts": dict(summary.counts),
    }
