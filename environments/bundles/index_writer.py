"""The index of a built root: the source's, with the artifacts of what is built there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from config.core.strict_yaml import load as load_yaml
from environments.bundles import tree
from environments.bundles.manifest import INDEX, MAX_DEPTH, MAX_INDEX_BYTES, SCHEMA
from environments.bundles.model import Artifact

_HEADER = (
    "# Written by `manage.py bundle build`; the source and the schema are in script/manifests.\n"
)
_WIDTH = 10_000  # one artifact, one line


class _Dumper(yaml.SafeDumper):
    """A mapping without further parts on one line; quotes around what might not be read as text."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if value[:1].isalpha() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.MappingNode:
    flat = not any(isinstance(part, dict | list) for part in value.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=flat)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


def write(source: Path, root: Path, name: str, artifacts: Iterable[Artifact]) -> str:
    """Write the root's index with `name` made of `artifacts`; answers the index's sha256.

    Other bundles keep the artifacts that they have in the root; those of the source that are not
    built there are left out, and those that the source does not know stay as they are.
    """
    before = {_key(entry): entry for entry in _entries(root)}
    entries = []
    for entry in _entries(source):
        built = before.pop(_key(entry), None)
        if entry["name"] == name:
            listed = [_as_entry(artifact) for artifact in artifacts]
        elif "build" not in entry:
            listed = entry.get("artifacts", [])
        elif built:
            listed = built.get("artifacts", [])
        else:
            continue
        entries.append(_complete(entry, listed))
    # An older version of what was just built: its files were replaced.
    entries += [entry for entry in before.values() if entry["name"] != name]
    dumped = yaml.dump(
        {"schema": SCHEMA, "bundles": entries},
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )
    tree.replace(root / INDEX, (_HEADER + dumped).encode())
    return tree.sha256(root / INDEX)


def _entries(root: Path) -> list[dict[str, Any]]:
    """The bundles of an index as they are written; none when there is no index."""
    path = root / INDEX
    if not path.is_file():
        return []
    document = load_yaml(path.read_bytes(), max_bytes=MAX_INDEX_BYTES, max_depth=MAX_DEPTH)
    entries: list[dict[str, Any]] = (document.value or {}).get("bundles") or []
    return entries


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["name"], entry["version"]


def _as_entry(artifact: Artifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "for": artifact.run_on,
    }


def _complete(entry: dict[str, Any], artifacts: list[dict[str, Any]]) -> dict[str, Any]:
    """The entry with its artifacts before its hooks, and without its recipe."""
    rest = {key: entry[key] for key in entry if key not in {"build", "artifacts", "hooks"}}
    return {**rest, "artifacts": artifacts, "hooks": entry["hooks"]}
