"""Whether an object does what was asked of it: from what its own status says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from deployments.runtimes.kubernetes.objects import HEALTH, Object, annotation

State = Literal["healthy", "progressing", "failed"]


@dataclass(frozen=True)
class Verdict:
    state: State
    message: str = ""


HEALTHY: Final = Verdict("healthy", "ready")


def verdict(found: Object | None) -> Verdict:
    """Of an object as the cluster has it now; None: it is gone."""
    if found is None:
        return Verdict("failed", "is gone")
    if annotation(found, HEALTH) == "ignore":
        return Verdict("healthy", "not waited for")
    return _JUDGES[found["kind"]](found) if is_judged(found) else HEALTHY


def is_judged(found: Mapping[str, Any]) -> bool:
    """Whether it is one of Kubernetes' own kinds that have a health; others may use the names."""
    group = str(found["apiVersion"]).rpartition("/")[0]
    return found["kind"] in _JUDGES and group in _GROUPS


def _parts(found: Object) -> tuple[Object, Object]:
    return found.get("spec") or {}, found.get("status") or {}


def _deployment(found: Object) -> Verdict:
    spec, status = _parts(found)
    if spec.get("paused"):
        return Verdict("failed", "is paused: nothing is rolled out")
    if unseen(found):
        return Verdict("progressing", "waiting for the controller")
    progressing = _condition(status, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Verdict("failed", str(progressing.get("message") or "took longer than allowed"))
    wanted = spec.get("replicas", 1)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        # A quota or an admission rule, say: the Deployment has no events of it.
        refused = _condition(status, "ReplicaFailure", "True").get("message")
        counted = _counting("updated", updated, wanted)
        return Verdict("progressing", f"{counted.message}: {refused}") if refused else counted
    if status.get("replicas", 0) > updated:
        return Verdict("progressing", f"{status['replicas'] - updated} old pods are ending")
    return HEALTHY if available >= updated else _counting("available", available, wanted)


def _stateful_set(found: Object) -> Verdict:
    spec, status = _parts(found)
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return Verdict("healthy", "pods are replaced when somebody deletes them")
    if unseen(found):
        return Verdict("progressing", "waiting for the controller")
    wanted = spec.get("replicas", 1)
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    due = wanted - (strategy.get("rollingUpdate") or {}).get("partition", 0)
    if updated < due and status.get("updateRevision") != status.get("currentRevision"):
        return _counting("updated", updated, due)
    return HEALTHY if ready >= wanted else _counting("ready", ready, wanted)


def _daemon_set(found: Object) -> Verdict:
    spec, status = _parts(found)
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return Verdict("healthy", "pods are replaced when somebody deletes them")
    if unseen(found):
        return Verdict("progressing", "waiting for the controller")
    wanted = status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    if updated < wanted:
        return _counting("updated", updated, wanted)
    return HEALTHY if available >= wanted else _counting("available", available, wanted)


def _replica_set(found: Object) -> Verdict:
    spec, status = _parts(found)
    if unseen(found):
        return Verdict("progressing", "waiting for the controller")
    wanted, available = spec.get("replicas", 1), status.get("availableReplicas", 0)
    return HEALTHY if available >= wanted else _counting("available", available, wanted)


def _job(found: Object) -> Verdict:
    spec, status = _parts(found)
    if failed := _condition(status, "Failed", "True"):
        return Verdict("failed", str(failed.get("message") or "failed"))
    if _condition(status, "Complete", "True"):
        return Verdict("healthy", "complete")
    if spec.get("suspend"):
        return Verdict("healthy", "suspended")
    return _counting("succeeded", status.get("succeeded", 0), spec.get("completions", 1))


def _pod(found: Object) -> Verdict:
    _, status = _parts(found)
    phase = status.get("phase", "Pending")
    if phase == "Succeeded":
        return Verdict("healthy", "complete")
    if phase == "Failed":
        return Verdict("failed", str(status.get("message") or status.get("reason") or "failed"))
    ready = phase == "Running" and _condition(status, "Ready", "True")
    return HEALTHY if ready else Verdict("progressing", phase.lower())


def _claim(found: Object) -> Verdict:
    _, status = _parts(found)
    phase = status.get("phase", "Pending")
    if phase == "Bound":
        return Verdict("healthy", "bound")
    return Verdict("failed" if phase == "Lost" else "progressing", phase.lower())


def _ingress(found: Object) -> Verdict:
    _, status = _parts(found)
    addresses = (status.get("loadBalancer") or {}).get("ingress") or []
    return HEALTHY if addresses else Verdict("progressing", "has no address yet")


def _definition(found: Object) -> Verdict:
    _, status = _parts(found)
    if refused := _condition(status, "NamesAccepted", "False"):
        return Verdict("failed", str(refused.get("message") or "its names are taken"))
    established = _condition(status, "Established", "True")
    return Verdict("healthy", "established") if established else Verdict("progressing", "new")


def _namespace(found: Object) -> Verdict:
    _, status = _parts(found)
    if status.get("phase") == "Terminating":
        return Verdict("failed", "is being deleted")
    return HEALTHY


_JUDGES: Final[dict[str, Callable[[Object], Verdict]]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "Job": _job,
    "Pod": _pod,
    "PersistentVolumeClaim": _claim,
    "Ingress": _ingress,
    "CustomResourceDefinition": _definition,
    "Namespace": _namespace,
}
_GROUPS: Final = ("", "apps", "batch", "extensions", "networking.k8s.io", "apiextensions.k8s.io")


def has_failed(found: Object) -> bool:
    """A Job that gave up. It stays so, whatever is applied to it."""
    ours = found["kind"] == "Job" and is_judged(found)
    return ours and verdict(found).state == "failed"


def stuck(pod: Mapping[str, Any]) -> str:
    """Why a pod will not get anywhere by itself; empty while it may."""
    status = pod.get("status") or {}
    statuses = [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
    for one in statuses:
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason", "")
        if reason in _HOPELESS or (reason == "CrashLoopBackOff" and one.get("restartCount", 0) > 1):
            return f"{one.get('name')}: {reason} {waiting.get('message', '')}".strip()
    return ""


_HOPELESS: Final = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
)


def unseen(found: Object) -> bool:
    """The controller has not looked at the newest spec: what the status and the pods say is about
    an earlier one."""
    status = found.get("status") or {}
    return int(status.get("observedGeneration", 0)) < int(found["metadata"].get("generation", 0))


def _condition(status: Object, kind: str, value: str = "") -> Object:
    """The condition of that type (with that status), or nothing."""
    for condition in status.get("conditions") or []:
        if condition.get("type") == kind and value in ("", condition.get("status")):
            return dict(condition)
    return {}


def _counting(what: str, done: int, wanted: int) -> Verdict:
    return Verdict("progressing", f"{done} of {wanted} {what}")
