"""Roles on projects, environments and targets; what remains when one is taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.core import services
from config.core.models import Project, RoleGrant, TimelineEvent, User
from config.core.permissions import allowed, listed_to, visible_to
from config.core.roles import PERMISSIONS, ROLES
from deployments.models import DeploymentTarget, Release, Service
from environments.models import Environment
from tests.callers import Api
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    acting,
    grant,
    member,
)
from tests.factories.deployments import ReleaseFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def permissions(user: User, row: Project) -> set[str]:
    return {name for name in PERMISSIONS if allowed(user, name, row)}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_its_permissions(project: Project, role: str) -> None:
    user, other = member(project, role), ProjectFactory.make()
    assert permissions(user, project) == ROLES[role]
    assert permissions(user, other) == set()


def test_scopes_are_nested(project: Project) -> None:
    inside = EnvironmentFactory.make(project=project)
    target, neighbour = (TargetFactory.make(environment=inside) for _ in range(2))
    outside = TargetFactory.make(environment=EnvironmentFactory.make(project=project))
    elsewhere = TargetFactory.make()
    releases = {
        one.pk: ReleaseFactory.make(target=one) for one in (target, neighbour, outside, elsewhere)
    }

    def seen(scope: Project | Environment | DeploymentTarget) -> set[int]:
        user = UserFactory.make()
        grant(user, "viewer", scope)
        targets = visible_to(DeploymentTarget.objects.all(), user, "release_read")
        rows = visible_to(Release.objects.all(), user, "release_read")
        assert {row.target_id for row in rows} == {row.pk for row in targets}
        for model in (Release, DeploymentTarget, Environment, Project, Service):
            found = model._default_manager.order_by("pk")
            listed = listed_to(found, user, "release_read")
            assert list(listed) == list(visible_to(found, user, "release_read"))
            assert not listed_to(found, user, "release_apply").exists()
        assert not visible_to(Release.objects.all(), user, "release_apply").exists()
        return {row.pk for row in targets}

    assert len(releases) == 4
    assert seen(project) == {target.pk, neighbour.pk, outside.pk}
    assert seen(inside) == {target.pk, neighbour.pk}
    assert seen(target) == {target.pk}


def test_a_teams_role_is_its_members(project: Project) -> None:
    team, inside, outside = TeamFactory.make(), UserFactory.make(), UserFactory.make()
    inside.groups.add(team)
    grant(team, "engineer", project)
    assert permissions(User.objects.get(pk=inside.pk), project) == ROLES["engineer"]
    assert permissions(outside, project) == set()
    inside.groups.remove(team)
    assert permissions(User.objects.get(pk=inside.pk), project) == set()


def test_inactive_users_may_nothing_and_admins_everything(project: Project) -> None:
    gone = member(project, "project_admin")
    gone.is_active = False
    gone.save()
    assert permissions(gone, project) == set()
    admin = AdminFactory.make()
    assert permissions(admin, project) == set(PERMISSIONS)
    admin.is_active = False
    assert permissions(admin, project) == set()


def test_what_two_roles_share_stays_when_one_is_taken(project: Project) -> None:
    user, admin = UserFactory.make(), AdminFactory.make()
    engineer, approver = grant(user, "engineer", project), grant(user, "approver", project)
    assert permissions(user, project) == ROLES["engineer"] | ROLES["approver"]
    services.revoke_role(engineer, actor=acting(admin))
    assert permissions(user, project) == ROLES["approver"]
    services.revoke_role(approver, actor=acting(admin))
    assert permissions(user, project) == set()


def test_given_twice_is_given_once(project: Project) -> None:
    user = UserFactory.make()
    assert grant(user, "viewer", project) == grant(user, "viewer", project)
    assert TimelineEvent.objects.filter(action="role.granted").count() == 1


def test_over_the_api(project: Project) -> None:
    user, caller = UserFactory.make(), Api(member(project, "project_admin"))
    environment = EnvironmentFactory.make(project=project)
    path = f"/projects/{project.pk}/roles"
    body = {"role": "viewer", "user_id": user.pk, "environment_id": environment.pk}
    made = caller.post(path, body).ok(201)
    assert (made["user_id"], made["environment_id"], made["target_id"]) == (
        user.pk, environment.pk, None,
    )  # fmt: skip
    assert made["id"] in [row["id"] for row in caller.get(path).results]
    caller.delete(f"{path}/{made['id']}").ok(204)
    assert not RoleGrant.objects.filter(pk=made["id"]).exists()
    assert [e.action for e in TimelineEvent.objects.order_by("-seq")[:2]] == [
        "role.revoked",
        "role.granted",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda user, _: {"role": "king", "user_id": user.pk},
        lambda *_: {"role": "viewer"},
        lambda user, other: {"role": "viewer", "user_id": user.pk, "environment_id": other.pk},
        lambda user, _: {"role": "viewer", "user_id": user.pk, "environment_id": 1, "target_id": 1},
        lambda user, _: {"role": "viewer", "user_id": user.pk, "team_id": TeamFactory.make().pk},
    ],
)
def test_grants_that_are_none(
    project: Project, wrong: Callable[[User, Environment], dict[str, object]]
) -> None:
    user, other = UserFactory.make(), EnvironmentFactory.make()
    caller = Api(member(project, "project_admin"))
    caller.post(f"/projects/{project.pk}/roles", wrong(user, other)).refused(
        400, "validation_error"
    )
    assert not RoleGrant.objects.filter(user=user).exists()


def test_nobody_gives_roles_on_another_project(project: Project) -> None:
    caller = Api(member(project, "project_admin"))
    other = ProjectFactory.make()
    user = UserFactory.make()
    body = {"role": "viewer", "user_id": user.pk}
    caller.post(f"/projects/{other.pk}/roles", body).refused(404, "not_found")
    foreign = grant(user, "viewer", other)
    caller.delete(f"/projects/{project.pk}/roles/{foreign.pk}").refused(404, "not_found")
