"""Why a release failed on a cluster: its objects and their pods as the cluster sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from clusters.kube.api import Kube
from clusters.kube.transport import Refused
from config.core.errors import DomainError
from config.core.secrets import Redactor
from deployments.diagnostics import LOG_LINES, finished, report
from deployments.hints import hint_for
from deployments.models import ReleaseStep
from deployments.runtimes.kubernetes.health import stuck, verdict
from deployments.runtimes.kubernetes.objects import Object, key_of
from deployments.runtimes.kubernetes.pods import pods_of

_EVENTS: Final = 10
_PODS: Final = 5  # of a workload: they mostly fail alike
# Ends that are explained by themselves, whatever else is in the texts.
_ENDS: Final = {
    "cancelled": ("cancelled", "What was applied so far stays: roll the release back to undo it."),
    "apply_conflict": (
        "field_conflict",
        "Leave these fields out of the manifest, or preview again with force_conflicts.",
    ),
}
_WORST_FIRST: Final = ("failed", "stuck", "crashed", "unready", "progressing", "healthy", "gone")


def diagnose(
    kube: Kube,
    about: Sequence[Object],
    steps: Sequence[ReleaseStep],
    reason: str,
    said: str,
    redactor: Redactor,
    *,
    untouched: bool,
) -> dict[str, Any]:
    """The contract's diagnostics object, nothing secret in it, of what went wrong with `about`.
    `said`: how the run ended; `untouched`: nothing was applied. A cluster that is
    silent by now leaves the resources out."""
    found: list[dict[str, Any]] = []
    try:
        for one in about:
            found += _object(kube, one)
    except DomainError as error:
        said = f"{said} ({error.message})"
    found.sort(key=lambda resource: _WORST_FIRST.index(resource["status"]))
    running = next((step for step in reversed(steps) if step.started_at), None)
    told = [said, *(text for r in found for text in (r["reason"], r["message"], *r["events"]))]
    logs = "\n".join(line for resource in found for line in resource["log_tail"])
    code, hint = _ENDS.get(reason) or hint_for("\n".join(told), logs, reason)
    made = report(
        runtime_type="k8s",
        stage=running.hook if running else "start",
        summary=(code, said, hint),
        resources=found,
        steps=steps,
        raw={"reason_code": reason, "untouched": untouched},
    )
    return finished(made, redactor)


def _object(kube: Kube, one: Object) -> list[dict[str, Any]]:
    """It, and its pods that are not well."""
    key = key_of(one)
    try:
        resource = kube.resource(one["apiVersion"], one["kind"])
        live = kube.get(resource, key.namespace, key.name) if resource else None
        if live is None:
            return [_described(one, "gone", "", "It is not on the cluster.", [], [])]
        judged = verdict(live)
        events = _events(kube, live)
        found = [_described(live, judged.state, "", judged.message, events, [])]
        if key.kind != "Pod":
            found += [_pod(kube, pod) for pod in pods_of(kube, live) if not _ready(pod)][:_PODS]
    except Refused as error:
        return [_described(one, "failed", error.reason, error.message, [], [])]
    return found


def _pod(kube: Kube, pod: Object) -> dict[str, Any]:
    status = pod.get("status") or {}
    worst, reason, message, tail = "unready", str(status.get("reason") or ""), stuck(pod), []
    if message:
        worst, reason = "stuck", message.partition(": ")[2].partition(" ")[0]
    for one in [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]:
        ended = _ended(one)
        if ended and ended.get("reason") != "Completed":
            worst = "crashed"
            reason = str(ended.get("reason") or "Error")
            code = ended.get("exitCode")
            message = f"{one['name']} ended with code {code}: {ended.get('message') or reason}"
        if not one.get("ready"):
            tail += _tail(kube, pod, one)
    if not message:
        waits = [c for c in status.get("conditions") or [] if c.get("status") == "False"]
        reason = reason or str(waits[0].get("reason") or "") if waits else reason
        message = str(waits[0].get("message") or "") if waits else ""
    return _described(pod, worst, reason, message, _events(kube, pod), tail[-LOG_LINES:])


def _ended(container: Object) -> Object:
    """How a container ended: now, or before it was started again."""
    for name in ("state", "lastState"):
        if found := (container.get(name) or {}).get("terminated"):
            return dict(found)
    return {}


def _tail(kube: Kube, pod: Object, container: Object) -> list[str]:
    meta, name = pod["metadata"], str(container.get("name", ""))
    again = container.get("restartCount", 0) > 0 and "waiting" in (container.get("state") or {})
    try:
        text = kube.log(meta["namespace"], meta["name"], name, tail=LOG_LINES, previous=again)
    except Refused:
        return []
    return text.splitlines()


def _events(kube: Kube, found: Object) -> list[str]:
    """What the cluster noted about an object, newest last."""
    meta = found["metadata"]
    resource = kube.resource("v1", "Event")
    if resource is None or not meta.get("namespace"):
        return []
    fields = f"involvedObject.uid={meta.get('uid', '')}"
    try:
        listed = list(kube.list(resource, meta["namespace"], fields=fields))
    except Refused:
        return []
    listed.sort(key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
    return [f"{event.get('reason', '')}: {event.get('message', '')}" for event in listed][-_EVENTS:]


def _ready(pod: Object) -> bool:
    status = pod.get("status") or {}
    ready = any(
        c.get("type") == "Ready" and c.get("status") == "True"
        for c in status.get("conditions") or []
    )
    return ready or status.get("phase") == "Succeeded"


def _described(
    found: Object, status: str, reason: str, message: str, events: list[str], tail: list[str]
) -> dict[str, Any]:
    key = key_of(found)
    return {
        "kind": key.kind,
        "name": key.name,
        "namespace": key.namespace,
        "node": str((found.get("spec") or {}).get("nodeName") or ""),
        "status": status,
        "reason": reason,
        "message": message,
        "events": events,
        "log_tail": tail,
    }
