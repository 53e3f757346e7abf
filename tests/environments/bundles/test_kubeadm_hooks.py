"""The hooks of the bundle kubeadm, on sandboxes, with stand-ins for what the operator brings."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml

from environments.bundles.build import BuildFailed, build
from environments.bundles.sound import Sound
from environments.bundles.verify import require_sound
from tests.environments.bundles import sandbox
from tests.environments.bundles.kubeadm_hosts import Hosts, hosts
from tests.environments.bundles.test_hooks import SOURCE
from tests.kube.cluster import StandIn
from tests.kube.kubeadm_standins import kubeadm
from tests.kube.kubeadm_standins.calls import Answering, said
from tests.kube.kubeadm_standins.control import Control
from tests.kube.kubeadm_standins.programs import bring

pytestmark = pytest.mark.skipif(
    bool(sandbox.unavailable_reason()), reason=sandbox.unavailable_reason() or "-"
)
Cluster = Callable[..., AbstractContextManager[Hosts]]
MEMBER = "/var/lib/slipway/state/kubernetes-member"


@pytest.fixture
def control(stand_in: StandIn) -> Iterator[Control]:
    made = Control(stand_in)
    yield made
    assert made.broken == []


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kubeadm")
    (made / "shared").mkdir()
    return made


@pytest.fixture(scope="session")
def built(folder: Path) -> Sound:
    """The bundle as it is built from the directory of stand-ins."""
    socket = folder / "shared/socket"
    text_of = Answering(lambda _: "", socket).text_of
    socket.unlink()
    brought = bring(folder / "brought", text_of)
    root = folder / "root"
    bundle = build("kubeadm", root=root, source=SOURCE, source_dir=brought)
    return require_sound(root, bundle.name, bundle.version)


@pytest.fixture
def cluster(tmp_path: Path, folder: Path, built: Sound, control: Control) -> Iterator[Cluster]:
    """`with cluster("cp worker") as hosts`"""
    socket = folder / "shared/socket"
    with Answering(control, socket) as answering:
        yield lambda roles: hosts(tmp_path, answering, control, built, roles)
    socket.unlink()


def problems(text: str) -> list[str]:
    return [line.removeprefix("problem: ") for line in text.splitlines() if "problem: " in line]


def test_what_is_built_is_sound(built: Sound) -> None:
    paths = {artifact.path for artifact in built.bundle.artifacts}
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
