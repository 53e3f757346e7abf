"""What a runtime is to releases: it says what a change would do, does it, explains failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from config.core.leases import Lease
from config.core.risk import Finding
from deployments.models import DeploymentTarget, Release, Service
from deployments.rendering import Rendered


@dataclass(frozen=True)
class Request:
    """What is to be previewed. `rendered` is the manifest with its variables, or, for a rollback,
    `content` is what the earlier release `source` applied. `secrets`: {text: mask}."""

    service: Service
    target: DeploymentTarget
    strategy: str
    previous: Release | None
    rendered: Rendered | None
    content: dict[str, Any] | None
    secrets: dict[str, str]
    source: Release | None = None
    force_conflicts: bool = False


@dataclass
class Preview:
    """What applying would do. `content` goes to the runtime as it is; all else has secrets masked.

    `fingerprint` changes when what runs on the target does. `diff`, `images` and `checks` have the
    shapes of the contract.
    """

    content: dict[str, Any]
    resolved: str
    diff: dict[str, Any]
    fingerprint: str
    images: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `reason_code` is empty when it was applied; `restored`: what ran before
    runs again; `images`: the release's, with the digests that are known by now."""

    reason_code: str = ""
    diagnostics: dict[str, Any] | None = None
    restored: bool = False
    images: list[dict[str, Any]] | None = None


class Runtime(Protocol):
    def preview(self, request: Request) -> Preview:
        """Raises `manifest_invalid`, `target_not_ready` and the errors of reaching the target."""

    def fingerprint(self, release: Release) -> str:
        """Of what runs on the target now, comparable with a preview's."""

    def apply(self, release: Release, lease: Lease) -> Outcome:
        """Brings the release's content to the target, or leaves there what ran before. Can be
        called again after the worker died: it goes on where the rows and hosts say it was."""
