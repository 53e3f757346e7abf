"""Who may do what: one query answers for lists and for single objects alike.

A model says where its permissions come from in `permission_scopes`: {scope model: path to its id}.
A caller has a permission on a row when it was granted on any of the row's scopes. `reading_scopes`,
{scope model: path to the project's id}, lets whoever has a role on a part of a project read what
that part needs: the project itself, and its services.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from config.core.errors import NotFound, PermissionDenied
from config.core.models import User
from config.core.roles import PERMISSIONS

M = TypeVar("M", bound=Model)
Caller = User | AnonymousUser


def visible_to(rows: QuerySet[M], user: Caller, permission: str) -> QuerySet[M]:
    """Those of `rows` on which `user` has `permission` (a codename of the contract)."""
    if not isinstance(user, User) or not user.is_active:
        return rows.none()
    scopes: dict[str, str] = rows.model.permission_scopes  # type: ignore[attr-defined]
    if user.token and user.token.project_id:
        rows = rows.filter(**{scopes["core.Project"]: user.token.project_id})
    if user.is_superuser:
        return rows
    granted = Q()
    for label, path in scopes.items():
        granted |= Q(**{f"{path}__in": _granted(user, permission, label).values("pk")})
    if permission.endswith("_read"):
        for label, path in getattr(rows.model, "reading_scopes", {}).items():
            parts = _granted(user, permission, label)
            granted |= Q(**{f"{path}__in": parts.values("project_id")})
    return rows.filter(granted)


def _granted(user: User, permission: str, label: str) -> QuerySet[Any]:
    scope = apps.get_model(label)
    return get_objects_for_user(
        user,
        f"{scope._meta.app_label}.{permission}",
        klass=scope,
        accept_global_perms=False,
        with_superuser=False,
    ).order_by()


def allowed(user: Caller, permission: str, row: Model) -> bool:
    rows = type(row)._default_manager.filter(pk=row.pk)
    return visible_to(rows, user, permission).exists()


def require(user: Caller, permission: str, row: Model) -> None:
    """Raises PermissionDenied; for rows that the caller is known to see."""
    if not allowed(user, permission, row):
        raise PermissionDenied(f"You need {permission} for this.", permission=permission)


def fetch(rows: QuerySet[M], user: Caller, permission: str, **lookup: Any) -> M:
    """The one row, as if rows that the caller may not read did not exist. Raises NotFound."""
    try:
        return visible_to(rows, user, permission).get(**lookup)
    except (ObjectDoesNotExist, ValueError, OverflowError):
        raise NotFound from None


def require_admin(user: Caller) -> None:
    if not isinstance(user, User) or not user.is_superuser or not user.is_active:
        raise PermissionDenied("Only platform admins may do this.")
    if user.token and user.token.project_id:
        raise PermissionDenied("This token is for one project only.")


def permissions_by_project(user: User) -> dict[int, list[str]]:
    """{project id: permissions on the whole project}, for the SPA to know what to offer."""
    project = apps.get_model("core", "Project")
    found: dict[int, list[str]] = {}
    for permission in PERMISSIONS:
        for pk in visible_to(project.objects.order_by(), user, permission).values_list(
            "pk", flat=True
        ):
            found.setdefault(pk, []).append(permission)
    return found
