from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from config.core.admin import ReadOnlyAdmin
from environments.models import (
    Bastion,
    Environment,
    EnvironmentArtifact,
    EnvironmentInstallTask,
    EnvironmentNode,
    InstallStep,
    SSHCredential,
)


class NodeInline(admin.TabularInline[EnvironmentNode, Environment]):
    model = EnvironmentNode
    extra = 0
    readonly_fields = ("fingerprint", "reason_code", "checked_at")


@admin.register(Environment)
class EnvironmentAdmin(admin.ModelAdmin[Environment]):
    list_display = ("name", "project", "tier", "runtime_type", "status")
    list_filter = ("tier", "runtime_type", "status")
    search_fields = ("name",)
    readonly_fields = ("status",)
    inlines = [NodeInline]


@admin.register(SSHCredential)
class SSHCredentialAdmin(ReadOnlyAdmin):
    """Made through the API or the SPA; what is secret is not shown."""

    list_display = ("name", "project", "kind", "created_at")
    fields = ("name", "project", "kind", "created_at")


@admin.register(Bastion)
class BastionAdmin(ReadOnlyAdmin):
    """Made and enrolled through the API."""

    list_display = ("name", "project", "host", "port", "user", "via", "fingerprint")
    fields = (*list_display, "credential", "created_at")
    readonly_fields = fields
    search_fields = ("name", "host")


@admin.register(EnvironmentArtifact)
class EnvironmentArtifactAdmin(ReadOnlyAdmin):
    list_display = ("path", "bundle", "version", "size", "verified_at")
    search_fields = ("path", "sha256")


class StepInline(admin.TabularInline[InstallStep, EnvironmentInstallTask]):
    model = InstallStep
    fields = ("phase", "hook", "node", "status", "attempt", "exit_code", "reason_code")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EnvironmentInstallTask)
class EnvironmentInstallTaskAdmin(ReadOnlyAdmin):
    list_display = ("id", "environment", "kind", "bundle", "version", "status", "requested_by")
    list_filter = ("status", "kind")
    inlines = [StepInline]
