"""One service on one namespace of a cluster, and the few calls that the tests here make."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from clusters.kube.api import Kube
from deployments.models import DeploymentTarget, Release, Service
from tests.callers import Api
from tests.deployments.site import Site
from tests.factories.clusters import connected
from tests.factories.core import member
from tests.factories.deployments import RevisionFactory, ServiceFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory
from tests.kube.cluster import Cluster

Object = dict[str, Any]


@dataclass
class KubeSite(Site):
    """Every call is an engineer's, over the API; `kube` looks at the cluster itself."""

    cluster: Cluster = field(kw_only=True)
    fields: dict[str, Any] = field(kw_only=True, default_factory=dict)

    def __post_init__(self) -> None:
        environment = EnvironmentFactory.make(tier=self.tier, runtime_type="k8s", status="draft")
        self.namespace = self.cluster.namespace()
        self.target: DeploymentTarget = TargetFactory.make(
            environment=environment,
            runtime_type="k8s",
            cluster=connected(self.cluster.login, project=environment.project),
            namespace=self.namespace,
            **self.fields,
        )
        self.service: Service = ServiceFactory.make(
            project=environment.project, runtime_type="k8s", name="shop"
        )
        self.engineer = member(environment.project, "engineer")
        self.api = Api(self.engineer)

    def wants(self, *objects: Object, **fields: Any) -> None:
        """The next revision."""
        manifest = "\n---\n".join(json.dumps(one, indent=1) for one in objects)
        RevisionFactory.make(service=self.service, manifest=manifest, **fields)

    def live(self, kind: str, name: str, *, version: str = "apps/v1") -> Object | None:
        with Kube(self.cluster.login) as kube:
            resource = kube.resource(version, kind)
            assert resource is not None
            return kube.get(resource, self.namespace if resource.namespaced else "", name)

    def diagnosis(self, release: Release) -> Object:
        """As the API tells it."""
        found: Object = self.api.get(f"/deploy/releases/{release.pk}/diagnostics").ok()
        return found

    def by_another(self, wanted: Object, manager: str = "kubectl") -> None:
        """Applied by somebody else."""
        with Kube(self.cluster.login) as kube:
            resource = kube.resource(wanted["apiVersion"], wanted["kind"])
            assert resource is not None
            meta = {"namespace": self.namespace, **wanted["metadata"]}
            path = f"/apis/{wanted['apiVersion']}/namespaces/{self.namespace}"
            if not resource.group:
                path = f"/api/{wanted['apiVersion']}/namespaces/{self.namespace}"
            kube._transport.json(
                "PATCH",
                f"{path}/{resource.plural}/{meta['name']}",
                {"fieldManager": manager, "force": "true"},
                {**wanted, "metadata": meta},
                "application/apply-patch+yaml",
            )


def deployment(name: str = "web", image: str = "registry.example.net/web:1", **spec: Any) -> Object:
    labels = {"app": name}
    container = {
        "name": "app",
        "image": image,
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            **spec,
        },
    }


def config(name: str = "settings", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name: str = "keys", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def job(name: str = "migrate", image: str = "registry.example.net/web:1") -> Object:
    container = {"name": "job", "image": image}
    pod = {"containers": [container], "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": pod}, "backoffLimit": 1},
    }


def claim(name: str = "data", **annotations: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
