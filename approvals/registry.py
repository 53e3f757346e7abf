"""How the inbox speaks to what it decides about, without knowing it.

Each domain registers a handler per subject type when it starts (`AppConfig.ready`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from config.core.timeline import Actor


@dataclass(frozen=True)
class Approval:
    """`start_after` None: approved, and started by whoever applies once more. `freeze_override`:
    why it runs through a freeze, where it may."""

    actor: Actor
    start_after: datetime | None
    freeze_override: str = ""
    broke_glass: bool = False


class SubjectHandler(Protocol):
    """What a domain does when its ticket is decided. `approved` and `refused` are called inside the
    decision's transaction: raising undoes the decision."""

    def approved(self, subject_id: int, approval: Approval) -> None: ...

    def refused(self, subject_id: int, *, actor: Actor, reason_code: str, comment: str) -> None:
        """`reason_code`: `approval_rejected`, `approval_ticket_expired`, `cancelled`, or
        `preview_mismatch`: what it was about has changed."""

    def changed(self, content: Mapping[int, str]) -> dict[int, list[str]]:
        """Of pending subjects, {id: the content hash that people were asked about}, those that are
        not that any more, each with the names of what differs (as in `preview_mismatch`). Asked
        again and again by the clock."""

    def is_intact(self, subject_id: int) -> bool:
        """Whether the row still holds, to the byte, what its content hash says. Asked once, before
        a decision."""

    def describe(self, subject_id: int) -> dict[str, Any]:
        """For the reviewer, secrets masked: {`summary`, `risk`, `diff`, `warnings`}."""

    def link(self, subject_id: int, environment_id: int | None) -> str:
        """The subject's own address in the API; asked for each row of a list."""


_handlers: dict[str, SubjectHandler] = {}


def register(subject_type: str, handler: SubjectHandler) -> None:
    _handlers[subject_type] = handler


def handler_of(subject_type: str) -> SubjectHandler:
    return _handlers[subject_type]
