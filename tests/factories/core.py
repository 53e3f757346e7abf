"""Users, bots, teams and projects; and roles, given as the platform gives them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from config.core import services
from config.core.models import Project, RoleGrant, Source, Team, User
from config.core.timeline import Actor
from tests.factories.base import ModelFactory, made, numbered

PASSWORD = "correct-horse-battery"


class UserFactory(ModelFactory[User]):
    class Meta:
        model = User

    username = numbered("user-")

    @classmethod
    def _create(cls, model_class: type[User], *_: Any, **fields: Any) -> User:
        password = fields.pop("password", None)
        user = model_class(**fields)
        user.set_password(password)
        user.save()
        return user


class AdminFactory(UserFactory):
    username = numbered("admin-")
    is_superuser = True
    is_staff = True


class BotFactory(UserFactory):
    username = numbered("bot-")
    is_bot = True
    owner = made(UserFactory.make)


class TeamFactory(ModelFactory[Team]):
    class Meta:
        model = Team

    name = numbered("Team ")
    slug = numbered("team-")


class ProjectFactory(ModelFactory[Project]):
    class Meta:
        model = Project

    name = numbered("Project ")
    slug = numbered("project-")


def acting(user: User, source: str = Source.API) -> Actor:
    return Actor(user, source)


def grant(holder: User | Team, role: str, scope: Model) -> RoleGrant:
    """`role` on a project, or on an environment or target of one."""
    project = scope if isinstance(scope, Project) else scope.project  # type: ignore[attr-defined]
    admin = User.objects.filter(username="grants-roles").first()
    admin = admin or AdminFactory.make(username="grants-roles")
    return services.grant_role(project, role, actor=acting(admin), holder=holder, scope=scope)


def member(scope: Model, role: str, **fields: Any) -> User:
    """A new user with `role` on `scope`."""
    user = UserFactory.make(**fields)
    grant(user, role, scope)
    return user


def token_for(user: User, **fields: Any) -> str:
    """The key of a new token."""
    return services.create_token(actor=acting(user), name="a token", **fields)[1]
