from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from config.core.admin import ReadOnlyAdmin
from deployments.lifecycle import STATES, canonical
from deployments.models import DeploymentTarget, Release, Service, ServiceRevision
from deployments.selectors import in_state


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


class StateFilter(admin.SimpleListFilter):
    """By state, whichever words the rows have for it."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Release]
    ) -> list[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Release]) -> QuerySet[Release]:
        state = self.value()
        return in_state(queryset, state) if state in STATES else queryset


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """To look at: releases move by the API's rules alone."""

    list_display = (
        "id",
        "service",
        "target",
        "kind",
        "status",
        "state",
        "requested_by",
        "created_at",
    )
    list_filter = ("kind", StateFilter, "runtime_type")
    list_select_related = ("service", "target", "requested_by")
    readonly_fields = ("state", "legacy_status")
    exclude = ("content", "given", "preview_ref")

    @admin.display(ordering="status")
    def state(self, release: Release) -> str:
        return canonical(release.status)
