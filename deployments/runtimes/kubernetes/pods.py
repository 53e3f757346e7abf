"""The pods of a workload: those of its newest version, not those that are on their way out."""

from __future__ import annotations

from typing import Any

from clusters.kube.api import Kube
from clusters.kube.transport import Refused
from deployments.runtimes.kubernetes.objects import Object, key_of

_HASH = "pod-template-hash"
_REVISION = "controller-revision-hash"


def pods_of(kube: Kube, workload: Object) -> list[Object]:
    """Newest first; none where the credential may not list them."""
    if workload["kind"] == "Pod":
        return [workload]
    selector = ((workload.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    resource = kube.resource("v1", "Pod")
    if resource is None or not selector:
        return []
    labels = ",".join(f"{name}={value}" for name, value in sorted(selector.items()))
    try:
        found = list(kube.list(resource, key_of(workload).namespace, labels=labels))
        found.sort(key=lambda pod: pod["metadata"].get("creationTimestamp") or "", reverse=True)
        staying = [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]
        return _newest(kube, workload, staying, labels)
    except Refused:
        return []


def _newest(kube: Kube, workload: Object, pods: list[Object], labels: str) -> list[Object]:
    match workload["kind"]:
        case "Deployment":
            name, value = _HASH, _template_hash(kube, workload, labels)
        case "StatefulSet":
            name = _REVISION
            value = (workload.get("status") or {}).get("updateRevision", "")
        case "DaemonSet":
            name, value = _REVISION, _label(pods[0], _REVISION) if pods else ""
        case _:
            return pods
    return [pod for pod in pods if not value or _label(pod, name) == value]


def _template_hash(kube: Kube, deployment: Object, labels: str) -> str:
    """Of the ReplicaSet that the deployment rolls out to."""
    resource = kube.resource("apps/v1", "ReplicaSet")
    revision = _annotations(deployment).get("deployment.kubernetes.io/revision")
    if resource is None or not revision:
        return ""
    uid = deployment["metadata"].get("uid")
    for one in kube.list(resource, key_of(deployment).namespace, labels=labels):
        owners = one["metadata"].get("ownerReferences") or []
        ours = any(owner.get("uid") == uid for owner in owners)
        if ours and _annotations(one).get("deployment.kubernetes.io/revision") == revision:
            return _label(one, _HASH)
    return ""


def _label(found: Object, name: str) -> str:
    labels: dict[str, Any] = found["metadata"].get("labels") or {}
    return str(labels.get(name, ""))


def _annotations(found: Object) -> dict[str, Any]:
    annotations: dict[str, Any] = found["metadata"].get("annotations") or {}
    return annotations
