"""Writes of the policies: who may set one, and which can't be set."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from approvals.models import ApprovalPolicy, FreezeWindow
from approvals.reviewers import most_reviewers, reviewers_in
from config.core import timeline
from config.core.errors import ValidationFailed
from config.core.permissions import is_admin, require, require_admin
from config.core.risk import Rule
from config.core.timeline import Actor

_TOLD = (
    "tier",
    "action",
    "required_approvals",
    "prevent_self_approval",
    "exclude_authors",
    "forbids",
    "enabled",
)


def save_policy(policy: ApprovalPolicy, *, actor: Actor) -> ApprovalPolicy:
    """Creates or changes a policy; one for all projects is the platform admins'. Moving one needs
    the right where it was, too. Tickets that are there keep what they were asked under.

    Raises PermissionDenied, and ValidationFailed for a policy that too few people could satisfy, or
    by which a project would go below what holds for all.
    """
    before = ApprovalPolicy.objects.filter(pk=policy.pk).first()
    for state in (before, policy):
        if state is not None:
            require_author(state, actor)
    policy.forbids = [rule for rule in Rule.values if rule in (policy.forbids or [])]
    if policy.enabled:
        _require_satisfiable(policy)
        _require_floor(policy, before, actor)
    with transaction.atomic():
        policy.save()
        _changed(policy, actor, before=_told(before) if before else None)
    return policy


def delete_policy(policy: ApprovalPolicy, *, actor: Actor) -> None:
    require_author(policy, actor)
    with transaction.atomic():
        _changed(policy, actor, deleted=True)
        policy.delete()


def require_author(row: ApprovalPolicy | FreezeWindow, actor: Actor) -> None:
    """Raises PermissionDenied to who may not write a policy or freeze of its project, or of all."""
    if row.project is None:
        require_admin(actor.person)
    else:
        require(actor.person, "project_manage", row.project)


def _require_satisfiable(policy: ApprovalPolicy) -> None:
    """Nobody could be asked for more votes than there are people to give them."""
    project = policy.project
    eligible = len(reviewers_in(project)) if project else most_reviewers()
    if eligible < policy.required_approvals:
        where = "this project" if project else "any project"
        text = f"Nobody could satisfy this: {eligible} people may review in {where}."
        raise ValidationFailed(fields={"required_approvals": [text]})


def _require_floor(policy: ApprovalPolicy, before: ApprovalPolicy | None, actor: Actor) -> None:
    """What holds for all projects is the floor: a project's own admins can't go below it, and it
    isn't raised over the heads of projects, whose own policy would go on deciding alone."""
    same = ApprovalPolicy.objects.filter(tier=policy.tier, action=policy.action, enabled=True)
    if policy.project:
        floor = same.filter(project=None).first()
        if floor and not is_admin(actor.person) and (problems := _weaker(policy, floor)):
            text = "Only a platform admin may ask for less than what holds for all projects."
            raise ValidationFailed(text, fields=problems)
        return
    known = before if before and before.enabled else None
    below = [
        own.project
        for own in same.exclude(project=None).select_related("project").order_by("project__name")
        if _weaker(own, policy) and not (known and _weaker(own, known))
    ]
    if below:
        text = f"These have a policy of their own that asks for less: {', '.join(map(str, below))}."
        raise ValidationFailed(fields={"project_id": [text]})


def _weaker(policy: ApprovalPolicy, floor: ApprovalPolicy) -> dict[str, list[str]]:
    """What of a policy asks for less than `floor`: {field: [why]}."""
    found = {}
    if policy.required_approvals < floor.required_approvals:
        found["required_approvals"] = [f"At least {floor.required_approvals} for all projects."]
    for name in ("prevent_self_approval", "exclude_authors"):
        if getattr(floor, name) and not getattr(policy, name):
            found[name] = ["This holds for all projects."]
    if policy.auto_apply and not floor.auto_apply:
        found["auto_apply"] = ["For all projects, what is approved waits for one more apply."]
    return found


def _changed(policy: ApprovalPolicy, actor: Actor, **detail: Any) -> None:
    timeline.record("policy.changed", policy, actor=actor, detail=_told(policy) | detail)


def _told(policy: ApprovalPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in _TOLD}
