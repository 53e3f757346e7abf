"""Reads of policies."""

from __future__ import annotations

from collections.abc import Collection

from approvals.models import ApprovalPolicy
from config.core.models import Project


def policy_for(project: Project, tier: str, action: str) -> ApprovalPolicy | None:
    """The project's own policy, else the one for all projects, else None: nobody is asked."""
    policies = ApprovalPolicy.objects.filter(tier=tier, action=action, enabled=True)
    own = policies.filter(project=project).first()
    return own or policies.filter(project__isnull=True).first()


def forbidden(project: Project, tier: str, action: str, rules: Collection[str]) -> list[str]:
    """Those of `rules`, names of risk rules, that the policy for this action forbids, in the order
    of `Rule`. However many agree, a change in which one of them was found may not run."""
    policy = policy_for(project, tier, action)
    return [rule for rule in policy.forbids if rule in rules] if policy else []
