"""Writes of the inbox: ask, decide, comment, withdraw.

A decision, the transition it causes in its subject and both events commit together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from approvals.inbox import answerable, voted
from approvals.models import (
    ApprovalInboxAction,
    ApprovalInboxItem,
    ApprovalPolicy,
    FreezeWindow,
    InboxVerb,
    ItemStatus,
)
from approvals.registry import handler_of
from approvals.selectors import policy_for
from config.core import timeline
from config.core.errors import (
    ApprovalAlreadyDecided,
    ApprovalSelfReview,
    ApprovalTicketExpired,
    PermissionDenied,
    ValidationFailed,
)
from config.core.models import Project, User
from config.core.permissions import allowed, require, require_admin
from config.core.risk import Risk, Rule
from config.core.timeline import SYSTEM, Actor


@dataclass(frozen=True)
class Request:
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
    involved: list[User] = field(default_factory=list)
    authors: list[User] = field(default_factory=list)


@transaction.atomic
def ask(request: Request, *, actor: Actor) -> ApprovalInboxItem | None:
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
            "title": request.title,
            "project": request.project,
            "team_id": request.project.team_id,
            "environment_id": request.environment_id,
            "target_id": request.target_id,
            "risk": request.risk["level"],
            "priority": policy.priority,
            "requested_by": actor.person,
            "source": actor.source,
            "required_approvals": policy.required_approvals,
            "auto_apply": policy.auto_apply,
            "correlation_id": request.correlation_id,
            "expires_at": timezone.now() + timedelta(minutes=policy.expires_minutes),
        },
    )
    if created:
        item.excluded.set(_excluded(policy, actor.person, request))
        _note(item, InboxVerb.CREATE, actor=actor)
    return item


def _excluded(policy: ApprovalPolicy, requester: User, request: Request) -> set[int]:
    people: list[User] = []
    if policy.prevent_self_approval:
        people += [requester, *request.involved]
    if policy.exclude_authors:
        people += request.authors
    return {pk for person in people for pk in answerable(person)}


def approve(
    item: ApprovalInboxItem, *, actor: Actor, comment: str = "", apply_at: datetime | None = None
) -> ApprovalInboxItem:
    """One vote. The vote that completes the required number approves the subject, which runs at
    once, or from `apply_at` on.

    Raises PermissionDenied, ApprovalSelfReview, ApprovalTicketExpired, ApprovalAlreadyDecided.
    """
    _reviewer(item, actor)
    expire_if_due(item)
    with transaction.atomic():
        # Counting locks the row: who votes at the same time waits here, and is then seen below.
        counted = _pending(item).filter(expires_at__gt=timezone.now())
        if not counted.update(approvals_count=models.F("approvals_count") + 1):
            raise _why_not(item)
        if voted(item, actor.person):
            raise ApprovalAlreadyDecided("You have approved this ticket already.")
        complete = _pending(item).filter(approvals_count__gte=models.F("required_approvals"))
        done = complete.update(status=ItemStatus.APPROVED, decided_at=timezone.now())
        item.refresh_from_db()
        _note(item, InboxVerb.APPROVE, actor=actor, comment=comment)
        if done:
            start_after = apply_at or (timezone.now() if item.auto_apply else None)
            handler_of(item.subject_type).approved(
                item.subject_id, actor=actor, start_after=start_after
            )
    return item


def reject(item: ApprovalInboxItem, *, actor: Actor, comment: str) -> ApprovalInboxItem:
    """One rejection is enough. Raises as `approve`, and ValidationFailed without a comment."""
    if not comment.strip():
        raise ValidationFailed(fields={"comment": ["Say why."]})
    _reviewer(item, actor)
    expire_if_due(item)
    _refuse(item, ItemStatus.REJECTED, InboxVerb.REJECT, "approval_rejected", actor, comment)
    return item


def cancel(item: ApprovalInboxItem, *, actor: Actor, comment: str = "") -> ApprovalInboxItem:
    """Withdraws the request: whoever made it, or the owner of the bot that did."""
    if actor.person.pk not in answerable(item.requested_by):
        raise PermissionDenied("Only whoever asked can withdraw a request.")
    expire_if_due(item)
    _refuse(item, ItemStatus.CANCELLED, InboxVerb.CANCEL, "cancelled", actor, comment)
    return item


@transaction.atomic
def withdraw(subject_type: str, subject_id: int, *, actor: Actor) -> None:
    """Closes a subject's open ticket because the subject itself was cancelled."""
    rows = ApprovalInboxItem.objects.filter(
        subject_type=subject_type, subject_id=subject_id, status=ItemStatus.PENDING
    )
    for item in rows:
        if _pending(item).update(status=ItemStatus.CANCELLED, decided_at=timezone.now()):
            item.status = ItemStatus.CANCELLED
            _note(item, InboxVerb.CANCEL, actor=actor)


def expire_if_due(item: ApprovalInboxItem) -> None:
    """Expires a ticket whose time is over, for good, then raises ApprovalTicketExpired."""
    if item.is_overdue:
        _refuse(item, ItemStatus.EXPIRED, InboxVerb.EXPIRE, "approval_ticket_expired", SYSTEM, "")
        raise ApprovalTicketExpired


def comment(item: ApprovalInboxItem, *, actor: Actor, text: str) -> ApprovalInboxItem:
    with transaction.atomic():
        _note(item, InboxVerb.COMMENT, actor=actor, comment=text)
    return item


def assign(item: ApprovalInboxItem, *, actor: Actor, user: User) -> ApprovalInboxItem:
    """Puts a pending ticket on somebody's list; `claim` is to assign it to oneself."""
    require(actor.person, "approval_review", item)
    if not allowed(user, "approval_review", item):
        raise ValidationFailed(fields={"user_id": ["This person may not decide the ticket."]})
    verb = InboxVerb.CLAIM if user == actor.user else InboxVerb.ASSIGN
    with transaction.atomic():
        if not _pending(item).update(assigned_to=user):
            raise _why_not(item)
        _note(item, verb, actor=actor, comment="" if verb == InboxVerb.CLAIM else user.username)
    item.refresh_from_db()
    return item


def save_policy(policy: ApprovalPolicy, *, actor: Actor) -> ApprovalPolicy:
    """Creates or changes a policy; one for all projects is the platform admins'. Moving one needs
    the right where it was, too."""
    for state in (ApprovalPolicy.objects.filter(pk=policy.pk).first(), policy):
        if state is not None:
            require_author(state, actor)
    policy.forbids = [rule for rule in Rule.values if rule in (policy.forbids or [])]
    with transaction.atomic():
        policy.save()
        _policy_changed(policy, actor)
    return policy


def delete_policy(policy: ApprovalPolicy, *, actor: Actor) -> None:
    require_author(policy, actor)
    with transaction.atomic():
        _policy_changed(policy, actor, deleted=True)
        policy.delete()


def require_author(row: ApprovalPolicy | FreezeWindow, actor: Actor) -> None:
    """Raises PermissionDenied to who may not write a policy or freeze of its project, or of all."""
    if row.project is None:
        require_admin(actor.person)
    else:
        require(actor.person, "project_manage", row.project)


def _policy_changed(policy: ApprovalPolicy, actor: Actor, **detail: Any) -> None:
    for name in ("tier", "action", "required_approvals", "forbids", "enabled"):
        detail[name] = getattr(policy, name)
    timeline.record("policy.changed", policy, actor=actor, detail=detail)


def _reviewer(item: ApprovalInboxItem, actor: Actor) -> None:
    require(actor.person, "approval_review", item)
    if item.excluded.filter(pk__in=answerable(actor.person)).exists():
        raise ApprovalSelfReview


def _refuse(
    item: ApprovalInboxItem, status: str, verb: str, reason_code: str, actor: Actor, comment: str
) -> None:
    with transaction.atomic():
        if not _pending(item).update(status=status, decided_at=timezone.now()):
            raise _why_not(item)
        item.refresh_from_db()
        _note(item, verb, actor=actor, comment=comment)
        handler_of(item.subject_type).refused(
            item.subject_id, actor=actor, reason_code=reason_code, comment=comment
        )


def _pending(item: ApprovalInboxItem) -> models.QuerySet[ApprovalInboxItem]:
    return ApprovalInboxItem.objects.filter(pk=item.pk, status=ItemStatus.PENDING)


def _why_not(item: ApprovalInboxItem) -> ApprovalAlreadyDecided | ApprovalTicketExpired:
    item.refresh_from_db()
    if item.status == ItemStatus.EXPIRED or item.is_overdue:
        return ApprovalTicketExpired()
    return ApprovalAlreadyDecided(status=item.status)


def _note(item: ApprovalInboxItem, verb: str, *, actor: Actor, comment: str = "") -> None:
    ApprovalInboxAction.objects.create(item=item, actor=actor.user, verb=verb, comment=comment)
    detail = {
        "ticket": item.ticket,
        "subject_type": item.subject_type,
        "subject_id": item.subject_id,
        "comment": comment,
    }
    timeline.record(f"approval.{verb}", item, actor=actor, status=item.status, detail=detail)
