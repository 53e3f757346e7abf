"""An environment: hosts that carry one runtime."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from approvals.models import Tier
from clusters.models import Cluster
from config.core.models import Project
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


class Environment(models.Model):
    """Hosts that carry one runtime, in one tier of one project."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="environments")
    name = models.CharField(max_length=200)
    tier = models.CharField(max_length=16, choices=Tier)
    runtime_type = models.CharField(max_length=16, choices=RuntimeType)
    status = models.CharField(
        max_length=16, choices=EnvironmentStatus, default=EnvironmentStatus.DRAFT
    )
    # What is wrong with it, by where that was seen ("node:3", "vip"): {code, message, since}.
    health = models.JSONField(default=dict, blank=True, editable=False)
    # The one that its hosts make up, where Slipway installed it.
    cluster = models.ForeignKey(
        Cluster, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
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
