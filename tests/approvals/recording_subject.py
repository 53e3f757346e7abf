"""Stands in for what tickets are about: notes what the inbox tells it, or refuses to go along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from approvals.registry import Approval
from config.core.models import Project
from config.core.timeline import Actor


class Broken(Exception):
    """The subject could not do what was decided."""


class RecordingSubject:
    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.approvals: list[Approval] = []
        self.mismatches: dict[int, list[str]] = {}
        self.tampered: set[int] = set()
        self.broken = False

    def approved(self, subject_id: int, approval: Approval) -> None:
        # A write, to see it undone with the decision.
        name = approval.actor.name
        Project.objects.filter(pk=subject_id).update(name=f"approved by {name}")
        self.approvals.append(approval)
        self._note("approved", subject_id, name, approval.start_after)

    def refused(self, subject_id: int, *, actor: Actor, reason_code: str, comment: str) -> None:
        Project.objects.filter(pk=subject_id).update(name=reason_code)
        self._note("refused", subject_id, actor.name, reason_code, comment)

    def changed(self, content: Mapping[int, str]) -> dict[int, list[str]]:
        return {pk: names for pk, names in self.mismatches.items() if pk in content}

    def is_intact(self, subject_id: int) -> bool:
        return subject_id not in self.tampered

    def describe(self, subject_id: int) -> dict[str, Any]:
        risk = {"level": "high", "reasons": ["A reason"]}
        return {"summary": f"Subject {subject_id}", "risk": risk, "diff": {}, "warnings": []}

    def link(self, subject_id: int, environment_id: int | None) -> str:  # noqa: ARG002 - the registry's
        return f"/api/v1/subjects/{subject_id}"

    def _note(self, *what: Any) -> None:
        if self.broken:
            raise Broken
        self.told.append(what)
