"""Pods as kubelets report them: running, or in trouble in one of the usual ways."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from clusters.kube.api import Kube
from tests.kube import writing
from tests.kube.writing import Object, condition

# What becomes of a workload's pods. `crash`: ends with code 1 again and again; `oom`: is killed for
# its memory; `image`, `config`: can't start; `unready`: runs, never ready; `never`: finds no node.
Fate = Literal["ready", "crash", "oom", "image", "config", "unready", "never"]

_DIGEST_OF: Final = "docker.io/library/{name}@sha256:{digest}"
_EVENTS: Final[dict[str, tuple[str, str]]] = {
    "crash": ("BackOff", "Back-off restarting failed container"),
    "oom": ("BackOff", "Back-off restarting failed container"),
    "image": ("Failed", 'Failed to pull image "{image}": not found'),
    "config": ("Failed", 'Error: secret "{name}" not found'),
    "unready": ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    "never": ("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu."),
}


def digest(image: str) -> str:
    """What a kubelet would report as the image's id."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return _DIGEST_OF.format(name=name, digest=hashlib.sha256(image.encode()).hexdigest())


def place(
    kube: Kube, owner: Object, name: str, labels: Mapping[str, str], template: Object, fate: Fate
) -> Object:
    """A pod of `owner`, made or brought to its fate."""
    _service_account(kube, owner["metadata"]["namespace"])
    # The node is made up: nothing is mounted there, and no kubelet waits for the pod's end.
    spec = template["spec"] | {"automountServiceAccountToken": False}
    spec |= {} if fate == "never" else {"nodeName": "node-1"}
    meta = {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "labels": dict(labels),
        "annotations": (template.get("metadata") or {}).get("annotations") or {},
        "ownerReferences": writing.owned_by(owner),
    }
    pod = writing.create(kube, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    return settle(kube, pod, fate)


def settle(kube: Kube, pod: Object, fate: Fate) -> Object:
    """The pod, come to its fate: its status, and an event for trouble."""
    found = writing.set_status(kube, pod, status(pod, fate))
    if fate in _EVENTS:
        reason, message = _EVENTS[fate]
        first = pod["spec"]["containers"][0]
        text = message.format(image=first["image"], name=first["name"])
        writing.event(kube, pod, reason, text)
    return found


def end(kube: Kube, pod: Object, code: int) -> Object:
    """The pod's containers end with this code, for good."""
    containers = [
        _container(one, {"terminated": {"exitCode": code, "reason": _ended(code)}})
        for one in pod["spec"]["containers"]
    ]
    phase = "Failed" if code else "Succeeded"
    told = {"phase": phase, "conditions": [_ready(phase, holds=False)]}
    return writing.set_status(kube, pod, told | {"containerStatuses": containers})


def status(pod: Object, fate: Fate) -> Object:
    containers = pod["spec"]["containers"]
    scheduled = condition("PodScheduled", "", holds=True)
    if fate == "never":
        scheduled = condition("PodScheduled", "Unschedulable", _EVENTS[fate][1], holds=False)
        return {"phase": "Pending", "conditions": [scheduled], "containerStatuses": None}
    started = fate not in ("image", "config")
    ready = _ready("" if fate == "ready" else "ContainersNotReady", holds=fate == "ready")
    return {
        "phase": "Running" if started else "Pending",
        "conditions": [scheduled, ready],
        "containerStatuses": [_fated(one, fate) for one in containers],
        "startTime": writing.timestamp(),
    }


def _fated(container: Object, fate: Fate) -> Object:
    image = container["image"]
    match fate:
        case "crash" | "oom":
            code = 137 if fate == "oom" else 1
            ended = {"exitCode": code, "reason": _ended(code)}
            again = f"back-off 40s restarting failed container={container['name']}"
            waiting = {"reason": "CrashLoopBackOff", "message": again}
            return _container(container, {"waiting": waiting}, {"terminated": ended}, restarts=3)
        case "image":
            told = f'Back-off pulling image "{image}"'
            state = {"waiting": {"reason": "ImagePullBackOff", "message": told}}
            return _container(container, state) | {"imageID": ""}
        case "config":
            told = f'secret "{container["name"]}" not found'
            state = {"waiting": {"reason": "CreateContainerConfigError", "message": told}}
            return _container(container, state) | {"imageID": ""}
    running = {"running": {"startedAt": writing.timestamp()}}
    return _container(container, running) | {"ready": fate == "ready", "started": True}


def _container(
    container: Object, state: Object, last: Object | None = None, *, restarts: int = 0
) -> Object:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": digest(container["image"]),
        "ready": False,
        "restartCount": restarts,
        "state": state,
        "lastState": last or {},
    }


def _ended(code: int) -> str:
    return {0: "Completed", 137: "OOMKilled"}.get(code, "Error")


def _ready(reason: str, *, holds: bool) -> dict[str, Any]:
    return condition("Ready", reason, holds=holds)


def _service_account(kube: Kube, namespace: str) -> None:
    """Which a controller makes in each namespace; without it the API takes no pods."""
    of = writing.resource(kube, "v1", "ServiceAccount")
    if kube.get(of, namespace, "default") is None:
        meta = {"name": "default", "namespace": namespace}
        writing.create(kube, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
