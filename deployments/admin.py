from __future__ import annotations

from django.contrib import admin

from config.core.admin import ReadOnlyAdmin
from deployments.lifecycle import canonical
from deployments.models import DeploymentTarget, Release, Service, ServiceRevision


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin[Service]):
    list_display = ("name", "project", "runtime_type", "archived")
    list_filter = ("runtime_type", "archived")
    search_fields = ("name",)


@admin.register(ServiceRevision)
class ServiceRevisionAdmin(ReadOnlyAdmin):
    list_display = ("service", "number", "note", "created_by", "created_at")
    exclude = ("secret_defaults",)


@admin.register(DeploymentTarget)
class DeploymentTargetAdmin(admin.ModelAdmin[DeploymentTarget]):
    list_display = ("name", "project", "environment", "runtime_type", "active_release", "archived")
    list_filter = ("runtime_type", "archived")
    search_fields = ("name",)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """To look at: releases move by the API's rules alone."""

    list_display = ("id", "service", "target", "kind", "state", "requested_by", "created_at")
    list_filter = ("kind", "status", "runtime_type")
    exclude = ("content", "given", "preview_ref")

    @admin.display(ordering="status")
    def state(self, release: Release) -> str:
        return canonical(release.status)
