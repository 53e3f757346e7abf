"""Stands in for hosts: keeps in memory what runs where, and which releases it was told to apply.

Real hosts are the lab's (tests/lab).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import yaml

from config.core.errors import DomainError
from config.core.leases import Lease
from config.core.risk import Finding, Rule
from deployments.models import Release
from deployments.rendering import hide
from deployments.runtimes.base import Outcome, Preview, Request
from deployments.runtimes.compose import project
from deployments.secrets import content_of

Place = tuple[int, int]  # a service on a target


class RecordingRuntime:
    """`during(release, lease)` is what happens while a release is applied, and how that ends."""

    def __init__(self) -> None:
        self.running: dict[Place, dict[str, Any]] = {}
        self.applied: list[int] = []
        self.during: Callable[[Release, Lease], Outcome] = lambda _release, _lease: Outcome()
        self.unready: DomainError | None = None
        self.risk: list[Finding] = [Finding(Rule.FIRST_RELEASE, "Nothing much")]

    def preview(self, request: Request) -> Preview:
        if self.unready:
            raise self.unready
        content = request.content or (request.rendered.documents[0] if request.rendered else {})
        masked = hide(content, request.secrets)
        before = yaml.safe_load(request.previous.resolved_manifest) if request.previous else None
        return Preview(
            content=content,
            resolved=yaml.safe_dump(masked, allow_unicode=True),
            diff=project.diff(before or {}, masked),
            fingerprint=self._state((request.service.pk, request.target.pk)),
            checks=[{"id": "images", "status": "warn", "message": "Will be pulled"}],
            findings=self.risk,
        )

    def fingerprint(self, release: Release) -> str:
        return self._state((release.service_id, release.target_id))

    def apply(self, release: Release, lease: Lease) -> Outcome:
        self.applied.append(release.pk)
        outcome = self.during(release, lease)
        if not outcome.reason_code:
            self.running[release.service_id, release.target_id] = content_of(release)
        return outcome

    def _state(self, place: Place) -> str:
        text = json.dumps(self.running.get(place), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def failing(reason_code: str = "unhealthy") -> Callable[[Release, Lease], Outcome]:
    """For `during`: the release's own containers never get healthy."""
    found = {
        "schema": 1,
        "collected_at": "2026-01-01T00:00:00Z",
        "runtime_type": "compose",
        "stage": "gate",
        "summary": {"code": "probe_failing", "message": "web is unhealthy", "hint": "See its log"},
        "resources": [],
        "steps": [],
        "raw": {},
    }
    return lambda _release, _lease: Outcome(reason_code, found)
