"""Hosts, the way to them, and how to sign in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from config.core.fields import EncryptedField
from config.core.models import Project
from environments.models.environment import Environment


class NodeRole(models.TextChoices):
    COMPOSE = "compose"
    CONTROL_PLANE = "control_plane"
    WORKER = "worker"
    LB = "lb"


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


class Bastion(models.Model):
    """A host that others are reached through. Its key is pinned as a node's is; nothing runs on it.

    `via`: the bastion before it, in a chain.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bastions")
    name = models.CharField(max_length=200)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=64, default="root")
    credential = models.ForeignKey(SSHCredential, on_delete=models.PROTECT, related_name="+")
    via = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    host_key = models.TextField(blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "bastion"

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="bastion_name", fields=["project", "name"])]

    def __str__(self) -> str:
        return self.name


class EnvironmentNode(models.Model):
    """One host. Nothing runs on it before its host key is pinned (`host_key`)."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="nodes")
    name = models.CharField(max_length=200)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=64, default="root")
    role = models.CharField(max_length=16, choices=NodeRole)
    credential = models.ForeignKey(SSHCredential, on_delete=models.PROTECT, related_name="nodes")
    bastion = models.ForeignKey(
        Bastion, on_delete=models.PROTECT, null=True, blank=True, related_name="nodes"
    )
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
