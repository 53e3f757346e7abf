"""Kubernetes clusters, and how Slipway signs in to them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from config.core.fields import EncryptedField
from config.core.models import Project


class ClusterSource(models.TextChoices):
    PLATFORM_MANAGED = "platform_managed"
    EXTERNAL_MANAGED = "external_managed"


class ClusterStatus(models.TextChoices):
    UNVERIFIED = "unverified"
    READY = "ready"
    UNREACHABLE = "unreachable"
    UNAUTHORIZED = "unauthorized"


class AuthMethod(models.TextChoices):
    TOKEN = "token"  # noqa: S105 - a kind, not a token
    CLIENT_CERTIFICATE = "client_certificate"


class Cluster(models.Model):
    """One Kubernetes API. What its last check found is here; its credentials are not."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="clusters")
    name = models.CharField(max_length=63)
    source = models.CharField(
        max_length=20, choices=ClusterSource, default=ClusterSource.EXTERNAL_MANAGED
    )
    endpoint = models.CharField(max_length=500)
    version = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=16, choices=ClusterStatus, default=ClusterStatus.UNVERIFIED
    )
    reason_code = models.CharField(max_length=64, blank=True)
    auth_method = models.CharField(max_length=20, choices=AuthMethod)
    expires_at = models.DateTimeField(null=True)
    last_checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "cluster"

    class Meta:
        db_table = "clusters"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="cluster_name", fields=["project", "name"])]

    def __str__(self) -> str:
        return self.name


class ClusterConnection(models.Model):
    """A credential for a cluster. The newest one that passed its check is the active one."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="connections")
    server = models.CharField(max_length=500)
    tls_server_name = models.CharField(max_length=253, blank=True)
    ca_cert = models.TextField(blank=True)  # PEM; empty: the system's authorities
    client_cert = models.TextField(blank=True)  # PEM
    client_key = EncryptedField(default="", blank=True)
    token = EncryptedField(default="", blank=True)
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "cluster_connections"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_active_connection", fields=["cluster"], condition=Q(active=True)
            )
        ]

    def __str__(self) -> str:
        return f"connection to {self.cluster}"
