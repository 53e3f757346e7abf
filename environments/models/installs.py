"""Bundles' files that were verified, what a bundle would do to an environment, and doing it."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from config.core.leases import Leased
from config.core.models import Project, Source, User
from environments.models.environment import Environment


class TaskKind(models.TextChoices):
    INSTALL = "install"
    LVS_VIP = "lvs_vip"
    VERIFY = "verify"
    UNINSTALL = "uninstall"


class TaskStatus(models.TextChoices):
    PENDING_APPROVAL = "pending_approval"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_ATTENTION = "needs_attention"


# A task that is not over: an environment has one at most.
LIVE = (TaskStatus.PENDING_APPROVAL, TaskStatus.QUEUED, TaskStatus.RUNNING)


class EnvironmentArtifact(models.Model):
    """A bundle's file that was found to be what its checksum says."""

    bundle = models.CharField(max_length=200)
    version = models.CharField(max_length=64)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stamp = models.CharField(max_length=100, blank=True, default="")  # of the file, when hashed
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "environment_artifacts"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="artifact_once", fields=["bundle", "version", "path"]),
        ]

    def __str__(self) -> str:
        return self.path


def new_preview_ref() -> str:
    return secrets.token_urlsafe(32)


class InstallPreview(models.Model):
    """What an install would do, pinned: `install/apply` does this or nothing."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="previews")
    preview_ref = models.CharField(max_length=64, unique=True, default=new_preview_ref)
    kind = models.CharField(max_length=16, choices=TaskKind, default=TaskKind.INSTALL)
    bundle = models.CharField(max_length=200)
    version = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    plan = models.JSONField(encoder=DjangoJSONEncoder)
    risk = models.JSONField()
    context_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    previewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {
        "core.Project": "environment__project_id",
        "environments.Environment": "environment_id",
    }

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.bundle} {self.version} on {self.environment}"


class EnvironmentInstallTask(Leased):
    """One run of a bundle's hooks over an environment's nodes."""

    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="tasks")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    preview = models.OneToOneField(InstallPreview, on_delete=models.PROTECT, related_name="task")
    kind = models.CharField(max_length=16, choices=TaskKind, default=TaskKind.INSTALL)
    bundle = models.CharField(max_length=200)
    version = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=TaskStatus, default=TaskStatus.QUEUED)
    reason_code = models.CharField(max_length=64, blank=True)
    approval_ticket = models.CharField(max_length=20, blank=True)
    freeze_override = models.TextField(blank=True, max_length=4000)
    start_after = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source)
    correlation_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "environment_id",
    }
    resource_type: ClassVar = "environment_install"

    class Meta:
        db_table = "environment_install_tasks"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_live_task_per_environment",
                fields=["environment"],
                condition=Q(status__in=[status.value for status in LIVE]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of {self.environment}"
