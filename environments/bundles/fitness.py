"""Does a bundle fit an environment: its runtime, its nodes' facts, their roles?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from environments.bundles.model import ANY_RUNTIME, Bundle, Platform
from environments.bundles.problems import INCOMPATIBLE, Problem
from environments.bundles.roles import ROLES_OF_RUNTIME, NodeSpec

__all__ = ["NodeSpec", "misfits", "tight"]

_LITTLE_SPARE = 1.25  # below this many times what is required, say so


def misfits(bundle: Bundle, nodes: Sequence[NodeSpec], runtime: str) -> list[Problem]:
    """Every reason why `bundle` can't go on `nodes`; a problem's path is `nodes/NAME`."""
    if bundle.runtime not in (runtime, ANY_RUNTIME):
        text = f"{bundle.name} brings {bundle.runtime}, the environment is for {runtime}"
        return [_misfit("runtime", text)]
    problems = [_misfit("nodes", text) for text in _as_group(bundle.runtime, nodes)]
    for node in nodes:
        problems += [
            _misfit(f"nodes/{node.name}", f"{node.name} {text}") for text in _alone(bundle, node)
        ]
    return problems


def tight(bundle: Bundle, nodes: Sequence[NodeSpec]) -> Iterator[str]:
    """What fits but deserves a word: little memory or disk to spare, a lone control plane."""
    for node in nodes:
        for what, needed in _needs(bundle):
            if needed and node.facts[f"{what}_mb"] < needed * _LITTLE_SPARE:
                yield f"{node.name} has little {what} to spare: {node.facts[f'{what}_mb']} MB"
    lone = [node.role for node in nodes].count("control_plane") == 1
    if bundle.runtime == "k8s" and lone:
        yield "a single control plane: the cluster does not outlive that node"


def _misfit(path: str, message: str) -> Problem:
    return Problem(INCOMPATIBLE, path, 0, message)


def _as_group(runtime: str, nodes: Sequence[NodeSpec]) -> Iterator[str]:
    if not nodes:
        yield "the environment has no nodes"
    if runtime == ANY_RUNTIME:  # on some of an environment's nodes, in whatever role
        return
    for node in nodes:
        if node.role not in ROLES_OF_RUNTIME[runtime]:
            yield f"{node.name} has the role {node.role}, which {runtime} does not know"
    planes = [node.role for node in nodes].count("control_plane")
    if nodes and runtime == "k8s" and planes % 2 == 0:  # 0 is even too
        yield f"an odd number of control planes is needed, here are {planes}"


def _alone(bundle: Bundle, node: NodeSpec) -> Iterator[str]:
    facts = node.facts
    unknown = [name for name in ("os", "release", "arch") if not facts.get(name)]
    unknown += [f"{what}_mb" for what, need in _needs(bundle) if need and not _number(node, what)]
    if unknown:
        yield f"has unknown facts ({', '.join(unknown)}): check the node first"
        return
    here = Platform(str(facts["os"]), str(facts["release"]), str(facts["arch"]))
    if here not in bundle.platforms:
        wanted = ", ".join(f"{p.os} {p.release} {p.arch}" for p in bundle.platforms)
        yield f"runs {here.os} {here.release} {here.arch}; the bundle is for {wanted}"
    for what, needed in _needs(bundle):
        if needed and facts[f"{what}_mb"] < needed:
            yield f"has {facts[f'{what}_mb']} MB of {what}; the bundle needs {needed}"


def _needs(bundle: Bundle) -> tuple[tuple[str, int], ...]:
    return (("memory", bundle.requires.memory_mb), ("disk", bundle.requires.disk_mb))


def _number(node: NodeSpec, what: str) -> bool:
    return isinstance(node.facts.get(f"{what}_mb"), int | float)
