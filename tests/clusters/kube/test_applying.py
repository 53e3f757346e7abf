"""Server-side apply through `Kube`: made, changed, contested, tried out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from tests.kube.cluster import Cluster

DEPLOYMENTS = Resource("apps/v1", "Deployment", "deployments", namespaced=True)


@pytest.fixture
def kube(cluster: Cluster) -> Iterator[Kube]:
    with Kube(cluster.login) as kube:
        yield kube


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    return cluster.namespace()


def deployment(namespace: str, name: str = "web", **spec: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "nginx:1"}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }


def test_what_is_applied_is_there(kube: Kube, namespace: str) -> None:
    made = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2))

    assert made == kube.get(DEPLOYMENTS, namespace, "web")
    assert made["metadata"]["generation"] == 1
    assert made["spec"]["replicas"] == 2
    assert made["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == "25%"


def test_the_same_again_changes_nothing(kube: Kube, namespace: str) -> None:
    first = kube.apply(DEPLOYMENTS, deployment(namespace))

    assert kube.apply(DEPLOYMENTS, deployment(namespace)) == first


def test_a_dry_run_keeps_nothing(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace, "absent"), dry_run=True)
    assert kube.get(DEPLOYMENTS, namespace, "absent") is None

    before = kube.apply(DEPLOYMENTS, deployment(namespace))
    would = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=5), dry_run=True)

    assert would["spec"]["replicas"] == 5
    assert kube.get(DEPLOYMENTS, namespace, "web") == before


def test_no_namespace(kube: Kube) -> None:
    with pytest.raises(Refused) as refused:
        kube.apply(DEPLOYMENTS, deployment("absent-namespace"))

    assert refused.value.status == 404
    assert refused.value.message == 'namespaces "absent-namespace" not found'
