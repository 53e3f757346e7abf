"""What a task would do to hosts as they are now, pinned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from config.core.errors import SSHHostKeyUnknown, TargetNotReady, ValidationFailed
from config.core.previews import preview_ttl
from config.core.risk import Finding, Risk, Rule, assess
from config.core.timeline import Actor
from environments import hosts
from environments.bundles import planning
from environments.bundles.hook_environment import artifacts_for
from environments.bundles.model import ANY_RUNTIME, Bundle
from environments.bundles.sound import Sound
from environments.install.work import ARTIFACTS, Content, spec_of
from environments.models import (
    Environment,
    EnvironmentNode,
    EnvironmentStatus,
    InstallPreview,
    TaskKind,
)
from environments.pinning import context_hash, identity


def pin(
    environment: Environment,
    nodes: Sequence[EnvironmentNode],
    sound: Sound,
    *,
    actor: Actor,
    kind: TaskKind,
    options: dict[str, Any],
    **manner: Any,
) -> InstallPreview:
    """The preview of a task on some of an environment's nodes. Raises as `preview`."""
    if kind == TaskKind.INSTALL and sound.bundle.runtime == ANY_RUNTIME:
        text = f"{sound.bundle.name} is no runtime: it goes beside one, by lvs-vip/preview."
        raise ValidationFailed(fields={"bundle": [text]})
    if not nodes or environment.status == EnvironmentStatus.RETIRED:
        raise TargetNotReady(reasons=["The environment has no nodes, or is retired."])
    require_enrolled(nodes)
    seen = hosts.check_all(nodes, actor=actor, look_in=ARTIFACTS)
    present = [set(look["present"]) for look in seen]
    pinned = _plan(environment, sound, nodes, options, present, kind) | manner
    return InstallPreview.objects.create(
        environment=environment,
        kind=kind,
        bundle=sound.bundle.name,
        version=sound.bundle.version,
        options=pinned["options"],
        plan=pinned,
        risk=_risk(environment, pinned, kind),
        context_hash=context_hash(pinned),
        expires_at=timezone.now() + preview_ttl(environment.tier),
        previewed_by=actor.person,
    )


def require_enrolled(nodes: Sequence[EnvironmentNode]) -> None:
    if strangers := [node.name for node in nodes if not node.host_key]:
        raise SSHHostKeyUnknown(f"Not enrolled: {', '.join(strangers)}.", nodes=strangers)


def _plan(
    environment: Environment,
    sound: Sound,
    nodes: Sequence[EnvironmentNode],
    options: dict[str, Any],
    present: list[set[str]],
    kind: TaskKind,
) -> dict[str, Any]:
    bundle = sound.bundle
    specs = [spec_of(node) for node in nodes]
    phases = planning.PHASES_OF[kind]
    plan = planning.plan(
        bundle, specs, runtime=environment.runtime_type, options=options, phases=phases
    )
    if all(step.script is None for step in plan.steps):
        text = f"{bundle.name} {bundle.version} has nothing to do for this."
        raise ValidationFailed(fields={"kind": [text]})
    needed = [a for a in bundle.artifacts if "transfer" in plan.phases]
    names = {node.pk: node.name for node in nodes}
    return {
        "kind": kind,
        "runtime": bundle.runtime,
        "options": dict(plan.options),
        "phases": list(plan.phases),
        "warnings": list(plan.warnings),
        "checks": _checks(bundle, nodes, plan.warnings),
        "content_digest": Content.read(sound).digest,
        "nodes": [{**identity(vars(node)), "facts": node.facts} for node in nodes],
        "steps": [{**vars(step), "node": names[step.node_id]} for step in plan.steps],
        "artifacts": [
            {
                "path": artifact.path,
                "sha256": artifact.sha256,
                "size": artifact.size,
                "nodes": [s.name for s in specs if artifact in artifacts_for(bundle, s, specs)],
                "present_on": [
                    node.name
                    for node, has in zip(nodes, present, strict=True)
                    if artifact.sha256 in has
                ],
            }
            for artifact in needed
        ],
    }


def _checks(
    bundle: Bundle, nodes: Sequence[EnvironmentNode], warnings: Sequence[str]
) -> list[dict[str, str]]:
    """What held when this was previewed; had something failed, there would be no preview."""
    passed = {
        "bundle": f"Every file is what its checksum says, {len(bundle.artifacts)} artifacts",
        "hosts": f"{len(nodes)} hosts answered with the keys they were enrolled with",
        "platform": f"Every host fits {bundle.name} {bundle.version}",
    }
    found = [{"id": name, "status": "pass", "message": text} for name, text in passed.items()]
    return found + [{"id": "host", "status": "warn", "message": text} for text in warnings]


def _risk(environment: Environment, plan: dict[str, Any], kind: TaskKind) -> Risk:
    steps, hosts_ = len(plan["steps"]), len(plan["nodes"])
    findings = [Finding(Rule.INSTALL, f"Runs {steps} steps as root on {hosts_} hosts")]
    if environment.tier == "production":
        findings.append(Finding(Rule.INSTALL_IN_PRODUCTION, "The environment is production"))
    in_use = environment.status in (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED)
    if in_use and kind == TaskKind.INSTALL and plan["runtime"] != ANY_RUNTIME:
        findings.append(
            Finding(Rule.INSTALL_IN_USE, "The environment is in use: its runtime restarts")
        )
    if kind == TaskKind.UNINSTALL:
        what = "The bundle" if plan["runtime"] == ANY_RUNTIME else "The runtime"
        text = f"{what} is removed, and what it does ends with it"
        findings.append(Finding(Rule.UNINSTALL, text))
    return assess(findings)
