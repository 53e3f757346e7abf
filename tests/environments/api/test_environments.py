"""Environments and bundles: names, states, filters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.core.models import Project, User
from tests.callers import Api
from tests.environments.api.bundle import ARTIFACT, PAYLOAD, BundleRoot
from tests.environments.bundles.roots import write
from tests.factories.core import ProjectFactory, UserFactory, grant, member
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def caller(api: ApiOf, project: Project) -> Api:
    return api(member(project, "project_admin"))


def test_from_draft_to_retired(caller: Api, project: Project) -> None:
    body = {"name": "e", "project_id": project.pk, "tier": "staging", "runtime_type": "compose"}
    made = caller.post("/environments", body).ok(201)
    assert made["status"] == "draft"
    path = f"/environments/{made['id']}"
    assert caller.patch(path, {"name": "renamed"}).ok()["name"] == "renamed"
    caller.patch(path, {"tier": "production"}).refused(400, "validation_error")
    caller.delete(path).ok(204)
    assert caller.get(path).ok()["status"] == "retired"


def test_names_are_the_projects_own(caller: Api, project: Project) -> None:
    taken = EnvironmentFactory.make(project=project)
    other = EnvironmentFactory.make(project=project)
    body = {"project_id": project.pk, "tier": "staging", "runtime_type": "compose"}
    caller.post("/environments", body | {"name": taken.name}).refused(400, "validation_error")
    EnvironmentFactory.make(name="elsewhere")
    caller.post("/environments", body | {"name": "elsewhere"}).ok(201)
    caller.patch(f"/environments/{other.pk}", {"name": taken.name}).refused(400, "validation_error")


@pytest.mark.parametrize(
    ("name", "value"), [("tier", "moon"), ("runtime_type", "vm"), ("name", ""), ("name", "x" * 201)]
)
def test_wrong_values(caller: Api, project: Project, name: str, value: str) -> None:
    body = {"name": "e", "project_id": project.pk, "tier": "staging", "runtime_type": "compose"}
    data = caller.post("/environments", body | {name: value}).refused(400, "validation_error")
    assert set(data["fields"]) == {name}


def test_filters(caller: Api, project: Project) -> None:
    one = EnvironmentFactory.make(project=project, tier="production", status="failed")
    EnvironmentFactory.make(project=project, tier="staging", runtime_type="k8s")
    for name, value in {
        "tier": "production",
        "status": "failed",
        "runtime_type": "compose",
    }.items():
        assert [row["id"] for row in caller.get("/environments", **{name: value}).results] == [
            one.pk
        ]
    assert len(caller.get("/environments", project=project.pk).results) == 2
    assert [row["id"] for row in caller.get("/environments", q=one.name).results] == [one.pk]


def test_a_role_on_one_environment_shows_that_one(api: ApiOf, project: Project) -> None:
    inside, outside = (EnvironmentFactory.make(project=project) for _ in range(2))
    user = UserFactory.make()
    grant(user, "engineer", inside)
    assert [row["id"] for row in api(user).get("/environments").results] == [inside.pk]
    api(user).get(f"/environments/{outside.pk}").refused(404, "not_found")
    api(user).delete(f"/environments/{inside.pk}").refused(403, "permission_denied")


def test_bundles(caller: Api, bundle: BundleRoot) -> None:
    [listed] = caller.get("/environments/bundles").ok()
    assert (listed["name"], listed["version"], listed["runtime"], listed["artifacts"]) == (
        "compose-test", "1.0", "compose", 1,
    )  # fmt: skip
    assert listed["size"] == len(PAYLOAD)
    path = "/environments/bundles/compose-test/1.0"
    assert caller.get(path).ok() == listed
    assert caller.post(f"{path}/verify").ok() == {"ok": True, "errors": []}
    write(bundle.root, ARTIFACT, "payl0ad\n" * 100)
    found = caller.post(f"{path}/verify").ok()
    assert (found["ok"], found["errors"][0]["path"]) == (False, ARTIFACT)
    caller.get("/environments/bundles/compose-test/2.0").refused(404, "not_found")
