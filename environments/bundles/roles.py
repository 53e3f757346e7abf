"""Nodes and their roles: which of an environment's nodes a hook or an artifact is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES_OF_RUNTIME = {"compose": ("compose",), "k8s": ("control_plane", "worker", "lb")}


@dataclass(frozen=True)
class NodeSpec:
    """A node as bundles see it. `facts`: os, release, arch, memory_mb, disk_mb (free), address."""

    id: int
    name: str
    role: str
    facts: Mapping[str, Any]


def first_control_plane(nodes: Sequence[NodeSpec]) -> NodeSpec | None:
    """The control plane that starts the cluster: the one that was added first."""
    planes = [node for node in nodes if node.role == "control_plane"]
    return min(planes, key=lambda node: node.id, default=None)


def runs_on(target: str, node: NodeSpec, nodes: Sequence[NodeSpec]) -> bool:
    """Is `node` one of those that `target` (`run_on`, `for`) means among `nodes`?

    `control_plane` means every control plane, the first included.
    """
    if target == "all":
        return True
    if target == "first_control_plane":
        return node == first_control_plane(nodes)
    return node.role == target
