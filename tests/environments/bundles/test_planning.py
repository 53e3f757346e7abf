"""Plans: which hook runs on which node, in which order; what does not fit; what hooks are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.core.errors import BundleIncompatible, ValidationFailed
from environments.bundles.hook_environment import support_files
from environments.bundles.manifest import parse
from environments.bundles.model import Bundle
from environments.bundles.planning import NodeSpec, hook_environment, inputs_json, plan
from tests.environments.bundles.roots import LIBRARY, TEMPLATE, sound_root

INDEX = """\
schema: slipway.bundle/v1
bundles:
  - name: cluster
    version: "1.32"
    runtime: k8s
    platforms: [{os: debian, release: "13", arch: amd64}]
    requires: {memory_mb: 1000, disk_mb: 2000}
    options:
      - {name: pods, type: cidr, default: 10.0.0.0/16}
      - {name: mirror, type: url}
      - {name: replicas, type: integer, default: 2, minimum: 1, maximum: 5}
      - {name: mode, type: string, default: fast, choices: [fast, safe]}
      - {name: wipe, type: boolean, default: false}
      - {name: endpoint, type: address, required: true}
    artifacts:
      - {path: bin/linux-amd64/cluster/kubeadm, sha256: AA, size: 1, for: control_plane}
      - {path: bin/linux-amd64/cluster/kubelet, sha256: BB, size: 1}
    hooks:
      - {id: join, phase: configure, script: hooks/k/join.sh, run_on: worker, timeout: 9}
      - {id: check, phase: preflight, script: hooks/k/check.sh}
      - {id: init, phase: install, script: hooks/k/init.sh, run_on: first_control_plane}
      - {id: plane, phase: install, script: hooks/k/plane.sh, run_on: control_plane,
         retries: 2, idempotent: true}
      - {id: balance, phase: configure, script: hooks/k/lb.sh, run_on: lb}
      - {id: reset, phase: uninstall, script: hooks/k/reset.sh}
""".replace("AA", "a" * 64).replace("BB", "b" * 64)
FACTS = {"os": "debian", "release": "13", "arch": "amd64", "memory_mb": 4000, "disk_mb": 9000}
OPTIONS = {"endpoint": "10.0.0.9"}


def bundle() -> Bundle:
    bundles, problems = parse(INDEX)
    assert problems == []
    return bundles[0]


def node(number: int, role: str, **facts: Any) -> NodeSpec:
    return NodeSpec(number, f"n{number}", role, {**FACTS, **facts})


THREE = [node(3, "worker"), node(2, "control_plane"), node(1, "lb")]


def test_steps_run_by_phase_then_hook_then_node() -> None:
    made = plan(bundle(), THREE, runtime="k8s", options=OPTIONS)
    assert [(s.phase, s.hook, s.node_id) for s in made.steps] == [
        ("preflight", "check", 1),
        ("preflight", "check", 2),
        ("preflight", "check", 3),
        ("transfer", "transfer", 1),
        ("transfer", "transfer", 2),
        ("transfer", "transfer", 3),
        ("install", "init", 2),
        ("install", "plane", 2),
        ("configure", "join", 3),
        ("configure", "balance", 1),
    ]
    assert [step.index for step in made.steps] == list(range(10))
    assert made.phases == ("preflight", "transfer", "install", "configure")
    plane = made.steps[7]
    assert (plane.script, plane.retries, plane.idempotent) == ("hooks/k/plane.sh", 2, True)
    assert made.steps[8].timeout == 9


def test_only_the_first_control_plane_starts_the_cluster() -> None:
    planes = [node(7, "control_plane"), node(5, "control_plane"), node(6, "control_plane")]
    made = plan(bundle(), planes, runtime="k8s", options=OPTIONS, phases=["install"])
    assert [(s.hook, s.node_id) for s in made.steps] == [
        ("init", 5), ("plane", 5), ("plane", 6), ("plane", 7),
    ]  # fmt: skip


def test_uninstall_only_when_asked_for() -> None:
    made = plan(bundle(), THREE, runtime="k8s", options=OPTIONS, phases=["uninstall"])
    assert {(s.phase, s.hook) for s in made.steps} == {("uninstall", "reset")}


def test_options_are_resolved_with_their_defaults() -> None:
    made = plan(bundle(), THREE, runtime="k8s", options={**OPTIONS, "replicas": 5, "pods": None})
    assert made.options == {
        "pods": "10.0.0.0/16", "mirror": None, "replicas": 5, "mode": "fast", "wipe": False,
        "endpoint": "10.0.0.9",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"other": 1}, "other"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "here"}, "endpoint"),
        ({"pods": "10.0.0.1/16"}, "pods"),
        ({"mirror": "ftp://mirror"}, "mirror"),
        ({"mirror": 'http://mirror/"'}, "mirror"),
        ({"mirror": "http://me:secret@mirror"}, "mirror"),
        ({"replicas": 6}, "replicas"),
        ({"replicas": True}, "replicas"),
        ({"mode": "other"}, "mode"),
        ({"mode": "fast\nx"}, "mode"),
        ({"wipe": "yes"}, "wipe"),
    ],
)
def test_options_that_cannot_be_taken(given: Mapping[str, Any], field: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        plan(bundle(), THREE, runtime="k8s", options={**OPTIONS, **given})
    assert list(caught.value.data["fields"]) == [f"options.{field}"]


@pytest.mark.parametrize(
    ("nodes", "runtime", "told"),
    [
        (THREE, "compose", ["runtime: cluster brings k8s"]),
        ([], "k8s", ["nodes: the environment has no nodes"]),
        (
            [node(1, "worker")],
            "k8s",
            ["nodes: an odd number of control planes is needed, here are 0"],
        ),
        ([node(1, "control_plane"), node(2, "control_plane")], "k8s", ["nodes: an odd number"]),
        (
            [node(1, "control_plane"), node(2, "compose", memory_mb=999, disk_mb=10)],
            "k8s",
            [
                "nodes: n2 has the role compose",
                "nodes/n2: n2 has 999 MB of memory; the bundle needs 1000",
                "nodes/n2: n2 has 10 MB of disk; the bundle needs 2000",
            ],
        ),
        (
            [node(1, "control_plane", release="12"), node(2, "lb", arch="arm64", memory_mb=0)],
            "k8s",
            [
                "nodes/n1: n1 runs debian 12 amd64; the bundle is for debian 13 amd64",
                "nodes/n2: n2 runs debian 13 arm64",
                "nodes/n2: n2 has 0 MB of memory",
            ],
        ),
        (
            [NodeSpec(1, "n1", "control_plane", {"os": "debian"})],
            "k8s",
            ["nodes/n1: n1 has unknown facts (release, arch, memory_mb, disk_mb)"],
        ),
    ],
)
def test_misfits_are_told_all_at_once(nodes: list[NodeSpec], runtime: str, told: list[str]) -> None:
    with pytest.raises(BundleIncompatible) as caught:
        plan(bundle(), nodes, runtime=runtime, options=OPTIONS)
    errors = caught.value.data["errors"]
    assert len(errors) == len(told)
    for error, words in zip(errors, told, strict=True):
        assert f"{error['path']}: {error['message']}".startswith(words)
        assert error["code"] == "bundle_incompatible"


def test_warns_of_what_is_tight() -> None:
    made = plan(
        bundle(), [node(1, "control_plane", memory_mb=1100)], runtime="k8s", options=OPTIONS
    )
    assert [warning.split(":")[0] for warning in made.warnings] == [
        "n1 has little memory to spare",
        "a single control plane",
    ]


def test_hooks_are_told_of_their_node() -> None:
    nodes = [node(1, "control_plane", address="10.0.0.1"), node(2, "worker", address="10.0.0.2")]
    made = plan(bundle(), nodes, runtime="k8s", options=OPTIONS)
    told = hook_environment(
        bundle(), made, nodes[1], nodes, artifact_dir="/a/artifacts", hooks_dir="/a/hooks"
    )
    assert told == {
        "SLIPWAY_BUNDLE": "cluster",
        "SLIPWAY_BUNDLE_VERSION": "1.32",
        "SLIPWAY_RUNTIME": "k8s",
        "SLIPWAY_NODE_NAME": "n2",
        "SLIPWAY_NODE_ROLE": "worker",
        "SLIPWAY_NODE_ADDRESS": "10.0.0.2",
        "SLIPWAY_FIRST_CONTROL_PLANE": "n1",
        "SLIPWAY_PEERS": "n1=control_plane=10.0.0.1",
        "SLIPWAY_REQUIRES_MEMORY_MB": "1000",
        "SLIPWAY_REQUIRES_DISK_MB": "2000",
        "SLIPWAY_ARTIFACT_DIR": "/a/artifacts",
        "SLIPWAY_ARTIFACTS": f"bin/linux-amd64/cluster/kubelet={'b' * 64}",
        "SLIPWAY_HOOKS_DIR": "/a/hooks",
        "SLIPWAY_OPTION_PODS": "10.0.0.0/16",
        "SLIPWAY_OPTION_MIRROR": "",
        "SLIPWAY_OPTION_REPLICAS": "2",
        "SLIPWAY_OPTION_MODE": "fast",
        "SLIPWAY_OPTION_WIPE": "false",
        "SLIPWAY_OPTION_ENDPOINT": "10.0.0.9",
    }


def test_the_same_as_json() -> None:
    made = plan(bundle(), THREE, runtime="k8s", options=OPTIONS)
    plane, worker = THREE[1], THREE[0]
    told = json.loads(inputs_json(bundle(), made, plane, [worker], artifact_dir="/a"))
    assert told["node"] == {"name": "n2", "role": "control_plane", "address": ""}
    assert [peer["name"] for peer in told["peers"]] == ["n3"]
    assert told["options"]["wipe"] is False
    assert len(told["artifacts"]) == 2


def test_support_files_are_the_libraries_and_the_templates(tmp_path: Path) -> None:
    root = sound_root(tmp_path)
    (sound,), _ = parse((root / "manifests/index.yaml").read_bytes())
    assert support_files(root, sound) == {
        "lib.sh": (root / LIBRARY).read_bytes(),
        "daemon.json": (root / TEMPLATE).read_bytes(),
    }
