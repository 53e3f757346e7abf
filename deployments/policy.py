"""What stands between a release and its run, whoever approved it: policies and freezes of now."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from approvals import freezing
from approvals.models import FreezeWindow
from approvals.selectors import forbidden
from config.core.errors import ManifestInvalid
from config.core.models import Project
from deployments.models import Kind, Release


def require_allowed(
    findings: Iterable[tuple[str, str]], project: Project, tier: str, kind: str
) -> None:
    """Raises ManifestInvalid for what the policy of this tier and action forbids. `findings`: risk
    rules, each with its reason."""
    found = list(findings)
    action = "rollback" if kind == Kind.ROLLBACK else "apply"
    no = forbidden(project, tier, action, {rule for rule, _ in found})
    errors = [
        {"path": "policy", "line": 1, "message": f"{reason} ({rule})"}
        for rule, reason in found
        if rule in no
    ]
    if errors:
        text = f"Policy forbids this in {tier}: {errors[0]['message']}"
        raise ManifestInvalid(text, errors=errors)


def require_still_allowed(release: Release) -> None:
    """The same of a release that was previewed under the policies of then."""
    require_allowed(
        [(rule, reason) for rule, reason in release.findings],
        release.project,
        release.environment.tier,
        release.kind,
    )


def holding(release: Release) -> FreezeWindow | None:
    """The freeze that a release waits for. It stops deployments, not the way back, and not what was
    sent through it with a reason."""
    if release.kind == Kind.ROLLBACK or release.freeze_override:
        return None
    return freezing.active(release.project_id, release.environment.tier, timezone.now())
