"""How the API merges its fields: which lists have keys, which maps are one value.

Taken from the `x-kubernetes-*` marks of the API's own OpenAPI document, for what Slipway applies.
"""

from __future__ import annotations

from typing import Any, Final

Names = tuple[str, ...]  # of fields from the root, without the keys of lists

_DEFAULTS: Final = {"protocol": "TCP"}  # of fields that are keys

# By the end of a field's path. No keys: a set. What isn't here is one value, replaced as a whole.
_LISTS: Final[dict[Names, Names]] = {
    ("containers",): ("name",),
    ("initContainers",): ("name",),
    ("ephemeralContainers",): ("name",),
    ("env",): ("name",),
    ("containers", "ports"): ("containerPort", "protocol"),
    ("initContainers", "ports"): ("containerPort", "protocol"),
    ("volumes",): ("name",),
    ("volumeMounts",): ("mountPath",),
    ("volumeDevices",): ("devicePath",),
    ("imagePullSecrets",): ("name",),
    ("hostAliases",): ("ip",),
    ("topologySpreadConstraints",): ("topologyKey", "whenUnsatisfiable"),
    ("status", "conditions"): ("type",),
    ("metadata", "ownerReferences"): ("uid",),
    ("metadata", "finalizers"): (),
}
_LISTS_OF_KIND: Final[dict[str, dict[Names, Names]]] = {
    "Service": {("spec", "ports"): ("port", "protocol")},
    "ServiceAccount": {("secrets",): ("name",)},
}
_ATOMIC: Final = {
    *("selector", "labelSelector", "namespaceSelector", "podSelector", "nodeSelector"),
    *("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"),
}


def keys_of(kind: str, names: Names) -> Names | None:
    """The keys of a list's items; `()` for a set; None for a list that is one value."""
    for table in (_LISTS_OF_KIND.get(kind, {}), _LISTS):
        for end, keys in table.items():
            if names[-len(end) :] == end:
                return keys
    return None


def key_value(item: dict[str, Any], key: str) -> Any:
    return item.get(key, _DEFAULTS.get(key))


def is_atomic(kind: str, names: Names) -> bool:
    """Whether a map is one value: never merged, owned as a whole."""
    if kind == "Service" and names == ("spec", "selector"):
        return False
    return bool(names) and names[-1] in _ATOMIC
