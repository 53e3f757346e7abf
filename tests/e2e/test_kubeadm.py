"""Kubernetes from bare hosts: real SSH, systemd, dpkg and files, with stand-ins for kubeadm and
what comes with it. In the order of a life: it fails, is mended, is used, and goes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.demo.server import Server
from tests.deployments.kubernetes.site import config
from tests.e2e.addresses import network_address
from tests.e2e.conftest import BUNDLE, QUICK
from tests.e2e.kubernetes import Nodes, attempts, build_root
from tests.e2e.site import Site, Task, unique
from tests.kube.certificates import Authority, Pair
from tests.kube.cluster import StandIn
from tests.kube.kubeadm_standins import kubeadm
from tests.kube.kubeadm_standins.calls import Answering
from tests.kube.kubeadm_standins.control import Control
from tests.lab import Host
from tests.lab.fixtures import LabNamed

pytestmark = pytest.mark.lab

ADMIN = "correct horse battery staple"


@pytest.fixture(scope="module")
def machines(lab_named: LabNamed) -> Iterator[list[Host]]:
    """Four, of which the first three can be control planes."""
    with lab_named("kubeadm") as lab:
        yield lab.up(4)


@pytest.fixture(scope="module")
def control(authority: Authority, server_certificate: Pair) -> Iterator[Control]:
    with StandIn(authority, server_certificate) as api:
        made = Control(api)
        yield made
        assert made.broken == []
        assert api.api.broken == []


@pytest.fixture(scope="module")
def answering(machines: list[Host], control: Control) -> Iterator[Answering]:
    with Answering(control, network_address(machines[0], 1)) as answering:
        yield answering


@pytest.fixture(scope="module")
def place(
    machines: list[Host], answering: Answering, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("kubeadm")
    root = build_root(folder / "root", answering)
    server = Server(folder / "slipway", root, QUICK)
    api = server.admin(ADMIN)
    server.start()
    try:
        yield Site.open(server, api, machines, root)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def nodes(place: Site, control: Control) -> Nodes:
    """A control plane and a worker."""
    first, *_, last = place.hosts
    return Nodes.make(place, control, {first: "control_plane", last: "worker"})


@pytest.fixture(scope="module")
def installed(nodes: Nodes) -> Task:
    task = nodes.start()
    task.succeeded(300)
    return task


def test_what_is_wrong_with_a_host_is_told_at_once_and_nothing_is_changed(nodes: Nodes) -> None:
    plane, worker = nodes.hosts
    worker.exec("sh", "-c", "mkdir -p /etc/kubernetes && : >/etc/kubernetes/kubelet.conf")
    worker.exec("sh", "-c", "mkdir -p /var/lib/etcd/member")
    before = len(nodes.control.calls)
    task = nodes.start()
    ended = task.ended(120)
    worker.exec("rm", "-rf", "/etc/kubernetes", "/var/lib/etcd")
    assert (ended["status"], ended["reason_code"]) == ("failed", "step_failed")
    told = task.log(task.step("preflight", worker)).decode()
    assert "problem: this is a node of some cluster already: /etc/kubernetes/kubelet.conf" in told
    assert "problem: /var/lib/etcd is not empty" in told
    assert "2 problem(s): nothing was changed" in told
    assert task.step("preflight", plane)["status"] == "succeeded"
    assert {s["status"] for s in ended["steps"] if s["phase"] != "preflight"} == {"skipped"}
    assert len(nodes.control.calls) == before


def test_a_retry_goes_on_where_it_failed(nodes: Nodes) -> None:
    """First kubeadm hangs on the control plane, then the worker is refused, then all is well."""
    plane, worker = nodes.hosts
    control = nodes.control
    control.instead["", "kubeadm init --config"] = kubeadm.HANGS
    task = nodes.start(kubeadm_seconds=30)
    ended = task.ended(240)
    assert (ended["status"], ended["reason_code"]) == ("failed", "step_failed")
    assert nodes.status == "failed"
    told = task.log(task.step("init", plane)).decode()
    assert "kubeadm was not through after 30 seconds" in told

    del control.instead["", "kubeadm init --config"]
    control.instead[worker.name, "kubeadm join"] = kubeadm.REFUSED
    nodes.retry(task)
    ended = task.ended(240)
    assert ended["status"] == "failed"
    told = task.log(task.step("join-workers", worker)).decode()
    assert "couldn't validate the identity of the API Server" in told

    control.instead.clear()
    nodes.retry(task)
    made = attempts(task.succeeded(240))
    assert made["preflight", worker.name] == made["images", worker.name] == 1
    assert made["init", plane.name] == 2
    assert made["join-workers", worker.name] == 2
    assert {name: m.role for name, m in control.members.items()} == {
        plane.name: "control_plane",
        worker.name: "worker",
    }
    assert nodes.status == "ready"


def test_the_cluster_is_connected_and_can_be_released_to_at_once(
    nodes: Nodes, installed: Task
) -> None:
    assert installed.look()["status"] == "succeeded"
    site, api = nodes.site, nodes.site.api
    [cluster] = nodes.clusters()
    assert cluster["source"] == "platform_managed"
    assert (cluster["status"], cluster["auth_method"]) == ("ready", "client_certificate")
    assert cluster["endpoint"] == nodes.control.api.server
    checked = api.post(f"/clusters/{cluster['id']}/test")
    assert (checked["ok"], checked["nodes"]) == (True, 2)
    service = api.post(
        "/deploy/services", name=unique("shop"), project_id=site.project, runtime_type="k8s"
    )["id"]
    api.post(f"/deploy/services/{service}/revisions", manifest=json.dumps(config(greeting="hello")))
    target = api.post(
        "/deploy/targets",
        name=unique("target"),
        project_id=site.project,
        runtime_type="k8s",
        environment_id=nodes.environment,
        cluster_id=cluster["id"],
        namespace=nodes.control.api.namespace(),
    )["id"]
    preview = api.post("/deploy/releases/preview", service_id=service, target_id=target)
    assert preview["diff"]["summary"]["create"] == 1


def test_installed_again_the_cluster_gets_new_credentials(nodes: Nodes, installed: Task) -> None:
    plane, worker = nodes.hosts
    again = nodes.start()
    again.succeeded(240)
    assert installed.id != again.id
    assert b"the cluster is there already" in again.log(again.step("init", plane))
    assert b"is a node of this cluster already" in again.log(again.step("join-workers", worker))
    [cluster] = nodes.clusters()
    rotated = f"/events?action=cluster.rotated&resource_id={cluster['id']}"
    assert nodes.site.api.all(rotated)


@pytest.mark.usefixtures("installed")
def test_the_secrets_stay_in(nodes: Nodes) -> None:
    site, api = nodes.site, nodes.site.api
    shown = [repr(api.all(f"/events?project={site.project}&limit=200")), repr(nodes.clusters())]
    for row in api.all(f"/environments/{nodes.environment}/install/tasks"):
        task = Task(api, f"/environments/{nodes.environment}/install/tasks/{row['id']}", row["id"])
        found = task.look()
        shown += [repr(row), repr(found), repr(task.events())]
        shown += [task.log(step).decode(errors="replace") for step in found["steps"]]
    stored = [f.read_bytes() for f in site.server.data_dir.rglob("*") if f.is_file()]
    handed_out = nodes.control.handed_out
    assert len(handed_out) >= 5
    assert "\u2022" in "".join(shown) or "*" * 16 in "".join(shown)  # where they were
    for secret in handed_out:
        forms = [secret, base64.b64encode(secret.encode()).decode()]
        for form in forms:
            assert form not in "".join(shown)
            assert not any(form.encode() in content for content in stored)


@pytest.mark.usefixtures("installed")
def test_uninstalled_the_hosts_are_as_they_were(nodes: Nodes) -> None:
    task = nodes.start("uninstall", remove_data=True)
    task.succeeded(240)
    assert nodes.status == "draft"
    assert nodes.control.members == {}
    for host in nodes.hosts:
        for path in ("/usr/local/bin/kubelet", "/etc/kubernetes", "/usr/sbin/conntrack"):
            assert host.exec("test", "-e", path, check=False).returncode, (host.name, path)
        state = host.exec("systemctl", "is-active", "kubelet", "containerd", check=False).stdout
        assert state.split() == ["inactive", "inactive"]
    [cluster] = nodes.clusters()  # a target is in it
    assert (cluster["status"], cluster["reason_code"]) == ("unreachable", "cluster_unreachable")


def test_three_control_planes_on_a_real_containerd(
    place: Site, control: Control, answering: Answering, built_root: Path
) -> None:
    packages = built_root / "bin/linux-amd64" / BUNDLE
    runtime = (packages / "containerd.deb", packages / "runc.deb")
    build_root(place.root, answering, runtime=runtime)
    *planes, worker = place.hosts
    roles = {**dict.fromkeys(planes, "control_plane"), worker: "worker"}
    nodes = Nodes.make(place, control, roles)
    ended = nodes.start().succeeded(600)
    assert [name for name, m in control.members.items() if m.role == "control_plane"] == [
        host.name for host in planes
    ]
    joins = [step for step in ended["steps"] if step["hook"] == "join-control-planes"]
    times = [(step["started_at"], step["finished_at"]) for step in joins]
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    images = worker.exec("ctr", "--namespace", "k8s.io", "images", "list", "--quiet").stdout
    assert "registry.k8s.io/kube-proxy:v1.31.4" in images.splitlines()
    dumped = worker.exec("containerd", "config", "dump").stdout
    assert "SystemdCgroup = true" in dumped
    assert 'sandbox_image = "registry.k8s.io/pause:3.10"' in dumped
    nodes.start("uninstall", remove_data=True).succeeded(300)
    assert control.members == {}
    assert worker.exec("sh", "-c", "command -v containerd", check=False).returncode
