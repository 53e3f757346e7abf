"""A target is a place of its own: what goes there is under the approvals of one environment."""

from __future__ import annotations

import pytest

from deployments.models import DeploymentTarget
from tests.callers import Api
from tests.factories.clusters import ClusterFactory
from tests.factories.core import ProjectFactory, member
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db


def test_a_namespace_is_one_targets_alone() -> None:
    project = ProjectFactory.make()
    caller = Api(member(project, "project_admin"))
    clusters = [ClusterFactory.make(project=project) for _ in range(2)]  # of one endpoint

    def made(tier: str, cluster: int, namespace: str = "shop") -> dict[str, object]:
        environment = EnvironmentFactory.make(project=project, tier=tier, runtime_type="k8s")
        return {
            "name": f"{tier}-{cluster}-{namespace}",
            "project_id": project.pk,
            "environment_id": environment.pk,
            "runtime_type": "k8s",
            "cluster_id": clusters[cluster].pk,
            "namespace": namespace,
        }

    first = caller.post("/deploy/targets", made("production", 0)).ok(201)
    for cluster in (0, 1):
        refused = caller.post("/deploy/targets", made("development", cluster))
        assert list(refused.refused(400, "validation_error")["fields"]) == ["namespace"]
    caller.post("/deploy/targets", made("development", 0, "other")).ok(201)
    caller.delete(f"/deploy/targets/{first['id']}").ok(204)
    caller.post("/deploy/targets", made("staging", 0)).ok(201)
    assert DeploymentTarget.objects.filter(namespace="shop", archived=False).count() == 1
