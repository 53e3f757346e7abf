"""Two states of an object, compared as people read them: what the server keeps for itself is left
out, what is secret is masked. Pure."""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from config.core.secrets import Secret
from deployments.rendering import mask
from deployments.runtimes.kubernetes.objects import SERVERS_OWN, Object

_NOISE: Final = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
)
_JOB_LABELS: Final = (
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
    spec = found.get("spec") or {}
    template = spec.get("template")
    if not isinstance(template, dict) or not isinstance(template.get("metadata"), dict):
        return
    template["metadata"].pop("creationTimestamp", None)
    if found["kind"] == "Job" and not spec.get("manualSelector"):
        spec.pop("selector", None)
        labels = template["metadata"].get("labels") or {}
        for name in _JOB_LABELS:
            labels.pop(name, None)
        if not labels:
            template["metadata"].pop("labels", None)


def masked(found: Object | None) -> Object | None:
    """A Secret's values as masks, the same for the same value, so that a change shows."""
    if found is None or found.get("kind") != "Secret":
        return found
    copied = copy.deepcopy(found)
    for name in ("data", "stringData"):
        if isinstance(copied.get(name), dict):
            copied[name] = {key: mask(Secret(str(text))) for key, text in copied[name].items()}
    return copied


def unified(before: Object | None, after: Object | None, context: int = 3) -> str:
    lines = difflib.unified_diff(_lines(before), _lines(after), "running", "previewed", n=context)
    return "".join(lines)


def change_digest(before: Object | None, after: Object | None) -> str:
    """The same for the same change, whatever else is in the object by now."""
    lines = difflib.unified_diff(_plain_lines(before), _plain_lines(after), n=0)
    changed = [line for line in lines if not line.startswith("@@")]
    return hashlib.sha256(json.dumps(changed).encode()).hexdigest()


def _plain_lines(found: Object | None) -> list[str]:
    """As JSON: nobody reads them, and it takes a fraction of the time."""
    return [] if found is None else json.dumps(found, indent=0, sort_keys=True).splitlines()


def _lines(found: Object | None) -> list[str]:
    if found is None:
        return []
    return as_yaml([found]).splitlines(keepends=True)


def as_yaml(documents: Sequence[Object]) -> str:
    """Keys in order, a document after the other. By libyaml: PyYAML's own writer takes most of the
    time of a preview."""
    return str(
        yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=True, allow_unicode=True)
    )
