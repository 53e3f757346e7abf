"""The tickets that ask people to decide, and what was said on each."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from approvals.models.policies import PolicyAction, Priority, Tier
from config.core.models import Project, Source, Team, User
from config.core.risk import RiskLevel


class ItemStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ApprovalInboxItem(models.Model):
    """One ticket: a change, bound to its content by `content_hash`, that somebody has to decide."""

    subject_type = models.CharField(max_length=32)
    subject_id = models.PositiveBigIntegerField()
    action = models.CharField(max_length=16, choices=PolicyAction)
    tier = models.CharField(max_length=16, choices=Tier, default=Tier.PRODUCTION)
    title = models.CharField(max_length=300)
    # Indexes that begin with the keys of others are in Meta, each with the order of the list.
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # Plain ids: environments and targets lie above approvals.
    environment_id = models.PositiveBigIntegerField(null=True)
    target_id = models.PositiveBigIntegerField(null=True)
    risk = models.CharField(max_length=8, choices=RiskLevel)
    priority = models.CharField(max_length=2, choices=Priority)
    status = models.CharField(max_length=16, choices=ItemStatus, default=ItemStatus.PENDING)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=8, choices=Source)
    assigned_to = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    excluded = models.ManyToManyField(
        User, related_name="+", help_text="Who asked, previewed, or owns the bot that did."
    )
    required_approvals = models.PositiveSmallIntegerField()
    approvals_count = models.PositiveSmallIntegerField(default=0)
    auto_apply = models.BooleanField(default=True)
    apply_at = models.DateTimeField(
        null=True, help_text="Not before then: the latest that an approver asked for."
    )
    freeze_override = models.TextField(
        blank=True, max_length=4000, help_text="Why this can't wait until a freeze ends."
    )
    broke_glass = models.BooleanField(
        default=False, help_text="Approved in an emergency, without the votes."
    )
    reason_code = models.CharField(max_length=64, blank=True, help_text="Why it was not approved.")
    legacy_reference = models.CharField(
        max_length=64, blank=True, help_text="What the older system called this ticket."
    )
    content_hash = models.CharField(max_length=64)
    correlation_id = models.UUIDField(default=uuid.uuid4)
    expires_at = models.DateTimeField()
    # What the clock has yet to do; None once it is done.
    remind_at = models.DateTimeField(null=True, editable=False)
    escalate_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "environment_id",
        "deployments.DeploymentTarget": "target_id",
    }
    resource_type: ClassVar = "approval"

    class Meta:
        db_table = "approval_inbox_items"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="approval_once_per_content",
                fields=["subject_type", "subject_id", "content_hash"],
            ),
            models.UniqueConstraint(
                name="approval_once_per_legacy_reference",
                fields=["subject_type", "subject_id", "legacy_reference"],
                condition=~models.Q(legacy_reference=""),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "expires_at"]),
            models.Index(fields=["project", "status", "-id"]),
            # To count what has a status, where a role is on less than a project.
            models.Index(fields=["environment_id", "status"], name="inbox_environment_status"),
            models.Index(fields=["target_id", "status"], name="inbox_target_status"),
            # Newest first, of each of the scopes that roles are given on, and of what is asked for.
            models.Index(fields=["project", "-id"], name="inbox_project"),
            models.Index(fields=["environment_id", "-id"], name="inbox_environment"),
            models.Index(fields=["target_id", "-id"], name="inbox_target"),
            models.Index(fields=["team", "-id"], name="inbox_team"),
            models.Index(fields=["requested_by", "-id"], name="inbox_requested_by"),
            models.Index(fields=["risk", "-id"], name="inbox_risk"),
            models.Index(fields=["priority", "-id"], name="inbox_priority"),
            # Where the value is rare; the newest of a frequent one are soon found without.
            models.Index(fields=["action"], name="inbox_action"),
            models.Index(fields=["source"], name="inbox_source"),
            models.Index(fields=["subject_type"], name="inbox_subject_type"),
            # Those of other scopes are told from it alone.
            models.Index(
                fields=["-id", "project", "environment_id", "target_id"],
                name="inbox_broke_glass",
                condition=models.Q(broke_glass=True),
            ),
            models.Index(
                fields=["legacy_reference"],
                name="inbox_legacy_reference",
                condition=~models.Q(legacy_reference=""),
            ),
            # All that counting what is pending, and leaving out other scopes, has to look at.
            models.Index(
                fields=["-id", "project", "environment_id", "target_id", "risk", "priority"],
                name="inbox_pending",
                condition=models.Q(status="pending"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.title}"

    @property
    def ticket(self) -> str:
        return f"APR-{self.pk:06d}"

    def while_pending(self) -> models.QuerySet[ApprovalInboxItem]:
        """This row, as long as nobody has decided: for the UPDATEs that count only then."""
        rows = ApprovalInboxItem.objects.all()
        return rows.filter(pk=self.pk, status=ItemStatus.PENDING)

    @property
    def is_overdue(self) -> bool:
        return self.status == ItemStatus.PENDING and self.expires_at <= timezone.now()


class InboxVerb(models.TextChoices):
    CREATE = "created"
    APPROVE = "approved"
    REJECT = "rejected"
    COMMENT = "commented"
    CLAIM = "claimed"
    ASSIGN = "assigned"
    CANCEL = "cancelled"
    EXPIRE = "expired"
    REMIND = "reminded"
    ESCALATE = "escalated"
    BREAK_GLASS = "broke_glass"


class ApprovalInboxAction(models.Model):
    """What somebody did on a ticket; never changed."""

    item = models.ForeignKey(ApprovalInboxItem, on_delete=models.CASCADE, related_name="actions")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=16, choices=InboxVerb)
    comment = models.TextField(blank=True, max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "approval_inbox_actions"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="approval_one_vote_each",
                fields=["item", "actor"],
                condition=models.Q(verb=InboxVerb.APPROVE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.verb}"
