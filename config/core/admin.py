"""The Django admin: platform admins' view of the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from config.core.errors import DomainError, NotAuthenticated
from config.core.models import APIToken, Project, RoleGrant, Source, Team, TimelineEvent, User
from config.core.timeline import Actor

admin.site.site_header = admin.site.site_title = "Slipway"
admin.site.unregister(Group)


def admin_actor(request: HttpRequest) -> Actor:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return Actor(request.user, Source.UI)


class ServiceAdmin(admin.ModelAdmin[Any]):
    """Rows that services write: what those refuse is said on the page, and nothing is changed."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().changelist_view, *args, **kwargs)

    def _said(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except DomainError as error:
            fields: dict[str, list[str]] = error.data.get("fields", {})
            for text in [error.message, *(text for texts in fields.values() for text in texts)]:
                self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows with rules that the admin's forms don't know: to look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    list_display = ("username", "email", "is_bot", "owner", "is_superuser", "is_active")
    list_filter = ("is_bot", "is_superuser", "is_active")
    fieldsets = (
        *DjangoUserAdmin.fieldsets,  # type: ignore[misc]
        ("Bot", {"fields": ("is_bot", "owner")}),
    )


class TeamForm(forms.ModelForm[Team]):
    members = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True).order_by("username"), required=False
    )

    class Meta:
        model = Team
        fields = ("name", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["members"] = self.instance.user_set.all()


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    form = TeamForm
    list_display = ("name", "slug")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        inactive = form.instance.user_set.filter(is_active=False)  # not offered: they stay
        form.instance.user_set.set([*form.cleaned_data["members"], *inactive])


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    list_display = ("name", "slug", "team", "created_at")
    search_fields = ("name", "slug")


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    list_display = ("role", "user", "team", "scope_type", "scope_id", "project")
    list_filter = ("role",)


@admin.register(APIToken)
class APITokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "scope", "project", "token_key", "expiry")
    exclude = ("digest",)


@admin.register(TimelineEvent)
class TimelineEventAdmin(ReadOnlyAdmin):
    list_display = (
        "seq",
        "occurred_at",
        "action",
        "resource_type",
        "resource_id",
        "actor",
        "status",
    )
    list_filter = ("action", "source")
