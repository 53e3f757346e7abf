"""The objects of a release: taken from a manifest, named, ordered. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.core.errors import ManifestInvalid

Object = dict[str, Any]
Line = Callable[[tuple[str | int, ...], int], int]  # (path, document) -> line

# Annotations that Slipway writes or reads.
OWNER: Final = "slipway/owner"  # whose object it is: a service on a target
PRUNE: Final = "slipway/prune"  # "true": deleted when a release no longer has it, whatever its kind
HEALTH: Final = "slipway/health"  # "ignore": applied, and not waited for
RECREATED: Final = "slipway/recreated"  # the run that deleted the old one and made this one

# What an exported object carries that only the server may write.
SERVERS_OWN: Final = (
    "managedFields",
    "resourceVersion",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "selfLink",
)

PHASES: Final = ("namespaces", "definitions", "config", "workloads", "jobs")

# What others stand on goes first; a kind that is not here goes last in its phase.
_ORDER: Final = {
    "namespaces": ("Namespace",),
    "definitions": ("CustomResourceDefinition",),
    "config": (
        "PriorityClass",
        "ResourceQuota",
        "LimitRange",
        "NetworkPolicy",
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "StorageClass",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Secret",
        "ConfigMap",
        "Service",
        "PodDisruptionBudget",
        "Ingress",
    ),
    "workloads": ("DaemonSet", "StatefulSet", "Deployment", "ReplicaSet", "Pod", "CronJob"),
    # Webhooks come last: they answer once their workloads run, and block what comes before that.
    "jobs": ("Job", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"),
}
_PHASE: Final = {kind: phase for phase, kinds in _ORDER.items() for kind in kinds}

# Kinds that the strategy `recreate` is about.
WORKLOADS: Final = ("DaemonSet", "Deployment", "StatefulSet")

# Deleted with a release only when the object itself says so: what is lost with them stays lost.
KEPT: Final = frozenset(
    ("Namespace", "CustomResourceDefinition", "PersistentVolume", "PersistentVolumeClaim")
)


@dataclass(frozen=True, order=True)
class Key:
    """What an object is, whatever version of its API it is written in."""

    namespace: str
    kind: str
    name: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


def key_of(found: Mapping[str, Any]) -> Key:
    meta = found["metadata"]
    group = str(found["apiVersion"]).rpartition("/")[0]
    return Key(meta.get("namespace", ""), found["kind"], meta["name"], group)


def phase_of(kind: str) -> str:
    return _PHASE.get(kind, "config")


def ordered(objects: Sequence[Object]) -> list[Object]:
    """As they are applied: by phase, by kind, else as written."""

    def place(found: Object) -> tuple[int, int]:
        phase = phase_of(found["kind"])
        kinds = _ORDER[phase]
        kind = found["kind"]
        return PHASES.index(phase), kinds.index(kind) if kind in kinds else len(kinds)

    return sorted(objects, key=place)


def taken(documents: Sequence[Any], line_of: Line) -> list[tuple[Object, int]]:
    """The objects of a manifest's documents, each `List` taken apart, with the lines they begin on.

    Raises ManifestInvalid with every problem: no kind, no name, the same object twice.
    """
    found: list[tuple[Object, int]] = []
    errors: list[dict[str, Any]] = []
    seen: set[Key] = set()
    for index, path, value in _flat(documents):
        problem = _problem(value)
        if problem is None:
            one = copy.deepcopy(dict(value))
            one.pop("status", None)
            for name in SERVERS_OWN:
                one["metadata"].pop(name, None)
            if not one["metadata"].get("namespace"):
                one["metadata"].pop("namespace", None)
            if key_of(one) in seen:
                problem = f"{key_of(one)} is in the manifest twice."
            seen.add(key_of(one))
            found.append((one, line_of(path, index)))
        if problem:
            where = ".".join(str(part) for part in ("manifest", index, *path))
            errors.append({"path": where, "line": line_of(path, index), "message": problem})
    if errors:
        raise ManifestInvalid(errors[0]["message"], errors=errors)
    return found


def _flat(documents: Sequence[Any]) -> Iterator[tuple[int, tuple[str | int, ...], Any]]:
    for index, document in enumerate(documents):
        items = document.get("items") if isinstance(document, dict) else None
        if isinstance(items, list) and str(document.get("kind", "")).endswith("List"):
            for place, item in enumerate(items):
                yield index, ("items", place), item
        else:
            yield index, (), document


def _problem(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "A Kubernetes object is a mapping with apiVersion, kind and metadata."
    for name in ("apiVersion", "kind"):
        if not isinstance(value.get(name), str) or not value[name]:
            return f"The object has no {name}."
    meta = value.get("metadata")
    if not isinstance(meta, dict) or not isinstance(meta.get("name"), str) or not meta["name"]:
        if isinstance(meta, dict) and "generateName" in meta:
            return "generateName is not taken: each release would add one more object."
        return f"The {value['kind']} has no metadata.name."
    if not isinstance(meta.get("namespace") or "", str):
        return f"The namespace of {value['kind']} {meta['name']} has to be a text."
    for name in ("annotations", "labels"):
        given = meta.get(name) or {}
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            return f"The {name} of {value['kind']} {meta['name']} have to be texts."
    return None


def part(found: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The mapping at `path`; empty where there is something else: no server has checked an object
    whose kind or namespace comes with its release."""
    value: Any = found
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, dict) else {}


def parts(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The mappings of the list of that name."""
    listed = found.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def pod_spec(found: Mapping[str, Any]) -> dict[str, Any]:
    """The pod that an object is, or makes; empty for one that makes none."""
    if found["kind"] == "Pod":
        return part(found, "spec")
    if found["kind"] == "CronJob":
        return part(found, "spec", "jobTemplate", "spec", "template", "spec")
    return part(found, "spec", "template", "spec")


def containers(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of its pod, those that start it included."""
    pod = pod_spec(found)
    return [*parts(pod, "initContainers"), *parts(pod, "containers")]


def annotation(found: Mapping[str, Any] | None, name: str) -> str:
    meta = (found or {}).get("metadata") or {}
    return str((meta.get("annotations") or {}).get(name, ""))


def annotated(found: Object, name: str, value: str) -> Object:
    """A copy that carries the annotation."""
    copied = copy.deepcopy(found)
    meta = copied["metadata"]
    meta["annotations"] = {**(meta.get("annotations") or {}), name: value}
    return copied
