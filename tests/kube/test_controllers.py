"""The controllers that tests play, on the stand-in and on a real API without controllers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusters.kube.api import Kube
from tests.kube import manifests, writing
from tests.kube.cluster import Cluster
from tests.kube.controllers import out_of_time, rollout, running
from tests.kube.pods import Fate

Object = dict[str, Any]


@pytest.fixture
def kube(cluster: Cluster) -> Iterator[Kube]:
    if cluster.has_controllers:
        pytest.skip("this cluster has controllers of its own")
    with Kube(cluster.login) as kube:
        yield kube


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    return cluster.namespace()


def apply(kube: Kube, wanted: Object) -> Object:
    return kube.apply(writing.resource(kube, wanted["apiVersion"], wanted["kind"]), wanted)


def of_kind(kube: Kube, api_version: str, kind: str, namespace: str) -> list[Object]:
    return list(kube.list(writing.resource(kube, api_version, kind), namespace))


def test_a_deployment_gets_its_pods(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.deployment(namespace, replicas=2))

    found = rollout(kube, "Deployment", namespace, "web")

    assert found["status"]["availableReplicas"] == 2
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    [replica_set] = of_kind(kube, "apps/v1", "ReplicaSet", namespace)
    pods = of_kind(kube, "v1", "Pod", namespace)
    assert {pod["metadata"]["ownerReferences"][0]["uid"] for pod in pods} == {
        replica_set["metadata"]["uid"]
    }
    assert "@sha256:" in pods[0]["status"]["containerStatuses"][0]["imageID"]


def test_a_new_image_replaces_the_pods(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.deployment(namespace))
    rollout(kube, "Deployment", namespace, "web")
    apply(kube, manifests.deployment(namespace, image="nginx:2"))

    found = rollout(kube, "Deployment", namespace, "web")

    [pod] = of_kind(kube, "v1", "Pod", namespace)
    assert pod["spec"]["containers"][0]["image"] == "nginx:2"
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert found["status"]["replicas"] == 1


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("crash", "CrashLoopBackOff"),
        ("oom", "CrashLoopBackOff"),
        ("image", "ImagePullBackOff"),
        ("config", "CreateContainerConfigError"),
    ],
)
def test_pods_in_trouble(kube: Kube, namespace: str, fate: Fate, reason: str) -> None:
    apply(kube, manifests.deployment(namespace))
    rollout(kube, "Deployment", namespace, "web")
    apply(kube, manifests.deployment(namespace, image="nginx:2"))

    found = rollout(kube, "Deployment", namespace, "web", fate=fate)

    assert found["status"]["updatedReplicas"] == 1
    assert found["status"]["replicas"] == 2  # the old one stays until the new one is ready
    pods = of_kind(kube, "v1", "Pod", namespace)
    states = [pod["status"]["containerStatuses"][0]["state"] for pod in pods]
    assert [state["waiting"]["reason"] for state in states if "waiting" in state] == [reason]
    assert of_kind(kube, "v1", "Event", namespace)


def test_a_pod_that_finds_no_node(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.deployment(namespace))

    rollout(kube, "Deployment", namespace, "web", fate="never")

    [pod] = of_kind(kube, "v1", "Pod", namespace)
    assert pod["status"]["phase"] == "Pending"
    assert pod["status"]["conditions"][0]["reason"] == "Unschedulable"


def test_some_are_ready(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.deployment(namespace, replicas=3))

    found = rollout(kube, "Deployment", namespace, "web", ready=1)

    assert found["status"]["readyReplicas"] == 1
    assert found["status"]["unavailableReplicas"] == 2


def test_a_deadline_passes(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.deployment(namespace))

    found = out_of_time(kube, namespace, "web")

    assert found["status"]["conditions"][0]["reason"] == "ProgressDeadlineExceeded"


def test_the_other_kinds(kube: Kube, namespace: str) -> None:
    for made in (
        manifests.stateful_set(namespace),
        manifests.daemon_set(namespace),
        manifests.job(namespace),
        manifests.claim(namespace),
        manifests.ingress(namespace),
        manifests.service(namespace, type="LoadBalancer"),
    ):
        apply(kube, made)

    assert rollout(kube, "StatefulSet", namespace, "db")["status"]["readyReplicas"] == 1
    assert rollout(kube, "DaemonSet", namespace, "agent")["status"]["numberAvailable"] == 1
    done = rollout(kube, "Job", namespace, "once")["status"]
    assert [one["type"] for one in done["conditions"]] == ["Complete"]
    assert rollout(kube, "PersistentVolumeClaim", namespace, "data")["status"]["phase"] == "Bound"
    for kind in ("Ingress", "Service"):
        addresses = rollout(kube, kind, namespace, "web")["status"]["loadBalancer"]["ingress"]
        assert addresses == [{"ip": "192.0.2.10"}]


def test_a_job_fails(kube: Kube, namespace: str) -> None:
    apply(kube, manifests.job(namespace))

    failed = rollout(kube, "Job", namespace, "once", fate="crash")["status"]

    assert failed["conditions"][0]["reason"] == "BackoffLimitExceeded"


def test_they_run_by_themselves(cluster: Cluster, namespace: str, kube: Kube) -> None:
    with running(cluster, {"broken": "crash"}) as controllers:
        apply(kube, manifests.deployment(namespace))
        apply(kube, manifests.deployment(namespace, "broken"))
        until(lambda: _available(kube, namespace, "web") == 1)
        until(lambda: "conditions" in _deployment(kube, namespace, "broken")["status"])
        assert _available(kube, namespace, "broken") == 0

        controllers.fates["broken"] = "ready"
        until(lambda: _available(kube, namespace, "broken") == 1)


def test_what_is_deleted_takes_its_pods_along(cluster: Cluster, namespace: str, kube: Kube) -> None:
    with running(cluster):
        apply(kube, manifests.deployment(namespace))
        apply(kube, manifests.claim(namespace))
        until(lambda: _available(kube, namespace, "web") == 1)

        of = writing.resource(kube, "apps/v1", "Deployment")
        claims = writing.resource(kube, "v1", "PersistentVolumeClaim")
        assert kube.delete(of, namespace, "web", foreground=True)
        assert kube.delete(claims, namespace, "data")
        until(lambda: kube.get(of, namespace, "web") is None)
        until(lambda: kube.get(claims, namespace, "data") is None)
        until(lambda: not of_kind(kube, "v1", "Pod", namespace))


def _deployment(kube: Kube, namespace: str, name: str) -> Object:
    found = kube.get(writing.resource(kube, "apps/v1", "Deployment"), namespace, name)
    assert found is not None
    return found


def _available(kube: Kube, namespace: str, name: str) -> int:
    return int(_deployment(kube, namespace, name)["status"].get("availableReplicas", 0))


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
