"""What the API refuses in an object, new or changed: the checks that Slipway's plans meet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tests.kube.answers import Cause

Object = dict[str, Any]

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_STATEFUL: Final = {
    "replicas",
    "template",
    "updateStrategy",
    "persistentVolumeClaimRetentionPolicy",
}
_CHANGEABLE: Final = _STATEFUL | {"minReadySeconds", "ordinals", "revisionHistoryLimit"}
_NAME_RULE: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
    " and must start and end with an alphanumeric character"
)
_ANY_NAME: Final = "rbac.authorization.k8s.io/"  # roles may have colons in their names


def faults(obj: Object) -> Iterator[Cause]:
    """Of an object by itself."""
    name = str(obj["metadata"].get("name"))
    if not _NAME.fullmatch(name) and not str(obj["apiVersion"]).startswith(_ANY_NAME):
        yield Cause("metadata.name", f"Invalid value: {json.dumps(name)}: {_NAME_RULE}")
    spec = obj.get("spec")
    if not isinstance(spec, dict):
        return
    if isinstance(spec.get("replicas"), int) and spec["replicas"] < 0:
        text = f"Invalid value: {spec['replicas']}: must be greater than or equal to 0"
        yield Cause("spec.replicas", text)
    if obj["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
        yield from _of_workload(spec)
    if obj["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
        yield from _of_containers(spec)


def changes(old: Object, new: Object) -> Iterator[Cause]:
    """Of what may not change once it is there."""
    kind = new["kind"]
    before, after = old.get("spec") or {}, new.get("spec") or {}
    if kind in ("Deployment", "DaemonSet"):
        yield from _fixed(before, after, "selector")
    elif kind == "Job":
        for field in ("selector", "template", "completions"):
            yield from _fixed(before, after, field)
    elif kind == "StatefulSet":
        if any(before.get(name) != after.get(name) for name in {*before, *after} - _CHANGEABLE):
            text = (
                "Forbidden: updates to statefulset spec for fields other than 'replicas',"
                " 'template', and 'updateStrategy' are forbidden"
            )
            yield Cause("spec", text, "FieldValueForbidden")
    elif kind == "Service":
        yield from _address(before, after)
    elif kind == "PersistentVolumeClaim" and before != after:
        text = (
            "Forbidden: spec is immutable after creation except resources.requests for bound claims"
        )
        yield Cause("spec", text, "FieldValueForbidden")
    elif kind in ("ConfigMap", "Secret") and old.get("immutable"):
        for field in ("data", "binaryData"):
            if old.get(field) != new.get(field):
                text = "Forbidden: field is immutable when `immutable` is set"
                yield Cause(field, text, "FieldValueForbidden")


def _of_workload(spec: Object) -> Iterator[Cause]:
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not spec.get("selector"):
        yield Cause("spec.selector", "Required value", "FieldValueRequired")
    if any(labels.get(name) != value for name, value in wanted.items()):
        text = f"Invalid value: {json.dumps(labels)}: `selector` does not match template `labels`"
        yield Cause("spec.template.metadata.labels", text)
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        text = "Forbidden: may not be specified when strategy `type` is 'Recreate'"
        yield Cause("spec.strategy.rollingUpdate", text, "FieldValueForbidden")


def _of_containers(spec: Object) -> Iterator[Cause]:
    path = "spec.template.spec.containers"
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers")
    if not containers:
        yield Cause(path, "Required value", "FieldValueRequired")
    for at, container in enumerate(containers or []):
        for field in ("name", "image"):
            if not container.get(field):
                yield Cause(f"{path}[{at}].{field}", "Required value", "FieldValueRequired")


def _fixed(before: Object, after: Object, field: str) -> Iterator[Cause]:
    if before.get(field) != after.get(field):
        text = f"Invalid value: {json.dumps(after.get(field))}: field is immutable"
        yield Cause(f"spec.{field}", text)


def _address(before: Object, after: Object) -> Iterator[Cause]:
    if "ExternalName" in (before.get("type"), after.get("type")):
        return
    if before.get("clusterIP") != after.get("clusterIP"):
        text = f"Invalid value: {json.dumps([after.get('clusterIP')])}: may not change once set"
        yield Cause("spec.clusterIPs[0]", text)
