"""Tickets, asked for as the domains ask."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from approvals import asking
from approvals.models import ApprovalInboxItem, ApprovalPolicy, FreezeWindow
from config.core.models import Project, User
from tests.factories.base import ModelFactory, made
from tests.factories.core import ProjectFactory, UserFactory, acting


class PolicyFactory(ModelFactory[ApprovalPolicy]):
    class Meta:
        model = ApprovalPolicy

    project = made(ProjectFactory.make)
    tier = "staging"
    action = "apply"


class FreezeFactory(ModelFactory[FreezeWindow]):
    """Of all projects in production, from an hour ago for two hours; or at `weekly` hours."""

    class Meta:
        model = FreezeWindow

    tier = "production"
    reason = "Quarter's end"

    @classmethod
    def make(cls, **fields: Any) -> FreezeWindow:
        if "weekly" not in fields:
            hour = timedelta(hours=1)
            once = {"starts_at": timezone.now() - hour, "ends_at": timezone.now() + hour}
            fields = once | fields
        return super().make(**fields)


def request_of(project: Project, **fields: Any) -> asking.ApprovalRequest:
    """A change of tier production, about the project itself."""
    defaults: dict[str, Any] = {
        "subject_type": "subject",
        "subject_id": project.pk,
        "action": "apply",
        "title": "Change something",
        "project": project,
        "tier": "production",
        "risk": {"level": "medium", "reasons": []},
        "content_hash": uuid.uuid4().hex,
        "correlation_id": uuid.uuid4(),
    }
    return asking.ApprovalRequest(**defaults | fields)


def ticket(
    project: Project | None = None, *, requester: User | None = None, **fields: Any
) -> ApprovalInboxItem:
    """A pending ticket; each call's content is another one."""
    actor = acting(requester or UserFactory.make(), fields.pop("source", "api"))
    item = asking.ask(request_of(project or ProjectFactory.make(), **fields), actor=actor)
    assert item is not None
    return item


def overdue(item: ApprovalInboxItem) -> ApprovalInboxItem:
    item.expires_at = timezone.now() - timedelta(seconds=1)
    item.save(update_fields=["expires_at"])
    return item
