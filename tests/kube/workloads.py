"""What controllers make of what was applied: pods, statuses, addresses. Each call does all of it
at once, on the stand-in or on a real API that has no controllers of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from clusters.kube.api import Kube
from tests.kube import pods, writing
from tests.kube.pods import Fate
from tests.kube.writing import Object, condition

ADDRESS: Final = "192.0.2.10"
VERSIONS: Final = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "PersistentVolumeClaim": "v1",
    "Ingress": "networking.k8s.io/v1",
    "Service": "v1",
    "Pod": "v1",
}
_REVISION: Final = "deployment.kubernetes.io/revision"


def rollout(
    kube: Kube,
    kind: str,
    namespace: str,
    name: str,
    *,
    ready: int | None = None,
    fate: Fate = "ready",
) -> Object:
    """Brings an object to where controllers would; the object afterwards.

    `ready`: how many pods are (all of them, or none when their fate isn't to be ready).
    """
    of = writing.resource(kube, VERSIONS[kind], kind)
    found = kube.get(of, namespace, name)
    assert found is not None, f"there is no {kind} {namespace}/{name}"
    _PLAYED[kind](kube, found, ready, fate)
    return kube.get(of, namespace, name) or found


def out_of_time(kube: Kube, namespace: str, name: str) -> Object:
    """A Deployment's progress deadline has passed."""
    found = rollout(kube, "Deployment", namespace, name, fate="unready")
    text = f'ReplicaSet "{name}" has timed out progressing.'
    told = condition("Progressing", "ProgressDeadlineExceeded", text, holds=False)
    return writing.set_status(kube, found, {"conditions": [told]})


def _deployment(kube: Kube, found: Object, ready: int | None, fate: Fate) -> None:
    wanted = found["spec"].get("replicas", 1)
    count = _ready(ready, wanted, fate)
    digest = _hash(found["spec"]["template"])
    sets = _owned(kube, "apps/v1", "ReplicaSet", found)
    current = _replica_set(kube, found, sets, digest)
    revision = {_REVISION: current["metadata"]["annotations"][_REVISION]}
    found = writing.annotate(kube, found, revision)  # which is a generation of its own
    old = [one for one in sets if one["metadata"]["uid"] != current["metadata"]["uid"]]
    labels = _labels(found) | {"pod-template-hash": digest}
    _pods(kube, current, labels, found["spec"]["template"], wanted, count, fate)
    left = 0
    recreate = found["spec"].get("strategy", {}).get("type") == "Recreate"
    for one in old:
        if count >= wanted or recreate:
            _scale_down(kube, one, 0)
        else:
            left += len(_owned(kube, "v1", "Pod", one))
    reason = "NewReplicaSetAvailable" if count >= wanted else "ReplicaSetUpdated"
    available = count + left >= wanted
    writing.set_status(
        kube,
        found,
        {
            "observedGeneration": found["metadata"]["generation"],
            "replicas": wanted + left,
            "updatedReplicas": wanted,
            "readyReplicas": count + left,
            "availableReplicas": count + left,
            "unavailableReplicas": wanted - count or None,
            "conditions": [
                condition("Available", "MinimumReplicas", holds=available),
                condition("Progressing", reason),
            ],
        },
    )


def _replica_set(kube: Kube, found: Object, sets: list[Object], digest: str) -> Object:
    """The one of the newest template, the highest revision."""
    revisions = [int(one["metadata"].get("annotations", {}).get(_REVISION, 0)) for one in sets]
    name = f"{found['metadata']['name']}-{digest}"
    current = next((one for one in sets if one["metadata"]["name"] == name), None)
    last = max(revisions, default=0)
    if current is None or revisions[sets.index(current)] != last:
        last += 1
    template = found["spec"]["template"]
    labels = _labels(found) | {"pod-template-hash": digest}
    meta = {
        "name": name,
        "namespace": found["metadata"]["namespace"],
        "labels": labels,
        "annotations": {_REVISION: str(last)},
        "ownerReferences": writing.owned_by(found),
    }
    spec = {
        "replicas": found["spec"].get("replicas", 1),
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template["spec"]},
    }
    made = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": spec}
    current = writing.create(kube, made)
    writing.annotate(kube, current, {_REVISION: str(last)})
    return writing.patch(kube, current, {"spec": {"replicas": spec["replicas"]}})


def _stateful_set(kube: Kube, found: Object, ready: int | None, fate: Fate) -> None:
    wanted = found["spec"].get("replicas", 1)
    count = _ready(ready, wanted, fate)
    revision = f"{found['metadata']['name']}-{_hash(found['spec']['template'])}"
    for one in _owned(kube, "v1", "Pod", found):
        if one["metadata"]["labels"].get("controller-revision-hash") != revision:
            writing.delete_now(kube, one)
    labels = _labels(found) | {"controller-revision-hash": revision}
    _pods(kube, found, labels, found["spec"]["template"], wanted, count, fate)
    before = (found.get("status") or {}).get("currentRevision") or revision
    writing.set_status(
        kube,
        found,
        {
            "observedGeneration": found["metadata"]["generation"],
            "replicas": wanted,
            "readyReplicas": count,
            "updatedReplicas": wanted,
            "currentReplicas": wanted,
            "updateRevision": revision,
            "currentRevision": revision if count >= wanted else before,
        },
    )


def _daemon_set(kube: Kube, found: Object, ready: int | None, fate: Fate) -> None:
    count = _ready(ready, 1, fate)
    revision = _hash(found["spec"]["template"])
    for one in _owned(kube, "v1", "Pod", found):
        if one["metadata"]["labels"].get("controller-revision-hash") != revision:
            writing.delete_now(kube, one)
    labels = _labels(found) | {"controller-revision-hash": revision}
    wanted = max(1, count)
    _pods(kube, found, labels, found["spec"]["template"], wanted, count, fate)
    writing.set_status(
        kube,
        found,
        {
            "observedGeneration": found["metadata"]["generation"],
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": wanted,
            "updatedNumberScheduled": wanted,
            "numberReady": count,
            "numberAvailable": count,
            "numberMisscheduled": 0,
        },
    )


def _job(kube: Kube, found: Object, ready: int | None, fate: Fate) -> None:
    """Any fate but `ready` and `never` is a failure once it was tried often enough."""
    template = found["spec"]["template"]
    labels = (template.get("metadata") or {}).get("labels") or {}
    name = f"{found['metadata']['name']}-{_hash(template)[:5]}"
    pod = pods.place(kube, found, name, labels, template, fate)
    if fate == "never":
        writing.set_status(kube, found, {"active": 1, "startTime": writing.timestamp()})
        return
    if fate == "ready":
        pods.end(kube, pod, 0)
        count = ready or found["spec"].get("completions", 1)
        told = {"succeeded": count, "conditions": [condition("Complete", "")]}
        told["completionTime"] = writing.timestamp()
    else:
        pods.end(kube, pod, 137 if fate == "oom" else 1)
        text = "Job has reached the specified backoff limit"
        told = {"failed": 1, "conditions": [condition("Failed", "BackoffLimitExceeded", text)]}
        writing.event(kube, found, "BackoffLimitExceeded", text)
    writing.set_status(kube, found, told | {"active": None, "startTime": writing.timestamp()})


def _claim(kube: Kube, found: Object, _: int | None, fate: Fate) -> None:
    if fate != "ready":
        writing.event(kube, found, "ProvisioningFailed", "no persistent volumes available")
        return
    spec = found["spec"]
    told = {"phase": "Bound", "accessModes": spec["accessModes"]}
    writing.set_status(kube, found, told | {"capacity": spec["resources"]["requests"]})


def _addressed(kube: Kube, found: Object, _: int | None, fate: Fate) -> None:
    if fate == "ready" and found["spec"].get("type", "LoadBalancer") == "LoadBalancer":
        writing.set_status(kube, found, {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}})


def _pod(kube: Kube, found: Object, _: int | None, fate: Fate) -> None:
    pods.settle(kube, found, fate)


_PLAYED: Final[dict[str, Callable[[Kube, Object, int | None, Fate], None]]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "PersistentVolumeClaim": _claim,
    "Ingress": _addressed,
    "Service": _addressed,
    "Pod": _pod,
}


def _pods(
    kube: Kube,
    owner: Object,
    labels: dict[str, str],
    template: Object,
    wanted: int,
    ready: int,
    fate: Fate,
) -> None:
    """`wanted` of them, the first `ready` ready; none beyond."""
    for at in range(wanted):
        theirs: Fate = "ready" if at < ready else ("unready" if fate == "ready" else fate)
        pods.place(kube, owner, f"{owner['metadata']['name']}-{at}", labels, template, theirs)
    names = {f"{owner['metadata']['name']}-{at}" for at in range(wanted)}
    for one in _owned(kube, "v1", "Pod", owner):
        if one["metadata"]["name"] not in names:
            writing.delete_now(kube, one)


def _scale_down(kube: Kube, replica_set: Object, count: int) -> None:
    writing.patch(kube, replica_set, {"spec": {"replicas": count}})
    for one in _owned(kube, "v1", "Pod", replica_set):
        writing.delete_now(kube, one)


def _owned(kube: Kube, api_version: str, kind: str, owner: Object) -> list[Object]:
    of = writing.resource(kube, api_version, kind)
    uid = owner["metadata"]["uid"]
    return [
        one
        for one in kube.list(of, owner["metadata"]["namespace"])
        if any(ref["uid"] == uid for ref in one["metadata"].get("ownerReferences") or [])
    ]


def _ready(asked: int | None, wanted: int, fate: Fate) -> int:
    if asked is not None:
        return asked
    return wanted if fate == "ready" else 0


def _labels(found: Object) -> dict[str, str]:
    meta: dict[str, Any] = found["spec"]["template"].get("metadata") or {}
    return dict(meta.get("labels") or {})


def _hash(template: Object) -> str:
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
