"""Two states of an object, compared as people read them: what the server keeps for itself is left
out, what is secret is masked. Pure."""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from config.core.secrets import Secret
from deployments.rendering import mask
from deployments.runtimes.kubernetes.objects import RECREATED, SERVERS_OWN, Object, part

_NOISE: Final = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    RECREATED,
)
_MADE_UP: Final = (
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
)


def plain(found: Mapping[str, Any] | None) -> Object | None:
    """Without status, bookkeeping and history."""
    if found is None:
        return None
    copied: Object = copy.deepcopy(dict(found))
    copied.pop("status", None)
    meta = copied["metadata"]
    for name in SERVERS_OWN:
        meta.pop(name, None)
    kept = {k: v for k, v in (meta.get("annotations") or {}).items() if k not in _NOISE}
    meta.pop("annotations", None)
    if kept:
        meta["annotations"] = kept
    _forget_generated(copied)
    return copied


def _forget_generated(found: Object) -> None:
    """What the server makes up anew for every object of its kind."""
    spec = part(found, "spec")
    inner = part(spec, "template", "metadata")
    inner.pop("creationTimestamp", None)
    if found["kind"] == "Job" and not spec.get("manualSelector"):
        spec.pop("selector", None)
        for meta in (found["metadata"], inner):
            kept = {k: v for k, v in (meta.pop("labels", None) or {}).items() if k not in _MADE_UP}
            meta.update({"labels": kept} if kept else {})


def without_allocated(wanted: Object, result: Object) -> Object:
    """A new Service without the addresses and ports that the dry run drew: it will get others."""
    if wanted["kind"] != "Service":
        return result
    copied = copy.deepcopy(result)
    spec, asked = copied.get("spec") or {}, wanted.get("spec") or {}
    for name in ("clusterIP", "clusterIPs", "healthCheckNodePort"):
        if name not in asked:
            spec.pop(name, None)
    given = {port.get("port"): port for port in asked.get("ports") or []}
    for port in spec.get("ports") or []:
        if "nodePort" not in (given.get(port.get("port")) or {}):
            port.pop("nodePort", None)
    return copied


def masked(found: Object | None) -> Object | None:
    """A Secret's values as masks, the same for the same value, so that a change shows."""
    if found is None or found.get("kind") != "Secret":
        return found
    copied = copy.deepcopy(found)
    for name in ("data", "stringData"):
        if isinstance(copied.get(name), dict):
            copied[name] = {key: mask(Secret(str(text))) for key, text in copied[name].items()}
    return copied


def change_digest(before: Object | None, after: Object | None) -> str:
    """Of what the change would take away or write over. What it brings is pinned, but for what the
    server draws anew at each dry run: addresses, ports, ids."""
    lines = difflib.unified_diff(_plain_lines(before), _plain_lines(after), n=0)
    lost = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    return hashlib.sha256(json.dumps(lost).encode()).hexdigest()


def _plain_lines(found: Object | None) -> list[str]:
    """As JSON: nobody reads them, and it takes a fraction of the time."""
    return [] if found is None else json.dumps(found, indent=0, sort_keys=True).splitlines()
