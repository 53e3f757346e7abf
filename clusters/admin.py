"""Clusters to look at. Their credentials are not registered: no page shows one."""

from __future__ import annotations

from django.contrib import admin

from clusters.models import Cluster
from config.core.admin import ReadOnlyAdmin


@admin.register(Cluster)
class ClusterAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "endpoint", "version", "status", "expires_at")
    list_filter = ("status", "source", "auth_method")
    search_fields = ("name", "endpoint")
