from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from approvals import freezes, policies
from approvals.models import (
    ApprovalInboxAction,
    ApprovalInboxItem,
    ApprovalPolicy,
    FreezeWindow,
)
from config.core.admin import ReadOnlyAdmin, ServiceAdmin, admin_actor
from config.core.risk import Rule


class ApprovalPolicyForm(forms.ModelForm[ApprovalPolicy]):
    forbids = forms.MultipleChoiceField(
        choices=Rule.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(ServiceAdmin):
    form = ApprovalPolicyForm
    list_display = (
        "action",
        "tier",
        "project",
        "required_approvals",
        "expires_minutes",
        "forbidden",
        "enabled",
    )
    list_filter = ("tier", "action", "enabled")

    def save_model(
        self, request: HttpRequest, obj: ApprovalPolicy, form: Any, change: bool
    ) -> None:
        policies.save_policy(obj, actor=admin_actor(request))

    def delete_model(self, request: HttpRequest, obj: ApprovalPolicy) -> None:
        policies.delete_policy(obj, actor=admin_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApprovalPolicy]) -> None:
        for policy in queryset:
            policies.delete_policy(policy, actor=admin_actor(request))

    @admin.display(description="forbids")
    def forbidden(self, policy: ApprovalPolicy) -> str:
        return ", ".join(policy.forbids)


@admin.register(FreezeWindow)
class FreezeWindowAdmin(ServiceAdmin):
    list_display = ("reason", "tier", "project", "starts_at", "ends_at", "weekly", "enabled")
    list_filter = ("tier", "enabled")

    def save_model(self, request: HttpRequest, obj: FreezeWindow, form: Any, change: bool) -> None:
        freezes.save_freeze(obj, actor=admin_actor(request))

    def delete_model(self, request: HttpRequest, obj: FreezeWindow) -> None:
        freezes.delete_freeze(obj, actor=admin_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FreezeWindow]) -> None:
        for freeze in queryset:
            freezes.delete_freeze(freeze, actor=admin_actor(request))


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
