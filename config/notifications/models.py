"""Where a project's events are told outside, and each telling of one."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from config.core.fields import EncryptedField
from config.core.models import Project, TimelineEvent

LONGEST_ADDRESS = 300


class ChannelKind(models.TextChoices):
    APPRISE = "apprise"
    WEBHOOK = "webhook"


class NotificationEvent(models.TextChoices):
    """Actions of the timeline that can be told outside."""

    APPROVAL_CREATED = "approval.created"
    APPROVAL_REMINDED = "approval.reminded"
    APPROVAL_ESCALATED = "approval.escalated"
    APPROVAL_APPROVED = "approval.approved"
    APPROVAL_REJECTED = "approval.rejected"
    APPROVAL_EXPIRED = "approval.expired"
    APPROVAL_CANCELLED = "approval.cancelled"
    RELEASE_APPLIED = "release.applied"
    RELEASE_FAILED = "release.failed"
    INSTALL_FAILED = "environment.install_failed"
    VIP_FAILED = "environment.vip_failed"
    CLUSTER_EXPIRING = "cluster.expiring"
    BREAK_GLASS_USED = "break_glass.used"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Channel(models.Model):
    """A receiver of a project's events. Its URL holds tokens: it goes in, and only out to send."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=16, choices=ChannelKind)
    url = EncryptedField()
    signing_secret = EncryptedField(default="", blank=True)  # `whsec_…`, of webhooks
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=LONGEST_ADDRESS, help_text="What of the URL may be seen.")
    events = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "notification_channel"

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="channel_name", fields=["project", "name"])]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event for one channel: written with the event, sent by a worker, at least once."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(TimelineEvent, on_delete=models.PROTECT, related_name="+")
    delivery_id = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="The same in every attempt."
    )
    status = models.CharField(max_length=16, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    permission_scopes: ClassVar = {"core.Project": "channel__project_id"}

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["channel", "event"]),
        ]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="delivery_due"),
            models.Index(fields=["status", "created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.channel_id}"
