"""Tickets that nobody can bring to an end say so; and what would strand them is no accident."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import ProtectedError

from approvals import deciding
from config.core import services
from config.core.models import Project, RoleGrant, TimelineEvent, User
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    acting,
    grant,
    member,
)
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    found = ProjectFactory.make()
    PolicyFactory.make(project=found, tier="production", required_approvals=2)
    return found


def stranded(caller: Api, item: object) -> dict[str, int] | None:
    found: dict[str, int] | None = caller.get(f"/approvals/inbox/{item.ticket}").ok()["stranded"]  # type: ignore[attr-defined]
    return found


def test_it_counts_who_could_still_vote(api: ApiOf, project: Project) -> None:
    requester = member(project, "project_admin")  # asks, so has no vote
    caller = api(requester)
    item = ticket(project, requester=requester)
    # The platform admin who gives the roles here may review as well.
    assert stranded(caller, item) == {"missing": 2, "eligible": 1}
    first = member(project, "approver")
    assert stranded(caller, item) is None
    deciding.approve(item, actor=acting(first))
    assert stranded(caller, item) is None
    User.objects.filter(username="grants-roles").update(is_active=False)
    assert stranded(caller, item) == {"missing": 1, "eligible": 0}
    User.objects.filter(username="grants-roles").update(is_active=True)
    deciding.approve(item, actor=acting(member(project, "approver")))
    assert stranded(caller, item) is None


def test_a_right_on_the_tickets_environment_counts_there_alone(
    api: ApiOf, project: Project
) -> None:
    here, there = (
        EnvironmentFactory.make(project=project),
        EnvironmentFactory.make(project=project),
    )
    caller = api(member(project, "viewer"))
    item = ticket(project, environment_id=here.pk)
    grant(UserFactory.make(), "approver", there)
    assert stranded(caller, item) == {"missing": 2, "eligible": 1}
    grant(UserFactory.make(), "approver", here)
    assert stranded(caller, item) is None


def test_a_team_with_roles_is_not_deleted(project: Project) -> None:
    team = TeamFactory.make()
    role = grant(team, "approver", project)
    with pytest.raises(ProtectedError):
        team.delete()
    services.revoke_role(role, actor=acting(AdminFactory.make()))
    team.delete()
    assert TimelineEvent.objects.filter(action="role.revoked").count() == 1


def test_nor_by_the_admin_site(project: Project) -> None:
    team = TeamFactory.make()
    grant(team, "approver", project)
    browser = Api(AdminFactory.make()).client
    browser.post(f"/admin/core/team/{team.pk}/delete/", {"post": "yes"})
    assert RoleGrant.objects.filter(team=team).exists()


def test_nor_a_person(project: Project) -> None:
    user = member(project, "approver")
    with pytest.raises(ProtectedError):
        user.delete()
