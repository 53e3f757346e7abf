"""`/approvals/policies`: whose they are, and that changing them is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals.models import ApprovalPolicy
from config.core.models import Project, TimelineEvent, User
from tests.callers import Api
from tests.factories.approvals import PolicyFactory
from tests.factories.core import AdminFactory, ProjectFactory, UserFactory, grant, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def test_everyone_reads_those_for_all_and_those_of_their_projects(
    api: ApiOf, project: Project
) -> None:
    own, hidden = PolicyFactory.make(project=project), PolicyFactory.make()
    seen = {row["id"] for row in api(member(project, "viewer")).get("/approvals/policies").results}
    assert own.pk in seen
    assert hidden.pk not in seen
    assert len(seen) == 5
    assert len(api(UserFactory.make()).get("/approvals/policies").results) == 4


def test_a_projects_admin_makes_changes_and_deletes_its_policies(
    api: ApiOf, project: Project
) -> None:
    caller = api(member(project, "project_admin"))
    body = {"project_id": project.pk, "tier": "staging", "action": "apply", "required_approvals": 2}
    made = caller.post("/approvals/policies", body).ok(201)
    assert (made["expires_minutes"], made["prevent_self_approval"]) == (30, True)
    changed = caller.patch(f"/approvals/policies/{made['id']}", {"required_approvals": 1}).ok()
    assert (changed["required_approvals"], changed["project_id"]) == (1, project.pk)
    caller.delete(f"/approvals/policies/{made['id']}").ok(204)
    assert not ApprovalPolicy.objects.filter(pk=made["id"]).exists()
    events = TimelineEvent.objects.filter(action="policy.changed", project_id=project.pk)
    assert [e.detail.get("required_approvals") for e in events.order_by("seq")] == [2, 1, 1]


def test_those_for_all_are_the_platform_admins(api: ApiOf, project: Project) -> None:
    everyones = ApprovalPolicy.objects.filter(project=None).first()
    assert everyones is not None
    for caller in (api(member(project, "project_admin")), api(UserFactory.make())):
        path = f"/approvals/policies/{everyones.pk}"
        caller.patch(path, {"enabled": False}).refused(403, "permission_denied")
        caller.delete(path).refused(403, "permission_denied")
        body = {"tier": "staging", "action": "apply"}
        caller.post("/approvals/policies", body).refused(403, "permission_denied")
    admin = api(AdminFactory.make())
    assert (
        admin.patch(f"/approvals/policies/{everyones.pk}", {"enabled": False}).ok()["enabled"]
        is False
    )


def test_a_policy_is_not_moved_to_a_project_that_the_caller_does_not_manage(
    api: ApiOf, project: Project
) -> None:
    caller_user = member(project, "project_admin")
    other = ProjectFactory.make()
    policy = PolicyFactory.make(project=project)
    caller = api(caller_user)
    caller.patch(f"/approvals/policies/{policy.pk}", {"project_id": other.pk}).refused(
        400, "validation_error"
    )
    caller.patch(f"/approvals/policies/{policy.pk}", {"project_id": None}).refused(
        403, "permission_denied"
    )
    policy.refresh_from_db()
    assert policy.project == project


def test_who_manages_one_project_takes_no_policy_over_from_another(
    api: ApiOf, project: Project
) -> None:
    user = member(project, "viewer")
    own = ProjectFactory.make()
    policy = PolicyFactory.make(project=project, tier="production", required_approvals=2)
    grant(user, "project_admin", own)
    api(user).patch(
        f"/approvals/policies/{policy.pk}", {"project_id": own.pk, "required_approvals": 0}
    ).refused(403, "permission_denied")
    policy.refresh_from_db()
    assert (policy.project, policy.required_approvals) == (project, 2)
    everyones = ApprovalPolicy.objects.filter(project=None).first()
    assert everyones is not None
    api(user).patch(f"/approvals/policies/{everyones.pk}", {"project_id": own.pk}).refused(
        403, "permission_denied"
    )


@pytest.mark.parametrize("whose", ["project", "all"])
def test_one_policy_per_project_tier_and_action(api: ApiOf, project: Project, whose: str) -> None:
    PolicyFactory.make(project=project, tier="production")
    body: dict[str, object] = {"tier": "production", "action": "apply"}
    if whose == "project":
        body["project_id"] = project.pk
    api(AdminFactory.make()).post("/approvals/policies", body).refused(400, "validation_error")
