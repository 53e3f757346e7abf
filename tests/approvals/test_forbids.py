"""What a policy forbids: by the names of the risk rules, of which the documentation lists all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from approvals.models import ApprovalPolicy
from approvals.selectors import forbidden
from config.core.models import Project, TimelineEvent, User
from config.core.risk import LEVELS, RiskLevel, Rule
from tests.callers import Api
from tests.factories.approvals import PolicyFactory
from tests.factories.core import AdminFactory, ProjectFactory, member

ApiOf = Callable[[User | None], Api]
PATH = "/approvals/policies"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.mark.django_db
def test_a_policy_forbids_by_name_and_it_is_told(api: ApiOf, project: Project) -> None:
    caller = api(member(project, "project_admin"))
    body: dict[str, Any] = {"project_id": project.pk, "tier": "staging", "action": "apply"}
    names = ["docker_socket", "deletes", "docker_socket"]
    made = caller.post(PATH, body | {"forbids": names}).ok(201)
    assert made["forbids"] == ["deletes", "docker_socket"]
    path = f"{PATH}/{made['id']}"
    assert caller.patch(path, {"enabled": True}).ok()["forbids"] == ["deletes", "docker_socket"]
    assert caller.patch(path, {"forbids": ["privileged"]}).ok()["forbids"] == ["privileged"]
    assert caller.patch(path, {"forbids": []}).ok()["forbids"] == []
    assert caller.post(PATH, body | {"action": "vip"}).ok(201)["forbids"] == []
    events = TimelineEvent.objects.filter(action="policy.changed").order_by("seq")
    both = ["deletes", "docker_socket"]
    assert [e.detail["forbids"] for e in events] == [both, both, ["privileged"], [], []]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forbids", [["nonsense"], ["deletes", "DELETES"], [""], [None], [["deletes"]], "deletes", None]
)
def test_what_is_no_rule_is_refused(api: ApiOf, project: Project, forbids: Any) -> None:
    policy = PolicyFactory.make(project=project, forbids=["deletes"])
    caller = api(member(project, "project_admin"))
    body = {"project_id": project.pk, "tier": "production", "action": "vip", "forbids": forbids}
    for answer in (caller.post(PATH, body), caller.patch(f"{PATH}/{policy.pk}", body)):
        fields = answer.refused(400, "validation_error")["fields"]
        assert [name.split(".")[0] for name in fields] == ["forbids"]
    policy.refresh_from_db()
    assert policy.forbids == ["deletes"]


@pytest.mark.django_db
def test_every_rule_can_be_forbidden(api: ApiOf, project: Project) -> None:
    policy = PolicyFactory.make(project=project)
    caller = api(member(project, "project_admin"))
    changed = caller.patch(f"{PATH}/{policy.pk}", {"forbids": Rule.values}).ok()
    assert changed["forbids"] == Rule.values
    assert forbidden(project, "staging", "apply", list(Rule)) == Rule.values


@pytest.mark.django_db
def test_forbidden_is_what_was_found_and_the_policy_names(project: Project) -> None:
    PolicyFactory.make(project=project, forbids=["deletes", "host_mount"], required_approvals=0)
    found = [Rule.HOST_MOUNT, "moving_tag"]
    assert forbidden(project, "staging", "apply", found) == ["host_mount"]
    assert forbidden(project, "staging", "apply", set()) == []
    assert forbidden(project, "staging", "rollback", found) == []
    assert forbidden(project, "development", "apply", found) == []
    assert forbidden(ProjectFactory.make(), "staging", "apply", found) == []


@pytest.mark.django_db
def test_what_is_forbidden_to_all_a_project_can_only_add_to(project: Project) -> None:
    everyones = ApprovalPolicy.objects.get(project=None, tier="production", action="apply")
    everyones.forbids = ["host_mount"]
    everyones.save()
    assert forbidden(project, "production", "apply", ["host_mount"]) == ["host_mount"]
    own = PolicyFactory.make(project=project, tier="production", forbids=["deletes"])
    assert forbidden(project, "production", "apply", ["host_mount", "deletes"]) == [
        "deletes",
        "host_mount",
    ]
    own.enabled = False
    own.save()
    assert forbidden(project, "production", "apply", ["host_mount"]) == ["host_mount"]


@pytest.mark.django_db
def test_the_admin_site_offers_every_rule_and_lists_what_is_forbidden() -> None:
    client = Api(AdminFactory.make()).client
    add = reverse("admin:approvals_approvalpolicy_add")
    page = client.get(add).content.decode()
    for name in Rule.values:
        assert f'type="checkbox" name="forbids" value="{name}"' in page
    form = {"tier": "staging", "action": "apply", "required_approvals": 1, "expires_minutes": 30}
    form |= {"priority": "P2", "forbids": ["privileged", "deletes"]}
    assert client.post(add, form).status_code == 302
    assert ApprovalPolicy.objects.get(tier="staging").forbids == ["deletes", "privileged"]
    listed = client.get(reverse("admin:approvals_approvalpolicy_changelist"))
    assert "deletes, privileged" in listed.content.decode()


def test_the_documentation_lists_every_rule_at_its_level() -> None:
    section = OPERATIONS.read_text().split("## What policies can forbid\n")[1].split("\n## ")[0]
    listed = [line for line in section.splitlines() if line.startswith("- ")]
    assert listed == [
        f"- {level}: " + ", ".join(f"`{rule}`" for rule in Rule if LEVELS[rule] == level)
        for level in reversed(RiskLevel)
    ]
