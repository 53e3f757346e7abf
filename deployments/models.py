"""What is released, where to, and every release that was."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from clusters.models import Cluster
from config.core.fields import EncryptedField
from config.core.leases import Leased
from config.core.logs import Chunk
from config.core.models import Project, Source, User
from config.core.roles import MODEL_PERMISSIONS, PARTS_OF_PROJECTS
from environments.models import Environment, EnvironmentNode, HostStep, RuntimeType


class Kind(models.TextChoices):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"


class Strategy(models.TextChoices):
    ROLLING = "rolling"
    RECREATE = "recreate"


class Service(models.Model):
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=63)
    runtime_type = models.CharField(max_length=16, choices=RuntimeType)
    description = models.TextField(blank=True, max_length=4000)
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    reading_scopes: ClassVar = dict.fromkeys(PARTS_OF_PROJECTS, "project_id")

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="service_name", fields=["project", "name"])]

    def __str__(self) -> str:
        return self.name


class ServiceRevision(models.Model):
    """What a service runs, as text. Never changed; a change is the next number."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    manifest = models.TextField()
    # {name: {default, secret, required}}; a secret's default is in `secret_defaults`, not here.
    variables = models.JSONField(default=dict, blank=True)
    secret_defaults = EncryptedField(default="", blank=True)
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    note = models.TextField(blank=True, max_length=4000)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "service__project_id"}
    reading_scopes: ClassVar = dict.fromkeys(PARTS_OF_PROJECTS, "service__project_id")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="revision_number", fields=["service", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.service} r{self.number}"


class DeploymentTarget(models.Model):
    """A place in an environment that takes releases, one at a time."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="targets")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="targets")
    name = models.CharField(max_length=63)
    runtime_type = models.CharField(max_length=16, choices=RuntimeType)
    cluster = models.ForeignKey(  # Kubernetes only, as is the namespace
        Cluster, on_delete=models.PROTECT, null=True, blank=True, related_name="targets"
    )
    namespace = models.CharField(max_length=63, blank=True)
    max_parallel = models.PositiveSmallIntegerField(
        default=1, help_text="Hosts that switch to a release at the same time (Compose)."
    )
    auto_rollback = models.BooleanField(
        default=False, help_text="A release that fails and leaves its mark is rolled back at once."
    )
    archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_release = models.ForeignKey(
        "Release",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="The last release applied here, of any service.",
    )
    # The lock: who holds it, and since when. Freed with the run's last transition.
    active_release = models.ForeignKey(
        "Release", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    active_since = models.DateTimeField(null=True, editable=False)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "environment_id",
        "deployments.DeploymentTarget": "pk",
    }

    class Meta:
        db_table = "deployment_targets"
        ordering = ["-pk"]
        permissions = MODEL_PERMISSIONS
        constraints = [models.UniqueConstraint(name="target_name", fields=["project", "name"])]

    def __str__(self) -> str:
        return self.name


class TargetUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(DeploymentTarget, on_delete=models.CASCADE)


class TargetGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(DeploymentTarget, on_delete=models.CASCADE)


def new_preview_ref() -> str:
    return secrets.token_urlsafe(32)


class Release(Leased):
    """One change of one service on one target: previewed, decided, applied, and what came of it.

    All that was previewed is pinned here. What is applied is `content`: nothing is rendered again.
    """

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.DEPLOY)
    status = models.CharField(max_length=20, default="preview")
    legacy_status = models.CharField(  # the word in `status` before migration 0004, if another
        max_length=20, blank=True, default="", db_default="", editable=False
    )
    reason_code = models.CharField(max_length=64, blank=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="releases")
    target = models.ForeignKey(DeploymentTarget, on_delete=models.PROTECT, related_name="releases")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="releases")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="releases")
    revision = models.ForeignKey(ServiceRevision, on_delete=models.PROTECT, related_name="+")
    runtime_type = models.CharField(max_length=16, choices=RuntimeType)
    strategy = models.CharField(max_length=16, choices=Strategy, default=Strategy.ROLLING)
    force_conflicts = models.BooleanField(default=False)

    # Pinned by the preview.
    variables = models.JSONField(default=dict)  # secrets masked
    given = EncryptedField(default="")  # {name: value} as the caller sent them
    content = EncryptedField(default="")  # what the runtime gets (JSON)
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    resolved_manifest = models.TextField(blank=True)  # secrets masked
    context_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True)  # of what runs on the target
    base_release = models.ForeignKey(  # `previous`, under the digest; in older rows another's
        "self", on_delete=models.PROTECT, null=True, related_name="+"
    )
    previous = models.ForeignKey(  # what this one replaces: the service's own last one there
        "self", on_delete=models.PROTECT, null=True, related_name="+"
    )
    preview_ref = models.CharField(max_length=64, unique=True, default=new_preview_ref)
    preview_expires_at = models.DateTimeField()
    risk = models.JSONField(default=dict)
    findings = models.JSONField(default=list)  # [rule, reason]: policy may forbid one later
    checks = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    diff = models.JSONField(default=dict)
    images = models.JSONField(default=list)
    conflicts = models.JSONField(default=list)
    previewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    source_release = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Whose content returns.",
    )
    rollback_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="rollbacks"
    )
    reason = models.TextField(blank=True, max_length=4000)
    freeze_override = models.TextField(blank=True, max_length=4000)
    rollback_due = models.BooleanField(default=False, db_index=True, editable=False)

    approval_ticket = models.CharField(max_length=20, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source)
    start_after = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    cancelled_by = models.ForeignKey(  # while it ran
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )
    progress = models.JSONField(default=dict)
    diagnostics_json = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    correlation_id = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "environment_id",
        "deployments.DeploymentTarget": "target_id",
    }
    resource_type: ClassVar = "release"

    class Meta:
        db_table = "deployment_releases"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"]),
            models.Index(fields=["target", "service", "-applied_at"]),
            models.Index(fields=["status", "start_after"]),
            models.Index(fields=["finished_at", "applied_at"], name="release_ended"),
        ]

    def __str__(self) -> str:
        return f"release {self.pk} of {self.service}"

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return int((self.finished_at - self.started_at).total_seconds() * 1000)


class ReleaseStep(HostStep):
    """One part of a release's run: on one host, or, without a node, in the target's cluster."""

    node = models.ForeignKey(EnvironmentNode, on_delete=models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="steps")

    class Meta(HostStep.Meta):
        constraints = [models.UniqueConstraint(name="release_step_once", fields=["run", "index"])]


class ReleaseLog(Chunk):
    step = models.ForeignKey(ReleaseStep, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="release_log_offset", fields=["step", "offset"]),
        ]
