"""Who may do what: one query answers for lists and for single objects alike.

A model says where its permissions come from in `permission_scopes`: {scope model: path to its id}.
A caller has a permission on a row when it was granted on any of the row's scopes. `reading_scopes`,
{scope model: path to the project's id}, lets whoever has a role on a part of a project read what
that part needs: the project itself, and its services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet, Value
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from config.core.errors import NotFound, PermissionDenied
from config.core.models import User
from config.core.roles import PERMISSIONS

M = TypeVar("M", bound=Model)
Caller = User | AnonymousUser
NONE: Final = Q(pk__in=())


class Grants(NamedTuple):
    """Whoever holds one of `given`, has the permission on rows whose `path` is its `column`."""

    path: str
    given: QuerySet[Any]
    column: str


def visible_to(rows: QuerySet[M], user: Caller, permission: str) -> QuerySet[M]:
    """Those of `rows` on which `user` has `permission` (a codename of the contract)."""
    return rows.filter(_condition(rows.model, user, permission, _by_subqueries))


def listed_to(rows: QuerySet[M], user: Caller, permission: str) -> QuerySet[M]:
    """The same, for lists: the scopes that were granted are read now, by one query, so that the
    database plans the list with their ids, and needn't look for rows where there are none."""
    return rows.filter(holding(permission, user, rows.model))


def holding(permission: str, user: Caller, model: type[Model]) -> Q:
    """The condition of `listed_to`, to be combined with others."""
    return _condition(model, user, permission, _by_ids)


def _condition(
    model: type[Model], user: Caller, permission: str, compare: Callable[[list[Grants]], Q]
) -> Q:
    if not isinstance(user, User) or not user.is_active or _is_orphaned(user):
        return NONE
    scopes: dict[str, str] = model.permission_scopes  # type: ignore[attr-defined]
    limit = Q()
    if user.token and user.token.project_id:
        limit = Q(**{scopes["core.Project"]: user.token.project_id})
    if user.is_superuser:
        return limit
    wanted = [(label, path, "content_object_id") for label, path in scopes.items()]
    if permission.endswith("_read"):
        reading: dict[str, str] = getattr(model, "reading_scopes", {})
        wanted += [(label, path, "content_object__project_id") for label, path in reading.items()]
    return limit & compare(
        [
            Grants(path, given, column)
            for label, path, column in wanted
            for given in _given(user, permission, label)
        ]
    )


def _is_orphaned(user: User) -> bool:
    """A bot whose owner left: nobody answers for it."""
    return user.owner is not None and not user.owner.is_active


def _given(user: User, permission: str, label: str) -> list[QuerySet[Any]]:
    scope: Any = apps.get_model(label)
    own, teams = get_user_obj_perms_model(scope), get_group_obj_perms_model(scope)
    return [
        own._default_manager.filter(user=user, permission__codename=permission),
        teams._default_manager.filter(group__user=user, permission__codename=permission),
    ]


def _by_subqueries(grants: list[Grants]) -> Q:
    found = NONE
    for path, given, column in grants:
        found |= Q(**{f"{path}__in": given.values(column)})
    return found


def _by_ids(grants: list[Grants]) -> Q:
    first, *others = (
        given.values_list(Value(index), column) for index, (_, given, column) in enumerate(grants)
    )
    ids: dict[str, set[int]] = {}
    for index, pk in first.union(*others, all=True):
        ids.setdefault(grants[index].path, set()).add(pk)
    found = NONE
    for path, pks in ids.items():
        found |= Q(**{f"{path}__in": sorted(pks)})
    return found


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


def is_admin(user: Caller) -> bool:
    """A platform admin, with a session or a token that is not for one project only."""
    if not isinstance(user, User) or not user.is_superuser or not user.is_active:
        return False
    return not (user.token and user.token.project_id)


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
