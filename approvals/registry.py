"""How the inbox speaks to what it decides about, without knowing it.

Each domain registers a handler per subject type when it starts (`AppConfig.ready`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from config.core.timeline import Actor


class SubjectHandler(Protocol):
    """What a domain does when its ticket is decided. Called inside the decision's transaction:
    raising undoes the decision."""

    def approved(self, subject_id: int, *, actor: Actor, start_after: datetime | None) -> None:
        """`start_after` None: approved, and started by whoever applies once more."""

    def refused(self, subject_id: int, *, actor: Actor, reason_code: str, comment: str) -> None:
        """`reason_code`: `approval_rejected`, `approval_ticket_expired` or `cancelled`."""

    def describe(self, subject_id: int) -> dict[str, Any]:
        """For the reviewer, secrets masked: {`summary`, `risk`, `diff`, `warnings`}."""

    def link(self, subject_id: int, environment_id: int | None) -> str:
        """The subject's own address in the API; asked for each row of a list."""


_handlers: dict[str, SubjectHandler] = {}


def register(subject_type: str, handler: SubjectHandler) -> None:
    _handlers[subject_type] = handler


def handler_of(subject_type: str) -> SubjectHandler:
    return _handlers[subject_type]
