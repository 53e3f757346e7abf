"""Sandboxes as the nodes of a cluster: the bundle's hooks on them, as an install would run them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments.bundles.hook_environment import hook_environment
from environments.bundles.model import Bundle
from environments.bundles.planning import INSTALL_PHASES, NodeSpec, Plan, plan
from environments.bundles.sound import Sound
from tests.environments.bundles.sandbox import Output, Sandbox
from tests.kube.kubeadm_standins.calls import Answering
from tests.kube.kubeadm_standins.control import Control

FACT = re.compile(r"^::slipway (set|secret) ([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
# What no sandbox has, or may not touch.
STAND_INS = ("systemctl", "journalctl", "timedatectl", "modprobe")
SYSCTL = """\
#!/bin/sh
# Stands in for sysctl: what is set here is of this sandbox.
case $1 in
--load=*) cp "${1#--load=}" /run/sysctl.conf ;;
--quiet) cp "${2#--load=}" /run/sysctl.conf ;;
--values) sed -n "s/^$2 = //p" /run/sysctl.conf ;;
esac
"""


@dataclass
class Hosts:
    """`secrets`: values that hooks reported as such."""

    bundle: Bundle
    control: Control
    nodes: list[NodeSpec]
    sandboxes: dict[str, Sandbox]
    options: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    secrets: set[str] = field(default_factory=set)

    def plan(self, phases: Sequence[str] = INSTALL_PHASES) -> Plan:
        return plan(self.bundle, self.nodes, runtime="k8s", options=self.options, phases=phases)

    def run(self, hook: str, name: str, **environment: str) -> Output:
        """That hook on that node; the facts it reports are there for those after it."""
        script = next(h.script for h in self.bundle.hooks if h.id == hook)
        node = next(node for node in self.nodes if node.name == name)
        told = hook_environment(
            self.bundle,
            self.plan(),
            node,
            self.nodes,
            artifact_dir="/artifacts",
            hooks_dir=".",
        )
        output = self.sandboxes[name].run(
            f"/scripts/{script}", told | self._known(node) | environment, directory="/hooks"
        )
        for verb, fact, value in FACT.findall(output.text):
            self.facts[name][fact] = value
            if verb == "secret":
                self.secrets.add(value)
        return output

    def install(self) -> None:
        self._all(INSTALL_PHASES)

    def uninstall(self) -> None:
        self._all(["uninstall"])

    def until(self, hook: str) -> None:
        """What an install runs before that hook."""
        for step in self.plan().steps:
            if step.hook == hook:
                return
            self._step(step)

    def _all(self, phases: Sequence[str]) -> None:
        for step in self.plan(phases).steps:
            self._step(step)

    def _step(self, step: Any) -> None:
        if step.script:
            name = next(node.name for node in self.nodes if node.id == step.node_id)
            output = self.run(step.hook, name)
            assert output.code == 0, f"{step.hook} on {name}:\n{output.text}"

    def _known(self, node: NodeSpec) -> dict[str, str]:
        """As `environments.install.facts.variables` has it."""
        found: dict[str, str] = {}
        everybody = defaultdict(list)
        for other in self.nodes:
            for name, value in self.facts[other.name].items():
                found.setdefault(f"SLIPWAY_FACT_{name}", value)
                if value not in self.secrets and len(value.split()) == 1:
                    everybody[f"SLIPWAY_FACTS_{name}"].append(f"{other.name}={value}")
        own = {f"SLIPWAY_FACT_{name}": value for name, value in self.facts[node.name].items()}
        return found | own | {name: " ".join(words) for name, words in everybody.items()}


Cluster = Callable[..., AbstractContextManager[Hosts]]  # `hosts` of these roles


@contextmanager
def hosts(
    folder: Path, answering: Answering, control: Control, sound: Sound, roles: str
) -> Iterator[Hosts]:
    """`roles`: "cp cp worker"; the nodes are called cp-1, cp-2, worker-3. The stand-ins find
    whom they ask beside the root."""
    facts: dict[str, Any] = {"os": "debian", "release": "12", "arch": "amd64"}
    facts |= {"memory_mb": 8192, "disk_mb": 99999}
    named = {"cp": "control_plane", "worker": "worker", "lb": "lb"}
    nodes = [
        NodeSpec(number, f"{word}-{number}", named[word], {**facts, "address": f"10.77.0.{number}"})
        for number, word in enumerate(roles.split(), 1)
    ]
    with ExitStack() as stack:
        sandboxes = {}
        for node in nodes:
            made = Sandbox(
                folder / node.name, node.name, node.facts["address"], sound.root.parent / "shared"
            )
            sandboxes[node.name] = stack.enter_context(made)
            _furnish(made, answering, sound)
        yield Hosts(sound.bundle, control, nodes, sandboxes)


def _furnish(sandbox: Sandbox, answering: Answering, sound: Sound) -> None:
    for name in STAND_INS:
        sandbox.write(f"/usr/local/sbin/{name}", answering.text_of(name), 0o755)
    sandbox.write("/usr/local/sbin/sysctl", SYSCTL, 0o755)
    sandbox.write("/etc/machine-id", f"{sandbox.name}\n")
    for artifact in sound.bundle.artifacts:
        sandbox.write(f"/artifacts/{artifact.sha256}", (sound.root / artifact.path).read_bytes())
    for hook in sound.bundle.hooks:
        sandbox.write(f"/scripts/{hook.script}", sound.read(hook.script))
    for name, content in sound.support_files().items():
        sandbox.write(f"/hooks/{name}", content)
