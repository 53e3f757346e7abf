"""Users, bots, teams and projects; and roles, given as the platform gives them."""

from __future__ import annotations

from typing import Any

import factory
from django.db.models import Model

from config.core import services
from config.core.models import Project, RoleGrant, Source, Team, User
from config.core.timeline import Actor
from tests.factories.base import ModelFactory

PASSWORD = "correct-horse-battery"


class UserFactory(ModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user-{n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> User:
        password = fields.pop("password", None)
        user = User(*args, **fields)
        user.set_password(password)
        user.save()
        return user


class AdminFactory(UserFactory):
    username = factory.Sequence(lambda n: f"admin-{n}")
    is_superuser = True
    is_staff = True


class BotFactory(UserFactory):
    username = factory.Sequence(lambda n: f"bot-{n}")
    is_bot = True
    owner = factory.LazyFunction(UserFactory.make)


class TeamFactory(ModelFactory[Team]):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")
    slug = factory.Sequence(lambda n: f"team-{n}")


class ProjectFactory(ModelFactory[Project]):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"Project {n}")
    slug = factory.Sequence(lambda n: f"project-{n}")


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
