"""What a bundle would do to an environment, as a value: the same input, the same plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.core.errors import BundleIncompatible, ValidationFailed
from environments.bundles.fitness import NodeSpec, misfits, tight
from environments.bundles.hook_environment import hook_environment, inputs_json
from environments.bundles.model import PHASES, Bundle
from environments.bundles.problems import as_data
from environments.bundles.roles import runs_on

__all__ = [
    "NodeSpec", "Plan", "PlannedStep", "hook_environment", "inputs_json", "plan", "resolve_options",
]  # fmt: skip

INSTALL_PHASES = ("preflight", "transfer", "install", "configure", "verify")
# By the words of a task's kind.
PHASES_OF = {
    "install": INSTALL_PHASES,
    "lvs_vip": ("preflight", "transfer", "install", "configure", "post_create", "verify"),
    "verify": ("verify",),
    "uninstall": ("uninstall",),
}
TRANSFER_TIMEOUT = 3_600  # seconds
TRANSFER_RETRIES = 3


@dataclass(frozen=True)
class PlannedStep:
    """One hook on one node. `transfer` is the platform's own work and has no script."""

    index: int
    phase: str
    hook: str
    node_id: int
    script: str | None
    timeout: int
    retries: int
    idempotent: bool
    max_parallel: int


@dataclass(frozen=True)
class Plan:
    """The steps in the order in which they run; `options` has a value for every option.

    A step may start when all steps of earlier (phase, hook) pairs ended well: within one pair the
    nodes are independent of each other.
    """

    bundle: str
    version: str
    options: Mapping[str, Any]
    phases: tuple[str, ...]
    steps: tuple[PlannedStep, ...]
    warnings: tuple[str, ...]


def plan(
    bundle: Bundle,
    nodes: Sequence[NodeSpec],
    *,
    runtime: str,
    options: Mapping[str, Any],
    phases: Iterable[str] = INSTALL_PHASES,
) -> Plan:
    """Plan `phases` of `bundle` on `nodes`; phases run in the order of `PHASES`, however given.

    Raises `BundleIncompatible` with every misfit (`data.errors`), or `ValidationFailed` with
    `options.NAME` for each option that can't be taken.
    """
    if problems := misfits(bundle, nodes, runtime):
        raise BundleIncompatible(problems[0].message, errors=as_data(problems))
    resolved = resolve_options(bundle, options)
    wanted = set(phases)
    if unknown := wanted - set(PHASES):
        raise ValueError(f"no such phase: {', '.join(sorted(unknown))}")
    ordered = sorted(nodes, key=lambda node: node.id)
    steps: list[PlannedStep] = []
    for phase in PHASES:
        if phase in wanted:
            steps += _phase(bundle, phase, ordered, len(steps))
    return Plan(
        bundle=bundle.name,
        version=bundle.version,
        options=resolved,
        phases=tuple(dict.fromkeys(step.phase for step in steps)),
        steps=tuple(steps),
        warnings=tuple(tight(bundle, ordered)),
    )


def resolve_options(bundle: Bundle, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every option of `bundle`: what was given, else the default.

    Raises `ValidationFailed(fields={"options.NAME": […]})`.
    """
    known = {option.name: option for option in bundle.options}
    fields = {f"options.{name}": ["No such option."] for name in given.keys() - known.keys()}
    values: dict[str, Any] = {}
    for name, option in known.items():
        value = given.get(name)
        values[name] = option.default if value is None else value
        if complaint := option.complaint(values[name]):
            fields[f"options.{name}"] = [complaint]
    if fields:
        raise ValidationFailed(fields=dict(sorted(fields.items())))
    return values


def _phase(bundle: Bundle, phase: str, nodes: Sequence[NodeSpec], first: int) -> list[PlannedStep]:
    if phase == "transfer":
        return _transfer(bundle, nodes, first)
    pairs = [
        (hook, node)
        for hook in bundle.hooks
        if hook.phase == phase
        for node in nodes
        if runs_on(hook.run_on, node, nodes)
    ]
    return [
        PlannedStep(
            index=first + number,
            phase=phase,
            hook=hook.id,
            node_id=node.id,
            script=hook.script,
            timeout=hook.timeout,
            retries=hook.retries,
            idempotent=hook.idempotent,
            max_parallel=hook.max_parallel,
        )
        for number, (hook, node) in enumerate(pairs)
    ]


def _transfer(bundle: Bundle, nodes: Sequence[NodeSpec], first: int) -> list[PlannedStep]:
    receivers = [
        node
        for node in nodes
        if any(runs_on(artifact.run_on, node, nodes) for artifact in bundle.artifacts)
    ]
    return [
        PlannedStep(
            index=first + number,
            phase="transfer",
            hook="transfer",
            node_id=node.id,
            script=None,
            timeout=TRANSFER_TIMEOUT,
            retries=TRANSFER_RETRIES,
            idempotent=True,
            max_parallel=0,
        )
        for number, node in enumerate(receivers)
    ]
