"""What the steps of an install do: a hook's script with its inputs, and the built-in transfer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from config.core.errors import ArtifactChecksumMismatch, SSHError, SSHUnreachable
from config.core.secrets import Secret
from environments import steps
from environments.bundles.hook_environment import (
    artifacts_for,
    hook_environment,
    inputs_json,
)
from environments.bundles.model import Artifact, Bundle
from environments.bundles.planning import Plan
from environments.bundles.roles import NodeSpec
from environments.bundles.sound import Sound
from environments.install.stopping import Watch
from environments.models import EnvironmentNode, InstallStep, StepStatus
from environments.ssh.connection import CommandFailed
from environments.ssh.transfer import send
from environments.steps import Script, StepRunner

TRANSFER: Final = "transfer"
ARTIFACTS: Final = f"{settings.REMOTE_DIR}/artifacts"


def spec_of(node: EnvironmentNode) -> NodeSpec:
    return NodeSpec(node.pk, node.name, node.role, {**node.facts, "address": node.host})


@dataclass(frozen=True)
class Content:
    """A bundle and the text of its hooks, read once: what is checked is what runs."""

    bundle: Bundle
    scripts: Mapping[str, bytes] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, sound: Sound) -> Content:
        """Raises `artifact_checksum_mismatch` where a file is not what was verified."""
        scripts = {hook.script: sound.read(hook.script) for hook in sound.bundle.hooks}
        return cls(sound.bundle, scripts, sound.support_files())

    @property
    def digest(self) -> str:
        """Of all that the bundle would put or run on a host (artifacts by their checksums)."""
        digest = hashlib.sha256(repr(self.bundle).encode())
        for name, content in sorted({**self.scripts, **self.files}.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def specs_in(plan: Mapping[str, Any]) -> list[NodeSpec]:
    return [
        NodeSpec(node["id"], node["name"], node["role"], {**node["facts"], "address": node["host"]})
        for node in plan["nodes"]
    ]


def script_of(
    step: InstallStep,
    content: Content,
    plan: Mapping[str, Any],
    nodes: Sequence[NodeSpec],
    known: Mapping[str, str | Secret],
) -> Script:
    """The step's hook with everything it is told, as pinned in the preview's `plan`, whose `nodes`
    these are, and what earlier hooks found out: `known`, variables."""
    bundle = content.bundle
    node = next(spec for spec in nodes if spec.id == step.node_id)
    values = Plan(bundle.name, bundle.version, plan["options"], (), (), ())
    told: dict[str, Any] = {
        "artifact_dir": ARTIFACTS,
        "hooks_dir": ".",  # where the runner starts scripts, their files beside them
    }
    return Script(
        text=content.scripts[step.script],
        env={**hook_environment(bundle, values, node, nodes, **told), **known},
        timeout=step.timeout,
        files={
            **content.files,
            "inputs.json": inputs_json(bundle, values, node, nodes, **told),
        },
    )


def next_attempt(step: InstallStep) -> dict[str, Any]:
    """As `steps.next_attempt`, and what the last one said of itself is forgotten."""
    return steps.next_attempt(step) | {"percent": None, "message": ""}


class _Cancelled(Exception):
    pass


def transfer(
    step: InstallStep,
    bundle: Bundle,
    nodes: Sequence[NodeSpec],
    runner: StepRunner,
    watch: Watch,
) -> None:
    """Sends a node the artifacts that it doesn't have; each is hashed on both sides."""
    node = next(spec for spec in nodes if spec.id == step.node_id)
    try:
        for artifact in artifacts_for(bundle, node, nodes):
            sent = _send(step, runner, artifact, watch)
            verb = "sent" if sent else "already there"
            runner.say(step, f"{artifact.path}: {verb} ({artifact.size} bytes)")
    except _Cancelled:
        runner.finish(step, StepStatus.CANCELLED, reason_code="cancelled")
        return
    except (SSHError, ArtifactChecksumMismatch, CommandFailed) as error:
        runner.fail(step, str(error), getattr(error, "code", "step_failed"))
        return
    runner.finish(step, StepStatus.SUCCEEDED, exit_code=0)


def _send(step: InstallStep, runner: StepRunner, artifact: Artifact, watch: Watch) -> bool:
    source, size = settings.BUNDLE_ROOT / artifact.path, artifact.size
    began = time.monotonic()
    down_since: float | None = None

    def go_on(_sent: int = 0) -> None:
        if watch.cancelled.is_set():
            raise _Cancelled
        runner.lease.check()

    while True:
        go_on()
        try:
            connection = runner.connect(step)
            down_since = None
            return send(
                connection,
                source,
                sha256=artifact.sha256,
                size=size,
                directory=ARTIFACTS,
                progress=go_on,
            )
        except SSHUnreachable:  # what arrived is kept, and gone on with
            now = time.monotonic()
            down_since = down_since or now
            if now - down_since > settings.HOST_PATIENCE.total_seconds():
                raise
            if now - began > step.timeout:
                raise
            runner.lease.lost.wait(1)
