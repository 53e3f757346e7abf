"""The kinds that these tests are about."""

from __future__ import annotations

from typing import Final

from clusters.kube.api import Resource

CONFIG_MAPS: Final = Resource("v1", "ConfigMap", "configmaps", namespaced=True)
DEPLOYMENTS: Final = Resource("apps/v1", "Deployment", "deployments", namespaced=True)
EVENTS: Final = Resource("v1", "Event", "events", namespaced=True)
JOBS: Final = Resource("batch/v1", "Job", "jobs", namespaced=True)
NAMESPACES: Final = Resource("v1", "Namespace", "namespaces", namespaced=False)
PODS: Final = Resource("v1", "Pod", "pods", namespaced=True)
SECRETS: Final = Resource("v1", "Secret", "secrets", namespaced=True)
SERVICES: Final = Resource("v1", "Service", "services", namespaced=True)
DEFINITIONS: Final = Resource(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
