"""Which policy decides where several could, and which ones can't be set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from approvals.models import ApprovalPolicy
from config.core.models import Project, User
from tests.callers import Api
from tests.factories.approvals import PolicyFactory, ticket
from tests.factories.core import (
    AdminFactory,
    BotFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    grant,
    member,
)

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
POLICIES = "/approvals/policies"


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def effective(caller: Api, project: Project, tier: str = "production") -> dict[str, Any]:
    found: dict[str, Any] = caller.get(
        f"{POLICIES}/effective", project=project.pk, tier=tier, action="apply"
    ).ok()
    return found


def everyones() -> ApprovalPolicy:
    return ApprovalPolicy.objects.get(project=None, tier="production", action="apply")


def test_the_one_for_all_where_the_project_has_none(api: ApiOf, project: Project) -> None:
    found = effective(api(member(project, "viewer")), project)
    assert found["policy"]["id"] == everyones().pk
    assert found["required_approvals"] == 1
    assert "all projects" in found["reason"]
    assert found["overruled"] == []


def test_the_projects_own_wins_and_what_is_forbidden_adds_up(api: ApiOf, project: Project) -> None:
    general = everyones()
    general.forbids = ["docker_socket"]
    general.save()
    own = PolicyFactory.make(
        project=project, tier="production", required_approvals=2, forbids=["privileged"]
    )
    caller = api(member(project, "viewer"))
    found = effective(caller, project)
    assert (found["policy"]["id"], found["required_approvals"]) == (own.pk, 2)
    assert found["forbids"] == ["privileged", "docker_socket"]
    assert [row["id"] for row in found["overruled"]] == [general.pk]
    assert ticket(project).required_approvals == 2
    own.enabled = False
    own.save()
    found = effective(caller, project)
    assert found["policy"]["id"] == general.pk
    assert "not enabled" in found["reason"]
    assert ticket(project).required_approvals == 1


def test_none_at_all(api: ApiOf, project: Project) -> None:
    found = effective(api(member(project, "viewer")), project, "development")
    assert (found["policy"], found["required_approvals"], found["satisfiable"]) == (None, 0, True)
    assert "nobody is asked" in found["reason"]


def test_eligible_are_people_not_users(api: ApiOf, project: Project) -> None:
    team = TeamFactory.make()
    twice = member(project, "approver")
    team.user_set.add(twice, UserFactory.make(), UserFactory.make(is_active=False))
    grant(team, "approver", project)
    grant(BotFactory.make(owner=twice), "approver", project)
    viewer = member(project, "viewer")
    # Two people of the team, and the platform admin who gave the roles.
    assert effective(api(viewer), project)["eligible"] == 3


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"project": 0, "tier": "production", "action": "apply"},
        {"project": 1, "tier": "moon", "action": "apply"},
        {"project": 1, "tier": "production", "action": "apply", "at": "now"},
    ],
)
def test_what_is_no_question(api: ApiOf, query: dict[str, Any]) -> None:
    api(AdminFactory.make()).get(f"{POLICIES}/effective", **query).refused(400, "validation_error")


def test_a_hidden_project_is_as_if_it_did_not_exist(api: ApiOf, project: Project) -> None:
    query = {"project": project.pk, "tier": "production", "action": "apply"}
    refused = api(UserFactory.make()).get(f"{POLICIES}/effective", **query)
    assert "project" in refused.refused(400, "validation_error")["fields"]


def test_a_policy_that_too_few_could_satisfy_is_refused(api: ApiOf, project: Project) -> None:
    caller = api(member(project, "project_admin"))
    body = {"project_id": project.pk, "tier": "staging", "action": "apply"}
    fields = caller.post(POLICIES, body | {"required_approvals": 3}).refused(
        400, "validation_error"
    )["fields"]
    assert "2 people may review in this project" in fields["required_approvals"][0]
    made = caller.post(POLICIES, body | {"required_approvals": 2}).ok(201)
    caller.patch(f"{POLICIES}/{made['id']}", {"required_approvals": 3}).refused(
        400, "validation_error"
    )
    member(project, "approver")
    caller.patch(f"{POLICIES}/{made['id']}", {"required_approvals": 3}).ok()


def test_one_that_is_not_enabled_may_wait_for_its_people(api: ApiOf, project: Project) -> None:
    caller = api(member(project, "project_admin"))
    body = {"project_id": project.pk, "tier": "staging", "action": "apply", "enabled": False}
    made = caller.post(POLICIES, body | {"required_approvals": 9}).ok(201)
    caller.patch(f"{POLICIES}/{made['id']}", {"enabled": True}).refused(400, "validation_error")


def test_the_same_for_all_projects(api: ApiOf) -> None:
    caller = api(AdminFactory.make())
    body = {"tier": "staging", "action": "apply", "required_approvals": 2}
    caller.post(POLICIES, body).refused(400, "validation_error")
    member(ProjectFactory.make(), "approver")
    caller.post(POLICIES, body).ok(201)


@pytest.mark.parametrize(
    ("weaker", "field"),
    [
        ({"required_approvals": 0}, "required_approvals"),
        ({"prevent_self_approval": False}, "prevent_self_approval"),
        ({"exclude_authors": False}, "exclude_authors"),
    ],
)
def test_a_projects_admin_does_not_go_below_what_holds_for_all(
    api: ApiOf, project: Project, weaker: dict[str, Any], field: str
) -> None:
    general = everyones()
    general.exclude_authors = True
    general.save()
    body = {"project_id": project.pk, "tier": "production", "action": "apply"}
    body |= {"exclude_authors": True}
    caller = api(member(project, "project_admin"))
    refused = caller.post(POLICIES, body | weaker).refused(400, "validation_error")
    assert list(refused["fields"]) == [field]
    assert not ApprovalPolicy.objects.filter(project=project).exists()
    made = caller.post(POLICIES, body).ok(201)
    caller.patch(f"{POLICIES}/{made['id']}", weaker).refused(400, "validation_error")
    api(AdminFactory.make()).patch(f"{POLICIES}/{made['id']}", weaker).ok()


def test_an_event_tells_what_it_was_before(api: ApiOf) -> None:
    caller = api(AdminFactory.make())
    caller.patch(f"{POLICIES}/{everyones().pk}", {"exclude_authors": True}).ok()
    event = caller.get("/events", action="policy.changed").results[0]
    assert event["detail"]["before"]["exclude_authors"] is False
    assert event["detail"]["exclude_authors"] is True


def test_the_floor_is_not_raised_over_the_heads_of_projects(api: ApiOf, project: Project) -> None:
    member(project, "approver")
    own = {"project_id": project.pk, "tier": "staging", "action": "apply", "required_approvals": 0}
    made = api(member(project, "project_admin")).post(POLICIES, own).ok(201)
    admin = api(AdminFactory.make())
    body = {"tier": "staging", "action": "apply", "required_approvals": 2}
    refused = admin.post(POLICIES, body).refused(400, "validation_error")
    assert project.name in refused["fields"]["project_id"][0]
    admin.patch(f"{POLICIES}/{made['id']}", {"required_approvals": 2}).ok()
    admin.post(POLICIES, body).ok(201)


def test_what_a_platform_admin_allowed_is_not_in_the_way_later(
    api: ApiOf, project: Project
) -> None:
    member(project, "approver")
    admin = api(AdminFactory.make())
    body = {"project_id": project.pk, "tier": "production", "action": "apply"}
    admin.post(POLICIES, body | {"required_approvals": 0}).ok(201)
    admin.patch(f"{POLICIES}/{everyones().pk}", {"required_approvals": 2}).ok()


def test_one_for_all_that_no_single_project_could_satisfy(api: ApiOf) -> None:
    for _ in range(3):
        member(ProjectFactory.make(), "approver")
    body = {"tier": "staging", "action": "apply", "required_approvals": 4}
    api(AdminFactory.make()).post(POLICIES, body).refused(400, "validation_error")
    body["required_approvals"] = 3  # an approver, and two platform admins
    api(AdminFactory.make(username="third")).post(POLICIES, body).ok(201)


def test_waiting_for_one_more_apply_is_part_of_the_floor(api: ApiOf, project: Project) -> None:
    general = everyones()
    general.auto_apply = False
    general.save()
    body = {"project_id": project.pk, "tier": "production", "action": "apply"}
    caller = api(member(project, "project_admin"))
    refused = caller.post(POLICIES, body | {"auto_apply": True}).refused(400, "validation_error")
    assert list(refused["fields"]) == ["auto_apply"]
    caller.post(POLICIES, body | {"auto_apply": False}).ok(201)


@pytest.mark.parametrize(
    ("field", "value"),
    [("expires_minutes", 0), ("expires_minutes", 525_601), ("required_approvals", 101)],
)
def test_bounds(api: ApiOf, project: Project, field: str, value: int) -> None:
    body = {"project_id": project.pk, "tier": "staging", "action": "apply", field: value}
    refused = api(member(project, "project_admin")).post(POLICIES, body)
    assert list(refused.refused(400, "validation_error")["fields"]) == [field]
