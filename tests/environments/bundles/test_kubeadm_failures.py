"""The hooks of the bundle kubeadm where something is missing or fails: what they say, and leave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.environments.bundles import sandbox
from tests.environments.bundles.kubeadm_hosts import Cluster
from tests.kube.kubeadm_standins import kubeadm
from tests.kube.kubeadm_standins.control import Control

pytestmark = pytest.mark.skipif(
    bool(sandbox.unavailable_reason()), reason=sandbox.unavailable_reason() or "-"
)


def problems(text: str) -> list[str]:
    return [line.removeprefix("problem: ") for line in text.splitlines() if "problem: " in line]


def test_preflight_tells_every_problem_and_changes_nothing(
    cluster: Cluster, control: Control
) -> None:
    with cluster("cp worker") as nodes:
        host = nodes.sandboxes["cp-1"]
        host.cover("/proc/swaps", "Filename Type\n/dev/sda2 partition\n")
        host.cover("/proc/meminfo", "MemTotal: 1048576 kB\n")
        host.write("/etc/kubernetes/kubelet.conf", "kind: Config")
        host.write("/usr/bin/kubelet", "#!/bin/sh\n", 0o755)
        nodes.options = {"pod_subnet": "10.77.0.0/16", "control_plane_endpoint": "nowhere.invalid"}
        output = nodes.run("preflight", "cp-1")
        assert output.code == 1
        assert problems(output.text) == [
            "1700 MB of memory are needed, there are 1024",
            "swap is on: swapoff --all, and take it out of /etc/fstab",
            "this is a node of some cluster already: /etc/kubernetes/kubelet.conf",
            "/usr/bin/kubelet was installed by somebody else",
            "control_plane_endpoint: nowhere.invalid has no address here",
            "networks overlap: pod_subnet (10.77.0.0/16) and lo (10.77.0.1/32)",
        ]
        assert "6 problem(s): nothing was changed" in output.text
        assert not host.path("/var/lib/slipway").exists()
        assert control.lines("kubeadm") == []
        nodes.options = {}
        assert nodes.run("preflight", "worker-2").code == 0


def test_preflight_names_what_was_not_brought(cluster: Cluster) -> None:
    with cluster("cp") as nodes:
        output = nodes.run(
            "preflight", "cp-1", SLIPWAY_ARTIFACTS="bin/linux-amd64/kubeadm/kubectl=0"
        )
        found = problems(output.text)
        for missing in ("kubeadm", "kubelet", "crictl", "cni-plugins-….tgz", "containerd", "runc"):
            assert f"the bundle was built without {missing}" in found
        assert "the bundle was built without image archives (images/)" in found
        assert "the bundle was built with 0 manifests in cni/: name one (network)" in found
        assert "there is no conntrack: bring the package conntrack, or install it" in found


def test_several_control_planes_need_an_endpoint(cluster: Cluster) -> None:
    with cluster("cp cp cp") as nodes:
        for name in nodes.sandboxes:
            output = nodes.run("preflight", name)
            assert "more than one control plane needs control_plane_endpoint" in output.text


@pytest.mark.parametrize(
    ("fact", "values", "told"),
    [
        ("CLOCK", ("1000", "1301"), "the clocks are 301 seconds apart"),
        ("MACHINE_ID", ("a", "a"), "the same machine id (/etc/machine-id) a: cp-1 worker-2"),
        ("MAC", ("02:00", "02:00"), "the same MAC address 02:00: cp-1 worker-2"),
        ("PRODUCT_UUID", ("b", "b"), "the same product_uuid b: cp-1 worker-2"),
        ("HOSTNAME", ("c", "c"), "the same host name c: cp-1 worker-2"),
    ],
)
def test_nodes_have_to_fit_together(
    cluster: Cluster, fact: str, values: tuple[str, str], told: str
) -> None:
    with cluster("cp worker") as nodes:
        for name, value in zip(nodes.sandboxes, values, strict=True):
            nodes.facts[name] = {"CLOCK": "1000", "MAC": f"{name}-mac", fact: value}
        output = nodes.run("agreement", "cp-1")
        assert output.code == 1
        assert told in "\n".join(problems(output.text))


def test_other_settings_are_not_for_a_cluster_that_is_there(cluster: Cluster) -> None:
    with cluster("cp") as nodes:
        nodes.install()
        nodes.options = {"pod_subnet": "10.200.0.0/16"}
        output = nodes.run("init", "cp-1")
        assert output.code == 1
        assert "pod_subnet=10.244.0.0/16" in output.text
        assert "uninstall it first" in output.text


@pytest.mark.parametrize(
    ("answer", "options", "told"),
    [
        (kubeadm.PREFLIGHT_FAILED, {}, "kubeadm exited with 2"),
        (kubeadm.KUBELET_UNHEALTHY, {}, "kubeadm exited with 1"),
        (kubeadm.HANGS, {"kubeadm_seconds": 5}, "kubeadm was not through after 5 seconds"),
    ],
    ids=["preflight", "unhealthy", "hangs"],
)
def test_an_init_that_fails_says_why_and_is_started_over(
    cluster: Cluster, control: Control, answer: str, options: dict[str, Any], told: str
) -> None:
    with cluster("cp") as nodes:
        nodes.options = options
        nodes.until("init")
        control.instead["", "kubeadm init --config"] = answer
        output = nodes.run("init", "cp-1")
        assert output.code == 1
        assert told in output.text
        assert "the kubelet's last words" in output.text
        control.instead.clear()
        nodes.install()
        assert "kubeadm reset --force" in " ".join(control.lines("kubeadm"))
        assert list(control.members) == ["cp-1"]


def test_a_join_that_is_refused_says_why_and_is_started_over(
    cluster: Cluster, control: Control
) -> None:
    with cluster("cp worker") as nodes:
        nodes.until("join-workers")
        control.instead["worker-2", "kubeadm join"] = kubeadm.REFUSED
        output = nodes.run("join-workers", "worker-2")
        assert output.code == 1
        assert "couldn't validate the identity of the API Server" in output.text
        assert "install again" not in output.text
        control.instead.clear()
        assert nodes.run("join-workers", "worker-2").code == 0
        assert "worker-2" in control.members


@pytest.mark.parametrize("hook", ["join-workers", "join-control-planes"])
def test_a_token_that_expired_is_had_by_installing_again(
    cluster: Cluster, control: Control, hook: str
) -> None:
    with cluster("cp cp cp worker") as nodes:
        nodes.options = {"control_plane_endpoint": "127.0.0.1:6443"}
        nodes.until(hook)
        name = "worker-4" if hook == "join-workers" else "cp-3"
        if hook == "join-workers":
            control.expire()
        else:
            control.certificate_key = ""
        output = nodes.run(hook, name)
        assert output.code == 1
        assert "install again, which makes new ones" in output.text
        nodes.install()
        assert set(control.members) == {"cp-1", "cp-2", "cp-3", "worker-4"}


def test_nodes_that_do_not_become_ready_are_named(cluster: Cluster, control: Control) -> None:
    with cluster("cp worker worker") as nodes:
        nodes.options = {"ready_seconds": 5}
        nodes.until("nodes")
        control.down.add("worker-2")
        control.leave("worker-3")
        output = nodes.run("nodes", "cp-1")
        assert output.code == 1
        assert "error: worker-2 is not ready; worker-3 is not there; after 5 seconds" in output.text


def test_without_a_network_nodes_have_to_be_there_not_ready(
    cluster: Cluster, control: Control
) -> None:
    with cluster("cp worker") as nodes:
        nodes.options = {"network": "none"}
        nodes.install()
        assert control.status_of("worker-2") == "False"


def test_an_image_that_nobody_brought(cluster: Cluster) -> None:
    with cluster("cp") as nodes:
        nodes.options = {"image_repository": "mirror.example.net/k8s"}
        nodes.until("images")
        output = nodes.run("images", "cp-1")
        assert output.code == 1
        assert "mirror.example.net/k8s/kube-apiserver:v1.31.4" in output.text


def test_a_kubelet_of_another_version_is_not_put_on_a_node(cluster: Cluster) -> None:
    with cluster("cp") as nodes:
        nodes.install()
        host = nodes.sandboxes["cp-1"]
        host.write("/usr/local/bin/kubelet", "#!/bin/sh\necho Kubernetes v1.30.0\n", 0o755)
        output = nodes.run("programs", "cp-1")
        assert output.code == 1
        assert (
            "this node runs Kubernetes v1.30.0, the bundle brings Kubernetes v1.31.4" in output.text
        )


def test_a_node_of_another_cluster_is_left_alone(cluster: Cluster) -> None:
    with cluster("cp worker") as nodes:
        nodes.install()
        nodes.facts["cp-1"]["CA_CERT_HASH"] = "sha256:another"
        output = nodes.run("join-workers", "worker-2")
        assert output.code == 1
        assert "a node of another cluster" in output.text
