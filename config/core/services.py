"""Writes of the core: projects, teams, users, roles, tokens. Each records its event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from config.core import timeline
from config.core.errors import PermissionDenied, ValidationFailed
from config.core.models import APIToken, Project, RoleGrant, Team, TokenScope, User
from config.core.permissions import require, require_admin
from config.core.roles import EMERGENCY_ROLES, ROLES
from config.core.timeline import Actor

M = TypeVar("M", bound=models.Model)
TOKEN_MAX_AGE = timedelta(days=365)


def create_project(*, actor: Actor, **fields: Any) -> Project:
    require_admin(actor.person)
    return Project.objects.create(**fields)


def update_project(project: Project, *, actor: Actor, **fields: Any) -> Project:
    require(actor.person, "project_manage", project)
    if "team" in fields:
        require_admin(actor.person)
    return _update(project, fields)


@transaction.atomic
def create_team(*, actor: Actor, members: list[User], **fields: Any) -> Team:
    require_admin(actor.person)
    team: Team = Team(**fields)
    team.save()
    team.user_set.set(members)
    return team


def create_user(*, actor: Actor, password: str = "", **fields: Any) -> User:
    """A person or bot. Without a password it can only come in by token or sign-on. Whoever makes a
    bot answers for it, unless somebody else is named."""
    require_admin(actor.person)
    if fields.get("is_bot"):
        fields["owner"] = fields.get("owner") or actor.person
    user = User(**fields)
    user.set_password(password or None)
    user.save()
    return user


@transaction.atomic
def grant_role(
    project: Project,
    role: str,
    *,
    actor: Actor,
    holder: User | Team,
    scope: models.Model,
) -> RoleGrant:
    """Gives `role` on `scope`: the project, or an environment or target of it. Repeatable. What
    goes past approvals is given by platform admins only."""
    require(actor.person, "project_manage", project)
    if role in EMERGENCY_ROLES:
        require_admin(actor.person)
    if getattr(scope, "project_id", None) != project.pk:
        raise ValidationFailed(fields={"scope": ["This belongs to another project."]})
    grant, created = RoleGrant.objects.get_or_create(
        project=project,
        role=role,
        user=holder if isinstance(holder, User) else None,
        team=holder if isinstance(holder, Team) else None,
        scope_type=ContentType.objects.get_for_model(scope),
        scope_id=scope.pk,
    )
    if created:
        _sync_permissions(holder, scope)
        timeline.record("role.granted", grant, actor=actor, detail=_grant_detail(grant))
    return grant


@transaction.atomic
def revoke_role(grant: RoleGrant, *, actor: Actor) -> None:
    require(actor.person, "project_manage", grant.project)
    timeline.record("role.revoked", grant, actor=actor, detail=_grant_detail(grant))
    holder, scope = grant.user or grant.team, grant.scope
    grant.delete()
    if scope is not None and holder is not None:
        _sync_permissions(holder, scope)


def _grant_detail(grant: RoleGrant) -> dict[str, Any]:
    return {
        "role": grant.role,
        "holder": str(grant.user or grant.team),
        "scope": grant.scope_type.model,
        "scope_id": grant.scope_id,
    }


def _sync_permissions(holder: User | Team, scope: models.Model) -> None:
    """Makes guardian's rows say what all remaining grants of `holder` on `scope` add up to."""
    whose = {"user": holder} if isinstance(holder, User) else {"team": holder}
    grants = RoleGrant.objects.filter(
        scope_type=ContentType.objects.get_for_model(scope), scope_id=scope.pk, **whose
    )
    wanted: set[str] = set().union(*(ROLES[role] for role in grants.values_list("role", flat=True)))
    # guardian's own calls take some queries for each permission; these are its tables.
    if isinstance(holder, User):
        table, whose_rows = get_user_obj_perms_model(scope), {"user_id": holder.pk}
    else:
        table, whose_rows = get_group_obj_perms_model(scope), {"group_id": holder.pk}
    rows = table._default_manager.filter(content_object=scope, **whose_rows)
    rows.exclude(permission__codename__in=wanted).delete()
    missing = wanted - set(rows.values_list("permission__codename", flat=True))
    permissions = Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(scope), codename__in=missing
    )
    table._default_manager.bulk_create(
        [table(permission=one, content_object=scope, **whose_rows) for one in permissions]
    )


@transaction.atomic
def create_token(
    *,
    actor: Actor,
    user: User | None = None,
    name: str,
    scope: str = TokenScope.WRITE,
    project: Project | None = None,
    allowed_networks: list[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[APIToken, str]:
    """A token and its key, which is not to be had again. For others than oneself: admins only."""
    person = actor.person
    holder = user or person
    if holder != person:
        require_admin(person)
    if person.token and (person.token.project_id or person.token.allowed_networks):
        raise PermissionDenied("A limited token can't make tokens, which could do more than it.")
    age = (expires_at - timezone.now()) if expires_at else timedelta(days=90)
    if not timedelta(0) < age <= TOKEN_MAX_AGE:
        raise ValidationFailed(fields={"expires_at": ["In the future, at most a year from now."]})
    token, key = APIToken.objects.create(
        user=holder,
        expiry=age,
        name=name,
        scope=scope,
        project=project,
        allowed_networks=allowed_networks or [],
    )
    detail = {"name": name, "scope": scope, "user": holder.get_username()}
    timeline.record("token.created", token, actor=actor, detail=detail)
    return token, key


@transaction.atomic
def revoke_token(token: APIToken, *, actor: Actor) -> None:
    timeline.record("token.revoked", token, actor=actor, detail={"name": token.name})
    token.delete()


def _update(row: M, fields: dict[str, Any]) -> M:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    return row
