"""What runs in a cluster, as its API tells it now. Knows nothing of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clusters.answers import understood
from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Object, Refused
from config.core.errors import ClusterForbidden

_NAMESPACES: Final = Resource("v1", "Namespace", "namespaces", namespaced=False)
_WORKLOADS: Final = (
    Resource("apps/v1", "Deployment", "deployments", namespaced=True),
    Resource("apps/v1", "StatefulSet", "statefulsets", namespaced=True),
    Resource("apps/v1", "DaemonSet", "daemonsets", namespaced=True),
    Resource("batch/v1", "CronJob", "cronjobs", namespaced=True),
    Resource("batch/v1", "Job", "jobs", namespaced=True),
)


@dataclass(frozen=True)
class Namespace:
    name: str
    status: str
    created_at: str

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True)
class Workload:
    """`wanted`, `ready`: pods, or of a job runs; None for what has no number of its own."""

    kind: str
    namespace: str
    name: str
    wanted: int | None
    ready: int | None
    images: list[str]
    created_at: str

    @property
    def key(self) -> str:
        # A space is in no name, and before all that is.
        return f"{self.namespace} {self.kind} {self.name}"


def namespaces(kube: Kube) -> list[Namespace]:
    """By name. Raises ClusterForbidden, and what the connection raises."""
    with understood():
        found = [
            Namespace(
                _text(found, "name"),
                str((found.get("status") or {}).get("phase", "")),
                _text(found, "creationTimestamp"),
            )
            for found in _listed(kube, _NAMESPACES)
        ]
        return sorted(found, key=lambda one: one.key)


def workloads(kube: Kube, namespace: str = "") -> list[Workload]:
    """Of one namespace or of all, by namespace, kind and name. Raises as `namespaces` does."""
    with understood():
        found = [
            _workload(resource.kind, found)
            for resource in _WORKLOADS
            for found in _listed(kube, resource, namespace)
            if not _is_run_of_another(found)
        ]
        return sorted(found, key=lambda one: one.key)


def _listed(kube: Kube, resource: Resource, namespace: str = "") -> Iterator[Object]:
    try:
        yield from kube.list(resource, namespace)
    except Refused as error:
        if error.status != 403:
            raise
        missing = {"verb": "list", "resource": resource.name, "namespace": namespace}
        raise ClusterForbidden(missing=[missing]) from None


def _workload(kind: str, found: Object) -> Workload:
    spec, status = found.get("spec") or {}, found.get("status") or {}
    job = spec.get("jobTemplate", {}).get("spec", {}) if kind == "CronJob" else spec
    pod = job.get("template", {}).get("spec", {})
    wanted, ready = _numbers(kind, spec, status)
    return Workload(
        kind=kind,
        namespace=_text(found, "namespace"),
        name=_text(found, "name"),
        wanted=wanted,
        ready=ready,
        images=[str(container.get("image", "")) for container in pod.get("containers") or []],
        created_at=_text(found, "creationTimestamp"),
    )


def _numbers(kind: str, spec: Object, status: Object) -> tuple[int | None, int | None]:
    match kind:
        case "CronJob":
            return None, None
        case "DaemonSet":
            return int(status.get("desiredNumberScheduled", 0)), int(status.get("numberReady", 0))
        case "Job":
            return int(spec.get("completions", 1)), int(status.get("succeeded", 0))
    return int(spec.get("replicas", 1)), int(status.get("readyReplicas", 0))


def _text(found: Object, field: str) -> str:
    """Of the metadata. Raises TypeError for what is none, which no API says."""
    value = found["metadata"].get(field, "")
    if not isinstance(value, str):
        raise TypeError(field)
    return value


def _is_run_of_another(found: Object) -> bool:
    """A cron job's jobs come and go with it."""
    return any(owner.get("controller") for owner in found["metadata"].get("ownerReferences") or [])
