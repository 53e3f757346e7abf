"""The door to the inbox: a domain asks, and gets the ticket for a change, made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from approvals import words
from approvals.inbox import answerable
from approvals.models import ApprovalInboxItem, ApprovalPolicy, InboxVerb, ItemStatus, Priority
from approvals.noting import note
from approvals.selectors import policy_for
from config.core.models import Project, User
from config.core.risk import Risk, RiskLevel
from config.core.timeline import Actor

# What a change of such a risk is at least; what policy says counts where it is more urgent.
_AT_LEAST: Final = {RiskLevel.CRITICAL: Priority.P0, RiskLevel.HIGH: Priority.P1}
# Parts of a ticket's time after which it reminds, and after which it grows more urgent.
_REMINDS_AFTER: Final = 0.5
_ESCALATES_AFTER: Final = 0.75


@dataclass(frozen=True)
class ApprovalRequest:
    """What is asked for; `subject_type`, `subject_id` name the row, `content_hash` its content."""

    subject_type: str
    subject_id: int
    action: str
    title: str
    project: Project
    tier: str
    risk: Risk
    content_hash: str
    correlation_id: Any
    environment_id: int | None = None
    target_id: int | None = None
    freeze_override: str = ""
    involved: list[User] = field(default_factory=list)
    authors: list[User] = field(default_factory=list)


@transaction.atomic
def ask(request: ApprovalRequest, *, actor: Actor) -> ApprovalInboxItem | None:
    """The ticket for a change, made once per content; None where no policy wants one."""
    policy = policy_for(request.project, request.tier, request.action)
    if policy is None or policy.required_approvals == 0:
        return None
    item, created = ApprovalInboxItem.objects.get_or_create(
        subject_type=request.subject_type,
        subject_id=request.subject_id,
        content_hash=request.content_hash,
        defaults={
            "action": request.action,
            "tier": request.tier,
            "title": request.title,
            "project": request.project,
            "team_id": request.project.team_id,
            "environment_id": request.environment_id,
            "target_id": request.target_id,
            "risk": request.risk["level"],
            "priority": priority(policy, request.risk),
            "requested_by": actor.person,
            "source": actor.source,
            "required_approvals": policy.required_approvals,
            "auto_apply": policy.auto_apply,
            "freeze_override": request.freeze_override,
            "correlation_id": request.correlation_id,
            **_times(policy),
        },
    )
    if created:
        words.remember({item.pk: item.title})
        item.excluded.set(_excluded(policy, actor.person, request))
        note(item, InboxVerb.CREATE, actor=actor)
    return item


@transaction.atomic
def join(subject_type: str, subject_id: int, *, actor: Actor) -> None:
    """Somebody else asks for the same change: they don't decide about it either."""
    rows = ApprovalInboxItem.objects.filter(
        subject_type=subject_type, subject_id=subject_id, status=ItemStatus.PENDING
    )
    for item in rows.filter(excluded__isnull=False).distinct():
        item.excluded.add(*answerable(actor.person))


def priority(policy: ApprovalPolicy, risk: Risk) -> str:
    """What policy says, or, where that is more urgent, what the risk calls for."""
    risky = _AT_LEAST.get(RiskLevel(risk["level"]), Priority.P3)
    return min(policy.priority, risky.value)


def _times(policy: ApprovalPolicy) -> dict[str, Any]:
    now, whole = timezone.now(), timedelta(minutes=policy.expires_minutes)
    return {
        "expires_at": now + whole,
        "remind_at": now + whole * _REMINDS_AFTER,
        "escalate_at": now + whole * _ESCALATES_AFTER,
    }


def _excluded(policy: ApprovalPolicy, requester: User, request: ApprovalRequest) -> set[int]:
    people: list[User] = []
    if policy.prevent_self_approval:
        people += [requester, *request.involved]
    if policy.exclude_authors:
        people += request.authors
    return {pk for person in people for pk in answerable(person)}
