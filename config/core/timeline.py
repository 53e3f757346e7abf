"""The one append-only timeline of all domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import models

from config.core.errors import PermissionDenied
from config.core.models import Source, TimelineEvent, User

_ACTIONS: Final = {
    "release": "previewed pending_approval approved rejected failed cancelled applying applied "
    "rollback_requested rollback_completed rollback_failed",
    "approval": "created assigned claimed commented approved rejected expired cancelled reminded "
    "escalated",
    "environment": "install_requested install_step_started install_step_succeeded "
    "install_step_failed install_succeeded install_failed install_cancelled vip_succeeded "
    "vip_failed",
    "cluster": "imported tested rotated deleted expiring",
    "node": "enrolled host_key_changed",
    "policy": "changed",
    "freeze": "changed",
    "role": "granted revoked",
    "token": "created revoked",
    "auth": "login login_failed denied",
    "break_glass": "used",
}
ACTIONS: Final = frozenset(
    f"{domain}.{verb}" for domain, verbs in _ACTIONS.items() for verb in verbs.split()
)

Listener = Callable[[TimelineEvent], None]
_listeners: Final[dict[str, list[Listener]]] = {}


@dataclass(frozen=True)
class Actor:
    """Who does something, and through which door."""

    user: User | None
    source: str

    @property
    def person(self) -> User:
        """The user or bot. Raises PermissionDenied for the system, which asks for nothing."""
        if self.user is None:
            raise PermissionDenied
        return self.user

    @property
    def name(self) -> str:
        return self.user.get_username() if self.user else "system"


SYSTEM: Final = Actor(None, Source.SYSTEM)


def subscribe(actions: Iterable[str], listener: Listener) -> None:
    """Has `listener` called with every event of these actions, in the transaction that records it:
    raising undoes what the event tells of. Raises ValueError for an action not in the contract."""
    wanted = set(actions)
    if unknown := wanted - ACTIONS:
        raise ValueError(f"not actions of the timeline: {', '.join(sorted(unknown))}")
    for action in wanted:
        _listeners.setdefault(action, []).append(listener)


def record(
    action: str,
    subject: models.Model,
    *,
    actor: Actor,
    status: str = "",
    detail: dict[str, Any] | None = None,
) -> TimelineEvent:
    """Adds one event about `subject`, in the caller's transaction.

    `subject` names itself by `resource_type` and, where it has them, `project_id`,
    `environment_id` and `correlation_id`. Raises ValueError for an action not in the contract.
    """
    return record_all([event(action, subject, actor=actor, status=status, detail=detail)])[0]


def record_all(events: Sequence[TimelineEvent]) -> list[TimelineEvent]:
    """Adds what `event` made, in this order, in the caller's transaction."""
    recorded = TimelineEvent.objects.bulk_create(events)
    for each in recorded:
        for listener in _listeners.get(each.action, ()):
            listener(each)
    return recorded


def event(
    action: str,
    subject: models.Model,
    *,
    actor: Actor,
    status: str = "",
    detail: dict[str, Any] | None = None,
) -> TimelineEvent:
    """What `record` adds, not yet added."""
    if action not in ACTIONS:
        raise ValueError(f"not an action of the timeline: {action}")
    correlation: UUID | None = getattr(subject, "correlation_id", None)
    return TimelineEvent(
        action=action,
        resource_type=getattr(subject, "resource_type", type(subject).__name__.lower()),
        resource_id=subject.pk,
        project_id=getattr(subject, "project_id", None),
        team_id=getattr(subject, "team_id", None),
        environment_id=getattr(subject, "environment_id", None),
        actor_id=actor.user.pk if actor.user else None,
        actor=actor.name,
        source=actor.source,
        status=status,
        correlation_id=correlation,
        detail=detail or {},
    )
