"""Reads of the policies.

The one rule where policies overlap: the project's own, where it is enabled, decides alone who has
to agree, and else the one for all projects. What is forbidden adds up: a project can forbid more,
and can't allow what is forbidden to all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from approvals.models import ApprovalPolicy
from approvals.reviewers import reviewers_in
from config.core.models import Project
from config.core.risk import Rule


def policy_for(project: Project, tier: str, action: str) -> ApprovalPolicy | None:
    """The project's own policy, else the one for all projects, else None: nobody is asked."""
    return _candidates(project, tier, action).filter(enabled=True).first()


def forbidden(project: Project, tier: str, action: str, rules: Collection[str]) -> list[str]:
    """Those of `rules`, names of risk rules, that are forbidden for this action, in the order of
    `Rule`. However many agree, a change in which one of them was found may not run."""
    policies = _candidates(project, tier, action).filter(enabled=True)
    named = {rule for policy in policies for rule in policy.forbids}
    return [rule for rule in Rule.values if rule in named and rule in rules]


@dataclass(frozen=True)
class Effective:
    """What holds for an action, and why. `eligible`: people who may review in the project, of whom
    whoever asks is one less; `overruled`: policies that would hold without the chosen one."""

    policy: ApprovalPolicy | None
    reason: str
    required_approvals: int
    forbids: list[str]
    eligible: int
    overruled: list[ApprovalPolicy]

    @property
    def satisfiable(self) -> bool:
        return self.eligible >= self.required_approvals


def effective(project: Project, tier: str, action: str) -> Effective:
    candidates = list(_candidates(project, tier, action))
    enabled = [policy for policy in candidates if policy.enabled]
    policy = enabled[0] if enabled else None
    return Effective(
        policy=policy,
        reason=_reason(policy, candidates),
        required_approvals=policy.required_approvals if policy else 0,
        forbids=forbidden(project, tier, action, Rule.values),
        eligible=len(reviewers_in(project)),
        overruled=[each for each in enabled if each != policy],
    )


def _reason(policy: ApprovalPolicy | None, candidates: list[ApprovalPolicy]) -> str:
    if policy is None:
        off = " (there is one, not enabled)" if candidates else ""
        return f"No policy is for this: nobody is asked{off}."
    if policy.project_id:
        return "The project's own policy decides."
    off = " (its own is not enabled)" if len(candidates) > 1 else ""
    return f"The policy for all projects decides: the project has none of its own{off}."


def _candidates(project: Project, tier: str, action: str) -> QuerySet[ApprovalPolicy]:
    """The project's own first."""
    rows = ApprovalPolicy.objects.filter(
        Q(project=project) | Q(project__isnull=True), tier=tier, action=action
    )
    return rows.order_by(F("project").asc(nulls_last=True))
