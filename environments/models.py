"""Environments, their hosts, and what is installed on them."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from approvals.models import Tier
from config.core.fields import EncryptedField
from config.core.leases import Leased
from config.core.logs import Chunk
from config.core.models import Project, Source, User
from config.core.roles import MODEL_PERMISSIONS


class RuntimeType(models.TextChoices):
    COMPOSE = "compose"
    K8S = "k8s"


class EnvironmentStatus(models.TextChoices):
    DRAFT = "draft"
    INSTALLING = "installing"
    READY = "ready"
    DEGRADED = "degraded"
    FAILED = "failed"
    RETIRED = "retired"


class NodeRole(models.TextChoices):
    COMPOSE = "compose"
    CONTROL_PLANE = "control_plane"
    WORKER = "worker"
    LB = "lb"


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


class StepStatus(models.TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class CredentialKind(models.TextChoices):
    PRIVATE_KEY = "private_key"
    PASSWORD = "password"  # noqa: S105 - a kind, not a password


class SSHCredential(models.Model):
    """How to sign in to hosts. The secrets go in, and come out only to connect."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=CredentialKind)
    private_key = EncryptedField(default="", blank=True)
    passphrase = EncryptedField(default="", blank=True)
    password = EncryptedField(default="", blank=True)
    sudo_password = EncryptedField(default="", blank=True)
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="credential_name", fields=["project", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Environment(models.Model):
    """Hosts that carry one runtime, in one tier of one project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="environments")
    name = models.CharField(max_length=200)
    tier = models.CharField(max_length=16, choices=Tier)
    runtime_type = models.CharField(max_length=16, choices=RuntimeType)
    status = models.CharField(
        max_length=16, choices=EnvironmentStatus, default=EnvironmentStatus.DRAFT
    )
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "pk",
    }
    resource_type: ClassVar = "environment"

    class Meta:
        db_table = "environments"
        ordering = ["-pk"]
        permissions = MODEL_PERMISSIONS
        constraints = [
            models.UniqueConstraint(name="environment_name", fields=["project", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def environment_id(self) -> int:
        return self.pk


class EnvironmentUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Environment, on_delete=models.CASCADE)


class EnvironmentGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Environment, on_delete=models.CASCADE)


class EnvironmentNode(models.Model):
    """One host. Nothing runs on it before its host key is pinned (`host_key`)."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="nodes")
    name = models.CharField(max_length=200)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=64, default="root")
    role = models.CharField(max_length=16, choices=NodeRole)
    credential = models.ForeignKey(SSHCredential, on_delete=models.PROTECT, related_name="nodes")
    host_key = models.TextField(blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    facts = models.JSONField(default=dict, blank=True, editable=False)
    reason_code = models.CharField(max_length=64, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {
        "core.Project": "environment__project_id",
        "environments.Environment": "environment_id",
    }
    resource_type: ClassVar = "node"

    class Meta:
        db_table = "environment_nodes"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="node_name", fields=["environment", "name"]),
            models.UniqueConstraint(name="node_address", fields=["environment", "host", "port"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def project_id(self) -> int:
        return self.environment.project_id


class EnvironmentArtifact(models.Model):
    """A bundle's file that was found to be what its checksum says."""

    bundle = models.CharField(max_length=200)
    version = models.CharField(max_length=64)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
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


class HostStep(models.Model):
    """One command on one host. Each attempt runs there at most once, under `job_id`."""

    node: Any  # the host: an EnvironmentNode, or None for a step that runs in a cluster
    node_id: int | None
    index = models.PositiveIntegerField()
    phase = models.CharField(max_length=32)
    hook = models.CharField(max_length=100)
    status = models.CharField(max_length=16, choices=StepStatus, default=StepStatus.PENDING)
    attempt = models.PositiveSmallIntegerField(default=1)
    attempt_offset = models.PositiveBigIntegerField(default=0)  # where its output begins in the log
    exit_code = models.IntegerField(null=True)
    reason_code = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    log_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["index"]

    def __str__(self) -> str:
        return f"{self.phase}/{self.hook} on {self.node}"

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return int((self.finished_at - self.started_at).total_seconds() * 1000)

    @property
    def is_over(self) -> bool:
        return self.status not in (StepStatus.PENDING, StepStatus.RUNNING)

    run: Any  # the run this step belongs to: a Leased row with a correlation_id

    @property
    def job_id(self) -> str:
        """Names this attempt on the host, which other installations of Slipway may use too."""
        return f"{self.run.correlation_id.hex}-{self.index}-{self.attempt}"


class InstallStep(HostStep):
    """A hook on a node."""

    node = models.ForeignKey(EnvironmentNode, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(EnvironmentInstallTask, on_delete=models.CASCADE, related_name="steps")
    script = models.CharField(max_length=500, blank=True)
    timeout = models.PositiveIntegerField()
    retries = models.PositiveSmallIntegerField(default=0)
    idempotent = models.BooleanField(default=False)

    class Meta(HostStep.Meta):
        db_table = "environment_install_steps"
        constraints = [
            models.UniqueConstraint(name="install_step_once", fields=["run", "index"]),
        ]


class EnvironmentInstallLog(Chunk):
    step = models.ForeignKey(InstallStep, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "environment_install_logs"
        constraints = [
            models.UniqueConstraint(name="install_log_offset", fields=["step", "offset"]),
        ]
