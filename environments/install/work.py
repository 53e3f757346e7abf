"""What the steps of an install do: a hook's script with its inputs, and the built-in transfer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from config.core.errors import ArtifactChecksumMismatch, SSHError, SSHUnreachable
from environments.bundles.hook_environment import (
    artifacts_for,
    hook_environment,
    inputs_json,
    support_files,
)
from environments.bundles.model import Bundle
from environments.bundles.planning import Plan
from environments.bundles.roles import NodeSpec
from environments.install.stopping import Watch
from environments.models import EnvironmentNode, InstallStep, StepStatus
from environments.ssh.connection import CommandFailed
from environments.ssh.transfer import send
from environments.steps import Script, StepRunner

TRANSFER: Final = "transfer"
ARTIFACTS: Final = f"{settings.REMOTE_DIR}/artifacts"


def spec_of(node: EnvironmentNode) -> NodeSpec:
    return NodeSpec(node.pk, node.name, node.role, {**node.facts, "address": node.host})


def content_digest(bundle: Bundle, root: Path) -> str:
    """One digest of all that a bundle would put or run on a host (artifacts by their checksums)."""
    digest = hashlib.sha256(repr(bundle).encode())
    scripts = {hook.script: (root / hook.script).read_bytes() for hook in bundle.hooks}
    for name, content in sorted({**scripts, **support_files(root, bundle)}.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def specs_in(plan: Mapping[str, Any]) -> list[NodeSpec]:
    return [
        NodeSpec(node["id"], node["name"], node["role"], {**node["facts"], "address": node["host"]})
        for node in plan["nodes"]
    ]


def script_of(step: InstallStep, bundle: Bundle, plan: Mapping[str, Any]) -> Script:
    """The step's hook with everything it is told, as pinned in the preview's `plan`."""
    nodes = specs_in(plan)
    node = next(spec for spec in nodes if spec.id == step.node_id)
    values = Plan(bundle.name, bundle.version, plan["options"], (), (), ())
    told: dict[str, Any] = {
        "artifact_dir": ARTIFACTS,
        "hooks_dir": ".",  # where the runner starts scripts, their files beside them
    }
    return Script(
        text=(settings.BUNDLE_ROOT / step.script).read_bytes(),
        env=hook_environment(bundle, values, node, nodes, **told),
        timeout=step.timeout,
        files={
            **support_files(settings.BUNDLE_ROOT, bundle),
            "inputs.json": inputs_json(bundle, values, node, nodes, **told),
        },
    )


def transfer(step: InstallStep, bundle: Bundle, runner: StepRunner, watch: Watch) -> None:
    """Sends a node the artifacts that it doesn't have; each is hashed on both sides."""
    nodes = specs_in(step.run.preview.plan)
    node = next(spec for spec in nodes if spec.id == step.node_id)
    try:
        for artifact in artifacts_for(bundle, node, nodes):
            if watch.cancelled.is_set():
                runner.finish(step, StepStatus.CANCELLED, reason_code="cancelled")
                return
            source = settings.BUNDLE_ROOT / artifact.path
            sent = _send(step, runner, source, artifact.sha256, artifact.size)
            verb = "sent" if sent else "already there"
            runner.say(step, f"{artifact.path}: {verb} ({artifact.size} bytes)")
    except (SSHError, ArtifactChecksumMismatch, CommandFailed) as error:
        runner.fail(step, str(error), getattr(error, "code", "step_failed"))
        return
    runner.finish(step, StepStatus.SUCCEEDED, exit_code=0)


def _send(step: InstallStep, runner: StepRunner, source: Path, sha256: str, size: int) -> bool:
    began = time.monotonic()
    down_since: float | None = None
    while True:
        runner.lease.check()
        try:
            connection = runner.connect(step)
            down_since = None
            return send(connection, source, sha256=sha256, size=size, directory=ARTIFACTS)
        except SSHUnreachable:  # what arrived is kept, and gone on with
            now = time.monotonic()
            down_since = down_since or now
            if now - down_since > settings.HOST_PATIENCE.total_seconds():
                raise
            if now - began > step.timeout:
                raise
            runner.lease.lost.wait(1)
