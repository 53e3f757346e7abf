from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from approvals import services
from approvals.models import ApprovalInboxAction, ApprovalInboxItem, ApprovalPolicy
from config.core.admin import ReadOnlyAdmin, admin_actor


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(admin.ModelAdmin[ApprovalPolicy]):
    list_display = ("action", "tier", "project", "required_approvals", "expires_minutes", "enabled")
    list_filter = ("tier", "action", "enabled")

    def save_model(
        self, request: HttpRequest, obj: ApprovalPolicy, form: Any, change: bool
    ) -> None:
        services.save_policy(obj, actor=admin_actor(request))

    def delete_model(self, request: HttpRequest, obj: ApprovalPolicy) -> None:
        services.delete_policy(obj, actor=admin_actor(request))


class ActionInline(admin.TabularInline[ApprovalInboxAction, ApprovalInboxItem]):
    model = ApprovalInboxAction
    readonly_fields = ("created_at", "actor", "verb", "comment")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApprovalInboxItem)
class ApprovalInboxItemAdmin(ReadOnlyAdmin):
    """To look at: tickets are decided in the inbox, under its rules."""

    list_display = ("ticket", "title", "status", "risk", "priority", "requested_by", "expires_at")
    list_filter = ("status", "risk", "priority", "action")
    search_fields = ("title",)
    inlines = [ActionInline]
