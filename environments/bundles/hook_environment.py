"""What a hook is told about its node: environment variables, and a JSON file of the same.

Beside them a hook finds its support files (the libraries of hooks/common and the bundle's
templates) in one flat directory, `SLIPWAY_HOOKS_DIR`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from environments.bundles.model import Artifact, Bundle
from environments.bundles.roles import NodeSpec, first_control_plane, runs_on

COMMON = "hooks/common"


class _Planned(Protocol):
    """The part of a plan that hooks are told of."""

    @property
    def options(self) -> Mapping[str, Any]: ...


def artifacts_for(
    bundle: Bundle, node: NodeSpec, nodes: Sequence[NodeSpec]
) -> tuple[Artifact, ...]:
    """The artifacts that `node`, one of `nodes`, gets."""
    return tuple(a for a in bundle.artifacts if runs_on(a.run_on, node, nodes))


def support_files(root: Path, bundle: Bundle) -> dict[str, bytes]:
    """What goes into SLIPWAY_HOOKS_DIR, by file name: shared libraries and declared templates."""
    paths = [*sorted((root / COMMON).glob("*.sh")), *(root / t.path for t in bundle.templates)]
    return {path.name: path.read_bytes() for path in paths}


def hook_environment(
    bundle: Bundle,
    plan: _Planned,
    node: NodeSpec,
    peers: Sequence[NodeSpec],
    *,
    artifact_dir: str | PurePosixPath,
    hooks_dir: str | PurePosixPath = "",
) -> dict[str, str]:
    """The `SLIPWAY_*` variables of a hook on `node`; `peers` are the environment's other nodes.

    Artifacts lie in `artifact_dir` under their sha256; `hooks_dir` holds the support files.
    SLIPWAY_ARTIFACTS is "PATH=SHA256 …" and SLIPWAY_PEERS "NAME=ROLE=ADDRESS …": one line each,
    split at spaces, which no part contains.
    """
    nodes = _together(node, peers)
    first = first_control_plane(nodes)
    artifacts = artifacts_for(bundle, node, nodes)
    return {
        "SLIPWAY_BUNDLE": bundle.name,
        "SLIPWAY_BUNDLE_VERSION": bundle.version,
        "SLIPWAY_RUNTIME": bundle.runtime,
        "SLIPWAY_NODE_NAME": node.name,
        "SLIPWAY_NODE_ROLE": node.role,
        "SLIPWAY_NODE_ADDRESS": _address(node),
        "SLIPWAY_FIRST_CONTROL_PLANE": first.name if first else "",
        "SLIPWAY_PEERS": " ".join(f"{p.name}={p.role}={_address(p)}" for p in nodes if p != node),
        "SLIPWAY_REQUIRES_MEMORY_MB": str(bundle.requires.memory_mb),
        "SLIPWAY_REQUIRES_DISK_MB": str(bundle.requires.disk_mb),
        "SLIPWAY_ARTIFACT_DIR": str(artifact_dir),
        "SLIPWAY_ARTIFACTS": " ".join(f"{a.path}={a.sha256}" for a in artifacts),
        "SLIPWAY_HOOKS_DIR": str(hooks_dir),
        **{option.variable: _word(plan.options[option.name]) for option in bundle.options},
    }


def inputs_json(
    bundle: Bundle,
    plan: _Planned,
    node: NodeSpec,
    peers: Sequence[NodeSpec],
    *,
    artifact_dir: str | PurePosixPath,
    hooks_dir: str | PurePosixPath = "",
) -> bytes:
    """The same as a JSON object, for hooks that are not shell; keys sorted, ends in a newline."""
    nodes = _together(node, peers)
    first = first_control_plane(nodes)
    inputs = {
        "bundle": {"name": bundle.name, "version": bundle.version, "runtime": bundle.runtime},
        "node": _node(node),
        "peers": [_node(peer) for peer in nodes if peer != node],
        "first_control_plane": first.name if first else None,
        "options": dict(plan.options),
        "requires": {
            "memory_mb": bundle.requires.memory_mb,
            "disk_mb": bundle.requires.disk_mb,
        },
        "artifact_dir": str(artifact_dir),
        "hooks_dir": str(hooks_dir),
        "artifacts": {a.path: a.sha256 for a in artifacts_for(bundle, node, nodes)},
    }
    return json.dumps(inputs, sort_keys=True).encode() + b"\n"


def _together(node: NodeSpec, peers: Sequence[NodeSpec]) -> list[NodeSpec]:
    """The node and its peers by id, whether or not the caller counted it among them."""
    return sorted({n.id: n for n in (*peers, node)}.values(), key=lambda n: n.id)


def _node(node: NodeSpec) -> dict[str, str]:
    return {"name": node.name, "role": node.role, "address": _address(node)}


def _address(node: NodeSpec) -> str:
    return str(node.facts.get("address") or "")


def _word(value: object) -> str:
    """A value of an option as the shell gets it: true and false in small letters, None empty."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
