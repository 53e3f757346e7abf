"""Who has a permission: the other way round of `config.core.permissions`."""

from __future__ import annotations

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from config.core.models import RoleGrant, User
from config.core.roles import ROLES


def holders(permission: str, grants: QuerySet[RoleGrant]) -> QuerySet[User]:
    """Active users, people and bots, who have `permission` by one of `grants`, or as platform
    admins."""
    roles = [name for name, permissions in ROLES.items() if permission in permissions]
    given = grants.filter(role__in=roles).order_by()
    by_grant = Q(pk__in=given.values("user")) | Q(groups__in=given.values("team"))
    return User.objects.filter(by_grant | Q(is_superuser=True), is_active=True).distinct()


def grants_on(row: Model) -> QuerySet[RoleGrant]:
    """The roles that were given on any of the row's scopes."""
    found = Q()
    scopes: dict[str, str] = row.permission_scopes  # type: ignore[attr-defined]
    for label, path in scopes.items():
        kind = ContentType.objects.get_for_model(apps.get_model(label))
        found |= Q(scope_type=kind, scope_id=getattr(row, path))
    return RoleGrant.objects.filter(found)
