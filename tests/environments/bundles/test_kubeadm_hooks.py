"""The hooks of the bundle kubeadm, on sandboxes, with stand-ins for what the operator brings."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from environments.bundles.build import BuildFailed, build
from environments.bundles.sound import Sound
from tests.environments.bundles import sandbox
from tests.environments.bundles.kubeadm_hosts import Cluster
from tests.environments.bundles.test_hooks import SOURCE
from tests.kube.kubeadm_standins.calls import said
from tests.kube.kubeadm_standins.control import Control

pytestmark = pytest.mark.skipif(
    bool(sandbox.unavailable_reason()), reason=sandbox.unavailable_reason() or "-"
)
MEMBER = "/var/lib/slipway/state/kubernetes-member"


def test_what_is_built_is_sound(kubeadm_bundle: Sound) -> None:
    paths = {artifact.path for artifact in kubeadm_bundle.bundle.artifacts}
    assert "images/kubeadm/control-plane.tar" in paths
    assert "bin/linux-amd64/kubeadm/cni/network.yaml" in paths


def test_it_is_built_of_a_directory(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="--from"):
        build("kubeadm", root=tmp_path / "root", source=SOURCE)


def test_a_control_plane_and_a_worker(cluster: Cluster, control: Control) -> None:
    with cluster("cp worker") as nodes:
        nodes.install()
        assert {name: m.role for name, m in control.members.items()} == {
            "cp-1": "control_plane",
            "worker-2": "worker",
        }
        kubeconfig = base64.b64decode(nodes.facts["cp-1"]["KUBECONFIG"]).decode()
        assert yaml.safe_load(kubeconfig)["clusters"][0]["cluster"]["server"] == control.api.server
        assert control.tokens == {}  # taken back
        assert control.services["worker-2"]["kubelet.service"] == "restart"
        assert control.services["worker-2"]["containerd.service"] == "restart"
        assert "--upload-certs" not in " ".join(control.lines("kubeadm"))  # for nobody
        config = nodes.sandboxes["worker-2"].path("/etc/containerd/config.toml").read_text()
        assert 'sandbox_image = "registry.k8s.io/pause:3.10"' in config
        assert "SystemdCgroup = true" in config
        kubelet = nodes.sandboxes["worker-2"].path("/etc/default/kubelet").read_text()
        assert kubelet == "KUBELET_EXTRA_ARGS=--node-ip=10.77.0.2\n"


def test_three_control_planes_join_by_certificates_that_were_uploaded(
    cluster: Cluster, control: Control
) -> None:
    with cluster("cp cp worker cp lb") as nodes:
        nodes.options = {"control_plane_endpoint": "127.0.0.1:6443"}
        nodes.install()
        planes = [name for name, m in control.members.items() if m.role == "control_plane"]
        assert planes == ["cp-1", "cp-2", "cp-4"]
        assert len(nodes.facts["cp-1"]["CERTIFICATE_KEY"]) == 64
        assert control.lines("kubeadm", "lb-5") == []
        assert control.settings["controlPlaneEndpoint"] == "127.0.0.1:6443"
        step = next(s for s in nodes.plan().steps if s.hook == "join-control-planes")
        assert step.max_parallel == 1


def test_the_configuration_is_what_was_asked_for(cluster: Cluster, control: Control) -> None:
    with cluster("cp") as nodes:
        nodes.options = {
            "pod_subnet": "10.60.0.0/16",
            "kubernetes_version": "1.31.4",
            "certificate_names": "api.example.net,10.9.8.7",
            "pods_on_control_planes": True,
        }
        nodes.install()
        call = next(c for c in control.calls if c.arguments[:2] == ("init", "--config"))
        first, second, third = yaml.safe_load_all(call.file.decode())
        assert first["nodeRegistration"] == {
            "name": "cp-1",
            "criSocket": "unix:///run/containerd/containerd.sock",
            "imagePullPolicy": "IfNotPresent",
            "taints": [],
        }
        assert first["localAPIEndpoint"] == {"advertiseAddress": "10.77.0.1"}
        assert second["kubernetesVersion"] == "v1.31.4"
        assert second["networking"]["podSubnet"] == "10.60.0.0/16"
        assert second["apiServer"]["certSANs"] == ["10.77.0.1", "api.example.net", "10.9.8.7"]
        assert third["cgroupDriver"] == "systemd"


def test_no_secret_is_printed_or_in_an_argument(cluster: Cluster, control: Control) -> None:
    with cluster("cp cp cp worker") as nodes:
        nodes.options = {"control_plane_endpoint": "127.0.0.1:6443"}
        shown = ""
        for step in nodes.plan().steps:
            if step.script:
                name = next(node.name for node in nodes.nodes if node.id == step.node_id)
                output = nodes.run(step.hook, name)
                assert output.code == 0, output.text
                lines = output.text.splitlines()
                shown += "\n".join(x for x in lines if not x.startswith("::slipway secret "))
        shown += "\n".join(call.line for call in control.calls)
        assert len(control.handed_out) == 5  # keys, tokens, the certificates' key
        for secret in [*control.handed_out, *nodes.secrets]:
            assert secret not in shown
            assert base64.b64encode(secret.encode()).decode() not in shown
        for host in nodes.sandboxes.values():
            assert list((host.written / "tmp").glob("*")) == []


def test_again_changes_nothing_and_renews_what_slipway_signs_in_with(
    cluster: Cluster, control: Control
) -> None:
    with cluster("cp worker") as nodes:
        nodes.install()
        first, before = nodes.facts["cp-1"]["KUBECONFIG"], dict(control.members)
        control.calls.clear()
        nodes.install()
        assert control.members == before
        assert nodes.facts["cp-1"]["KUBECONFIG"] != first
        ran = control.lines("kubeadm") + control.lines("systemctl")
        changing = ("kubeadm init --config", "kubeadm join", "systemctl restart containerd.service")
        assert [line for line in ran if line.startswith(changing)] == []


def test_a_node_that_was_added_joins(cluster: Cluster, control: Control) -> None:
    with cluster("cp worker") as nodes:
        everybody, nodes.nodes = nodes.nodes, nodes.nodes[:1]
        nodes.install()
        assert "JOIN_TOKEN" not in nodes.facts["cp-1"]  # nobody is to join
        nodes.nodes = everybody
        nodes.install()
        assert set(control.members) == {"cp-1", "worker-2"}


def test_uninstall_leaves_the_host_as_it_was(cluster: Cluster, control: Control) -> None:
    with cluster("cp worker") as nodes:
        host = nodes.sandboxes["worker-2"]
        host.write("/etc/containerd/config.toml", "version = 2 # somebody's\n")
        nodes.install()
        assert host.path("/usr/sbin/conntrack").exists()
        control.calls.clear()
        nodes.uninstall()
        assert control.members == {}
        order = [call.host for call in control.calls if call.arguments[:1] == ("reset",)]
        assert order == ["worker-2", "cp-1"]
        for gone in ("/usr/local/bin/kubelet", "/usr/sbin/conntrack", "/etc/kubernetes", MEMBER):
            assert not host.path(gone).exists(), gone
        assert not host.path("/opt/cni/bin/bridge").exists()
        kept = host.path("/etc/containerd/config.toml").read_text()
        assert kept == "version = 2 # somebody's\n"
        again = nodes.run("leave-workers", "worker-2")
        assert "nothing here was installed by Slipway" in again.text
        nodes.install()  # and once more from the beginning
        assert set(control.members) == {"cp-1", "worker-2"}


def test_uninstall_goes_on_where_kubeadm_can_not(cluster: Cluster, control: Control) -> None:
    with cluster("cp worker") as nodes:
        nodes.install()
        control.instead["worker-2", "kubeadm reset"] = said("error: containerd is gone", 1)
        output = nodes.run("leave-workers", "worker-2")
        assert output.code == 0
        assert "kubeadm could not undo everything" in output.text
        assert not nodes.sandboxes["worker-2"].path("/etc/kubernetes").exists()
