"""The cluster that an environment's hosts make up: connected, given new credentials, dismantled."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from clusters.access import login_of
from clusters.models import Cluster, ClusterConnection
from config.core.errors import ClusterUnreachable, KubeconfigForbiddenField, KubeconfigInvalid
from config.core.models import TimelineEvent
from config.core.secrets import Secret
from environments import managed_cluster
from environments.models import Environment, EnvironmentInstallTask
from tests.callers import Api
from tests.deployments.kubernetes.site import config
from tests.factories.clusters import ClusterFactory
from tests.factories.core import member
from tests.factories.deployments import RevisionFactory, ServiceFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory, preview_of
from tests.kube.certificates import Authority, Pair
from tests.kube.cluster import StandIn, kubeconfig

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment() -> Environment:
    return EnvironmentFactory.make(runtime_type="k8s", name="shop-production")


@pytest.fixture
def task(environment: Environment) -> EnvironmentInstallTask:
    admin = member(environment.project, "project_admin")
    return EnvironmentInstallTask.objects.create(
        environment=environment,
        project=environment.project,
        preview=preview_of(environment, admin),
        bundle="kubeadm",
        version="1.0",
        requested_by=admin,
        source="api",
    )


def reported(cluster: StandIn, text: str = "") -> Secret:
    """As the hook reports it."""
    return Secret(base64.b64encode((text or cluster.kubeconfig).encode()).decode())


def cluster_of(environment: Environment) -> Cluster:
    environment.refresh_from_db()
    assert environment.cluster is not None
    return environment.cluster


def test_it_is_connected_and_bound(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    cluster = cluster_of(environment)
    assert (cluster.source, cluster.status) == ("platform_managed", "ready")
    assert (cluster.name, cluster.project) == ("shop-production", environment.project)
    assert login_of(cluster).token == stand_in.login.token
    event = TimelineEvent.objects.get(action="cluster.imported")
    assert (event.actor, event.source, event.resource_id) == ("system", "system", cluster.pk)


def test_a_release_is_previewed_on_it_at_once(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    api = Api(member(environment.project, "engineer"))
    [cluster] = api.get("/clusters").results
    assert cluster["source"] == "platform_managed"
    service = ServiceFactory.make(project=environment.project, runtime_type="k8s")
    RevisionFactory.make(service=service, manifest=json.dumps(config(greeting="hello")))
    target = TargetFactory.make(
        environment=environment,
        runtime_type="k8s",
        cluster_id=cluster["id"],
        namespace=stand_in.namespace(),
    )
    body = {"service_id": service.pk, "target_id": target.pk}
    preview = api.post("/deploy/releases/preview", body).ok(201)
    assert preview["diff"]["summary"]["create"] == 1


def test_again_it_is_given_new_credentials(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    fresh = stand_in.as_anyone("admin")
    managed_cluster.connect(task, reported(stand_in, kubeconfig(fresh)))
    assert Cluster.objects.count() == 1
    assert login_of(cluster_of(environment)).token == fresh.token
    assert ClusterConnection.objects.filter(active=True).count() == 1


def test_a_worker_that_died_before_it_was_bound_leaves_no_second_one(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    Environment.objects.update(cluster=None)
    managed_cluster.connect(task, reported(stand_in))
    assert cluster_of(environment) == Cluster.objects.get()


def test_another_address_is_another_cluster(
    environment: Environment,
    task: EnvironmentInstallTask,
    stand_in: StandIn,
    authority: Authority,
    server_certificate: Pair,
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    first = cluster_of(environment)
    with StandIn(authority, server_certificate) as other:
        managed_cluster.connect(task, reported(other))
    second = cluster_of(environment)
    assert second != first
    assert second.name == "shop-production-2"
    assert Cluster.objects.filter(pk=first.pk).exists()


def test_another_environments_cluster_is_left_alone(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    theirs = ClusterFactory.make(
        project=environment.project, endpoint=stand_in.server, source="platform_managed"
    )
    EnvironmentFactory.make(project=environment.project, runtime_type="k8s", cluster=theirs)
    managed_cluster.connect(task, reported(stand_in))
    assert cluster_of(environment) != theirs


def test_a_long_name_that_is_taken(task: EnvironmentInstallTask, stand_in: StandIn) -> None:
    environment = task.environment
    Environment.objects.update(name="n" * 100)
    ClusterFactory.make(project=environment.project, name="n" * 63)
    managed_cluster.connect(task, reported(stand_in))
    assert cluster_of(environment).name == "n" * 61 + "-2"


def test_one_that_does_not_answer_is_not_connected(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    stand_in.fail(lambda *_: 503)
    with pytest.raises(ClusterUnreachable) as failed:
        managed_cluster.connect(task, reported(stand_in))
    assert failed.value.data["hint"]
    environment.refresh_from_db()
    assert (environment.cluster, Cluster.objects.count()) == (None, 0)


@pytest.mark.parametrize("value", ["no base64!", base64.b64encode(b"\xff").decode(), "aGVsbG8="])
def test_what_is_no_kubeconfig(task: EnvironmentInstallTask, value: str) -> None:
    with pytest.raises(KubeconfigInvalid) as failed:
        managed_cluster.connect(task, Secret(value))
    assert value not in str(failed.value) + repr(failed.value.data)


def test_a_kubeconfig_that_would_run_something(
    task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    text = stand_in.kubeconfig.replace("token:", "tokenFile: /etc/passwd\n    token:")
    with pytest.raises(KubeconfigForbiddenField):
        managed_cluster.connect(task, reported(stand_in, text))


def test_uninstalled_it_is_gone(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    managed_cluster.disconnect(task)
    managed_cluster.disconnect(task)  # by a worker that took over
    environment.refresh_from_db()
    assert (environment.cluster, Cluster.objects.count()) == (None, 0)
    assert TimelineEvent.objects.filter(action="cluster.deleted").count() == 1


def test_with_targets_it_stays_without_credentials_until_it_is_installed_again(
    environment: Environment, task: EnvironmentInstallTask, stand_in: StandIn
) -> None:
    managed_cluster.connect(task, reported(stand_in))
    cluster = cluster_of(environment)
    fields: dict[str, Any] = {"runtime_type": "k8s", "namespace": "shop"}
    TargetFactory.make(environment=environment, cluster=cluster, **fields)
    managed_cluster.disconnect(task)
    assert cluster_of(environment) == cluster
    cluster.refresh_from_db()
    assert (cluster.status, cluster.reason_code) == ("unreachable", "cluster_unreachable")
    stored = ClusterConnection.objects.get(cluster=cluster)
    assert (stored.active, bool(stored.token)) == (False, False)
    managed_cluster.connect(task, reported(stand_in))
    cluster.refresh_from_db()
    assert cluster_of(environment) == cluster
    assert cluster.status == "ready"
