"""Tickets, asked for as the domains ask."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from approvals import services
from approvals.models import ApprovalInboxItem, ApprovalPolicy
from config.core.models import Project, User
from tests.factories.base import ModelFactory, made
from tests.factories.core import ProjectFactory, UserFactory, acting


class PolicyFactory(ModelFactory[ApprovalPolicy]):
    class Meta:
        model = ApprovalPolicy

    project = made(ProjectFactory.make)
    tier = "staging"
    action = "apply"


def request_of(project: Project, **fields: Any) -> services.Request:
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
    return services.Request(**defaults | fields)


def ticket(
    project: Project | None = None, *, requester: User | None = None, **fields: Any
) -> ApprovalInboxItem:
    """A pending ticket; each call's content is another one."""
    actor = acting(requester or UserFactory.make(), fields.pop("source", "api"))
    item = services.ask(request_of(project or ProjectFactory.make(), **fields), actor=actor)
    assert item is not None
    return item


def overdue(item: ApprovalInboxItem) -> ApprovalInboxItem:
    item.expires_at = timezone.now() - timedelta(seconds=1)
    item.save(update_fields=["expires_at"])
    return item
