"""Who owns which field: the arithmetic of server-side apply, on plain values.

A path is a tuple of FieldsV1 elements (`f:spec`, `k:{"name":"web"}`, `v:"x"`); a set of paths holds
leaves, and the items of lists that have keys. See "Server-Side Apply" in the Kubernetes reference.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tests.kube import schema

Path = tuple[str, ...]
Paths = frozenset[Path]

_ITEM: Final = object()  # the value of a list's item as such: it is there
_MAP: Final = object()  # of a map with something in it
_ALWAYS_THERE: Final = {"metadata", "spec", "status", "template", "strategy", "resources"}
_SERVERS: Final = {
    *("name", "namespace", "uid", "creationTimestamp", "generation", "managedFields", "selfLink"),
    *("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"),
}
_NOT_OWNED: Final = {
    ("f:apiVersion",),
    ("f:kind",),
    *(("f:metadata", f"f:{field}") for field in _SERVERS),
}


class DuplicateKey(Exception):
    """Two items of a list have the same key."""


def owned(obj: dict[str, Any]) -> Paths:
    """The fields that who applies this object owns."""
    leaves = (path for path, value in _values(obj).items() if value is not _MAP)
    return frozenset(leaves) - _NOT_OWNED


def changed(old: dict[str, Any], new: dict[str, Any]) -> tuple[Paths, Paths]:
    """What is new or differs, and what is gone; a map that is new is a path of its own."""
    before, after = _values(old), _values(new)
    differs = {path for path, value in after.items() if before.get(path, ...) != value}
    return frozenset(differs) - _NOT_OWNED, frozenset(before.keys() - after.keys()) - _NOT_OWNED


def merged(live: Any, wanted: Any, kind: str, path: Path = ()) -> Any:
    """`wanted` laid over `live`: maps and lists with keys are merged, anything else replaced."""
    names = _names(path)
    if isinstance(live, dict) and isinstance(wanted, dict) and not schema.is_atomic(kind, names):
        laid = {
            name: merged(live.get(name), value, kind, (*path, f"f:{name}"))
            for name, value in wanted.items()
        }
        return copy.deepcopy(live) | laid
    if isinstance(wanted, list) and schema.keys_of(kind, names) is not None:
        before = dict(_items(live, kind, path)) if isinstance(live, list) else {}
        after = {
            element: merged(before.get(element), item, kind, (*path, element))
            for element, item in _items(wanted, kind, path)
        }
        rest = [item for element, item in before.items() if element not in after]
        return [*after.values(), *copy.deepcopy(rest)]
    return copy.deepcopy(wanted)


def pruned(obj: dict[str, Any], dropped: Paths, kept: Paths) -> dict[str, Any]:
    """Without what was `dropped` and nobody has `kept`, each with all that is below it."""
    gone = _with_parents(dropped) - _with_parents(kept)
    result = copy.deepcopy(obj)
    for path in sorted(gone, key=len):
        if path[:-1] not in gone:
            _remove(result, path, str(obj.get("kind")))
    return result


def encoded(paths: Iterable[Path]) -> dict[str, Any]:
    """As FieldsV1."""
    tree: dict[str, Any] = {}
    owned_paths = frozenset(paths)
    for path in sorted(owned_paths):
        node = tree
        for depth, element in enumerate(path):
            node = node.setdefault(element, {})
            if path[: depth + 1] in owned_paths and (depth + 1 < len(path) or element[0] == "k"):
                node["."] = {}
    return tree


def decoded(tree: dict[str, Any]) -> Paths:
    return frozenset(_decoded(tree, ()))


def dotted(path: Path) -> str:
    """As the API tells of conflicts: `.spec.containers[name="web"].image`."""
    return "".join(_told(element) for element in path)


def _told(element: str) -> str:
    kind, _, rest = element.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "v":
        return f"[={rest}]"
    pairs = (f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items())
    return f"[{','.join(pairs)}]"


def _decoded(tree: dict[str, Any], path: Path) -> Iterator[Path]:
    for element, below in tree.items():
        if element == ".":
            yield path
        elif below:
            yield from _decoded(below, (*path, element))
        else:
            yield (*path, element)


def _values(obj: dict[str, Any]) -> dict[Path, Any]:
    return dict(_leaves(obj, str(obj.get("kind")), ()))


def _leaves(value: Any, kind: str, path: Path) -> Iterator[tuple[Path, Any]]:
    names = _names(path)
    if isinstance(value, dict) and value and not schema.is_atomic(kind, names):
        if names and path[-1].startswith("f:") and names[-1] not in _ALWAYS_THERE:
            yield path, _MAP
        for name, below in value.items():
            yield from _leaves(below, kind, (*path, f"f:{name}"))
    elif isinstance(value, list) and value and schema.keys_of(kind, names) is not None:
        for element, item in _items(value, kind, path):
            yield (*path, element), _ITEM
            if isinstance(item, dict):
                yield from _leaves(item, kind, (*path, element))
    else:
        yield path, value


def _items(items: list[Any], kind: str, path: Path) -> Iterator[tuple[str, Any]]:
    keys = schema.keys_of(kind, _names(path)) or ()
    seen = set()
    for item in items:
        element = _element(item, keys)
        if element in seen:
            raise DuplicateKey(f"{dotted(path)}: duplicate entries for key {_told(element)}")
        seen.add(element)
        yield element, item


def _element(item: Any, keys: schema.Names) -> str:
    if not keys:
        return f"v:{json.dumps(item)}"
    found = {key: schema.key_value(item, key) for key in sorted(keys)}
    return f"k:{json.dumps(found, separators=(',', ':'))}"


def _names(path: Path) -> schema.Names:
    return tuple(element[2:] for element in path if element.startswith("f:"))


def _with_parents(paths: Paths) -> set[Path]:
    return {path[:length] for path in paths for length in range(1, len(path) + 1)}


def _remove(obj: dict[str, Any], path: Path, kind: str) -> None:
    """Takes one path out, and the maps that are empty without it."""
    steps: list[tuple[Any, Any]] = []
    node: Any = obj
    for depth, element in enumerate(path):
        if element.startswith("f:"):
            key: Any = element[2:]
            found = isinstance(node, dict) and key in node
        else:
            elements = [name for name, _ in _items(node or [], kind, path[:depth])]
            found = element in elements
            key = elements.index(element) if found else None
        if not found:
            return
        steps.append((node, key))
        node = node[key]
    for parent, key in reversed(steps):
        del parent[key]
        if parent:
            return
