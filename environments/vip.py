"""A virtual address between some of an environment's nodes (bundles.md, "lvs-vip")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from config.core.errors import BundleIncompatible, TargetNotReady, ValidationFailed
from config.core.permissions import require
from config.core.timeline import Actor
from environments import artifacts, hosts, previewing, selectors
from environments.bundles.fitness import misfits
from environments.bundles.model import Bundle
from environments.bundles.problems import INCOMPATIBLE, Problem, as_data
from environments.install.work import spec_of
from environments.models import (
    Environment,
    EnvironmentNode,
    EnvironmentStatus,
    InstallPreview,
    TaskKind,
)

# The name of every bundle for this, with or without a platform: lvs-vip-debian13.
BUNDLE: Final = "lvs-vip"
_IN_USE: Final = (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED)


def preview(
    environment: Environment, *, actor: Actor, nodes: Sequence[int], vip: str, **options: Any
) -> InstallPreview:
    """What it would take to have the address `vip` on one of `nodes` (ids, at least two), on the
    first as long as it is well. `options`: interface, mode (vip | lvs), port. Changes no host.

    Raises `target_not_ready`, `validation_error`, the SSH errors, the bundle errors, and
    `bundle_incompatible` where no bundle of the root is for these hosts.
    """
    require(actor.person, "environment_install", environment)
    if environment.status not in _IN_USE:
        raise TargetNotReady(reasons=[f"The environment is {environment.status}."])
    picked = _picked(environment, nodes)
    if vip in {node.host for node in picked}:
        raise ValidationFailed(fields={"vip": ["It is the address of one of the nodes."]})
    previewing.require_enrolled(picked)
    # Which bundle is theirs depends on facts, which a node that was never looked at lacks.
    if unknown := [node for node in picked if not node.facts.get("os")]:
        hosts.check_all(unknown, actor=actor)
    bundle = _bundle_for(picked, environment.runtime_type)
    sound = artifacts.require(bundle.name, bundle.version)
    names = " ".join(node.name for node in picked)
    return previewing.pin(
        environment,
        sorted(picked, key=lambda node: node.pk),
        sound,
        actor=actor,
        kind=TaskKind.LVS_VIP,
        options={"vip": vip, "nodes": names, **options},
    )


def _picked(environment: Environment, ids: Sequence[int]) -> list[EnvironmentNode]:
    """The nodes in the order of `ids`."""
    rows = environment.nodes.select_related("credential", "environment").in_bulk(ids)
    if missing := [str(pk) for pk in ids if pk not in rows]:
        text = f"The environment has no such node: {', '.join(missing)}."
        raise ValidationFailed(fields={"nodes": [text]})
    return [rows[pk] for pk in ids]


def _bundle_for(nodes: Sequence[EnvironmentNode], runtime: str) -> Bundle:
    """The newest that fits all of them. Raises `bundle_incompatible` with what each lacks."""
    named = [b for b in selectors.bundles() if b.name == BUNDLE or b.name.startswith(f"{BUNDLE}-")]
    if not named:
        text = f"No bundle of the root moves addresses: build {BUNDLE}-debian13, or the like."
        problem = Problem(INCOMPATIBLE, "manifests/index.yaml", 0, text)
        raise BundleIncompatible(text, errors=as_data([problem]))
    specs = [spec_of(node) for node in nodes]
    problems: list[Problem] = []
    fitting = []
    for bundle in named:
        found = misfits(bundle, specs, runtime)
        problems += found
        if not found:
            fitting.append(bundle)
    if fitting:
        return max(fitting, key=lambda bundle: _in_order(bundle.version))
    raise BundleIncompatible(problems[0].message, errors=as_data(problems))


def _in_order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
