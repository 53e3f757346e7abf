"""Bastions: made, chained, enrolled, and hosts checked through them on a real SSH server."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.core.models import TimelineEvent
from environments.access import login_of, secrets_of
from environments.models import Bastion, EnvironmentNode
from environments.pinning import has_other_hosts, identity
from environments.ssh.host_keys import HostKey
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site
from tests.factories.core import AdminFactory
from tests.factories.environments import BastionFactory, CredentialFactory, preview_of

pytestmark = pytest.mark.django_db
works_on_hosts = pytest.mark.django_db(transaction=True)  # in threads that see what is committed
PATH = "/environments/bastions"


def body(hosts: Site, **fields: Any) -> dict[str, Any]:
    return {
        "name": "gate",
        "project_id": hosts.project.pk,
        "host": "gate.example.net",
        "credential_id": hosts.credential.pk,
        **fields,
    }


def bastion(hosts: Site, **fields: Any) -> Bastion:
    """An enrolled one, at this machine."""
    key = HostKey.parse(hosts.sshd.public_key("host_ed25519"))
    defaults: dict[str, Any] = {
        "project": hosts.project,
        "host": "127.0.0.1",
        "port": hosts.sshd.port,
        "user": hosts.sshd.user,
        "credential": hosts.credential,
        "host_key": key.line,
        "fingerprint": key.fingerprint,
    }
    return BastionFactory.make(**defaults | fields)


def behind(hosts: Site, gate: Bastion) -> EnvironmentNode:
    node = hosts.nodes[0]
    EnvironmentNode.objects.filter(pk=node.pk).update(bastion=gate)
    node.refresh_from_db()
    return node


def test_a_bastion(hosts: Site) -> None:
    made = hosts.api.post(PATH, body(hosts)).ok(201)
    assert set(made) == {
        "id", "name", "project_id", "host", "port", "user", "credential_id", "via_id",
        "enrolled", "fingerprint", "created_at",
    }  # fmt: skip
    assert (made["port"], made["user"], made["via_id"], made["enrolled"]) == (
        22, "root", None, False,
    )  # fmt: skip
    assert hosts.api.get(f"{PATH}/{made['id']}").ok() == made
    assert hosts.api.get(PATH, project=hosts.project.pk).results == [made]
    assert hosts.api.get(PATH, project=hosts.project.pk + 1).results == []
    hosts.api.delete(f"{PATH}/{made['id']}").ok(204)
    hosts.api.get(f"{PATH}/{made['id']}").refused(404, "not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "-oProxyCommand=x"), ("host", "fe80::1%eth0"), ("host", "::1%$(id)"),
        ("port", 0), ("user", "-l"), ("name", ""),
        ("credential_id", None), ("credential_id", 10**9), ("via_id", 10**9),
        ("fingerprint", "SHA256:x"), ("host_key", "x"),
    ],
)  # fmt: skip
def test_what_is_none(hosts: Site, field: str, value: Any) -> None:
    answer = hosts.api.post(PATH, body(hosts, **{field: value}))
    if field == "fingerprint":  # read-only, and so ignored
        assert answer.ok(201)["fingerprint"] == ""
        return
    assert set(answer.refused(400, "validation_error")["fields"]) == {field}
    assert not Bastion.objects.exists()


def test_names_once_per_project_and_nothing_of_another(hosts: Site) -> None:
    mine = bastion(hosts)
    theirs = BastionFactory.make(name=mine.name)
    path = f"{PATH}/{mine.pk}"
    answer = hosts.api.post(PATH, body(hosts, name=mine.name))
    assert set(answer.refused(400, "validation_error")["fields"]) == {"name"}
    hosts.api.patch(path, {"name": mine.name}).ok()
    wrong = [
        ("via_id", hosts.api.patch(path, {"via_id": theirs.pk})),
        ("credential_id", hosts.api.patch(path, {"credential_id": theirs.credential_id})),
        (
            "bastion_id",
            hosts.api.patch(f"{hosts.path}/nodes/{hosts.nodes[0].pk}", {"bastion_id": theirs.pk}),
        ),
    ]
    for field, answer in wrong:
        assert set(answer.refused(400, "validation_error")["fields"]) == {field}
    hosts.api.get(f"{PATH}/{theirs.pk}").refused(404, "not_found")
    hosts.api.patch(path, {"project_id": theirs.project_id}).refused(400, "validation_error")


def test_at_most_five_and_never_in_a_circle(hosts: Site) -> None:
    chain = [bastion(hosts)]
    for _ in range(4):
        made = hosts.api.post(PATH, body(hosts, name=f"b{len(chain)}", via_id=chain[-1].pk))
        chain.append(Bastion.objects.get(pk=made.ok(201)["id"]))
    outside = bastion(hosts)
    refused = [
        hosts.api.post(PATH, body(hosts, name="sixth", via_id=chain[-1].pk)),
        hosts.api.patch(f"{PATH}/{chain[0].pk}", {"via_id": chain[0].pk}),
        hosts.api.patch(f"{PATH}/{chain[0].pk}", {"via_id": chain[2].pk}),
        hosts.api.patch(f"{PATH}/{chain[0].pk}", {"via_id": outside.pk}),  # six in a row
    ]
    for answer in refused:
        assert set(answer.refused(400, "validation_error")["fields"]) == {"via_id"}
    assert Bastion.objects.count() == 6
    assert Bastion.objects.get(pk=chain[0].pk).via is None
    hosts.api.patch(f"{PATH}/{chain[-1].pk}", {"via_id": outside.pk}).ok()


@works_on_hosts
def test_a_circle_that_is_there_all_the_same_is_an_error_with_a_code(hosts: Site) -> None:
    gate = bastion(hosts)
    Bastion.objects.update(via=gate)
    node = behind(hosts, gate)
    data = hosts.api.post(f"{hosts.path}/nodes/{node.pk}/check").refused(502, "ssh_unreachable")
    assert data["host"] == gate.host
    assert secrets_of(node)  # an end to this, too
    hosts.api.post(f"{PATH}/{gate.pk}/scan").refused(502, "ssh_unreachable")


def test_one_in_use_is_not_deleted(hosts: Site) -> None:
    gate, first = bastion(hosts), bastion(hosts)
    behind(hosts, gate)
    Bastion.objects.filter(pk=gate.pk).update(via=first)
    for pk in (gate.pk, first.pk):
        data = hosts.api.delete(f"{PATH}/{pk}").refused(409, "invalid_transition")
        assert data == {"from": "in_use", "to": "deleted"}
    node = hosts.nodes[0]
    hosts.api.patch(f"{hosts.path}/nodes/{node.pk}", {"bastion_id": None}).ok()
    for pk in (gate.pk, first.pk):
        hosts.api.delete(f"{PATH}/{pk}").ok(204)


def test_another_way_is_another_host(hosts: Site) -> None:
    gate = bastion(hosts)
    node = hosts.nodes[0]
    preview = preview_of(hosts.environment, hosts.admin)
    assert not has_other_hosts(preview)
    path = f"{hosts.path}/nodes/{node.pk}"
    moved = hosts.api.patch(path, {"bastion_id": gate.pk}).ok()
    assert (moved["bastion_id"], moved["enrolled"], moved["fingerprint"]) == (gate.pk, False, "")
    EnvironmentNode.objects.filter(pk=node.pk).update(
        host_key=node.host_key, fingerprint=node.fingerprint
    )
    assert has_other_hosts(preview)  # by the way alone
    assert hosts.api.patch(path, {"bastion_id": gate.pk}).ok()["enrolled"] is True  # no change


def test_a_preview_from_before_bastions_still_names_its_hosts(hosts: Site) -> None:
    node = vars(hosts.nodes[0])
    older = {name: value for name, value in identity(node).items() if name != "bastion_id"}
    assert identity(older) == identity(node)


def test_a_moved_bastion_is_another_host(hosts: Site) -> None:
    path = f"{PATH}/{bastion(hosts).pk}"
    other = bastion(hosts)
    assert hosts.api.patch(path, {"name": "renamed", "user": "gate"}).ok()["enrolled"] is True
    for change in ({"host": "192.0.2.1"}, {"port": 2222}, {"via_id": other.pk}):
        Bastion.objects.update(host_key="x", fingerprint="SHA256:x")
        moved = hosts.api.patch(path, change).ok()
        assert (moved["enrolled"], moved["fingerprint"]) == (False, "")


def test_what_opens_the_way_is_masked_in_what_the_host_says(hosts: Site) -> None:
    own = {"password": "behind-the-gate", "sudo_password": "at-the-gate"}
    credential = CredentialFactory.make(project=hosts.project, **own)
    gate = bastion(hosts, credential=credential, via=bastion(hosts))
    said = [secret.reveal() for secret in secrets_of(behind(hosts, gate))]
    assert set(own.values()) < set(said)
    assert said.count(hosts.sshd.client_key.reveal()) == 2  # the node's, and the first bastion's


@works_on_hosts
def test_from_nothing_to_facts_behind_two_bastions(hosts: Site, facts: dict[str, Any]) -> None:
    site = Site(hosts.sshd, hosts.remote)
    address = {"host": "127.0.0.1", "port": site.sshd.port, "user": site.sshd.user}
    first = site.api.post(PATH, body(site, **address)).ok(201)
    second = site.api.post(PATH, body(site, name="inner", via_id=first["id"], **address)).ok(201)
    node = f"{site.path}/nodes/{site.nodes[0].pk}"
    site.api.patch(node, {"bastion_id": second["id"]}).ok()
    places = [f"{PATH}/{first['id']}", f"{PATH}/{second['id']}", node]
    hop = f"127.0.0.1:{site.sshd.port}"
    for index, path in enumerate(places):
        if index:  # the one before it is enrolled by now; this one is not
            assert site.api.get(path).ok()["enrolled"] is False
        scanned = site.api.post(f"{path}/scan").ok()
        later = [site.api.post(f"{other}/scan") for other in places[index + 1 :]]
        for answer in later:
            data = answer.refused(502, "ssh_host_key_unknown")
            assert data.get("via", []) == [hop] * index
        wrong = site.api.post(f"{path}/enroll", {"fingerprint": "SHA256:" + "A" * 43})
        assert set(wrong.refused(400, "validation_error")["fields"]) == {"fingerprint"}
        enrolled = site.api.post(f"{path}/enroll", {"fingerprint": scanned["fingerprint"]}).ok()
        assert enrolled["enrolled"] is True
        event = TimelineEvent.objects.filter(action="node.enrolled").latest("seq")
        assert (event.resource_type, event.resource_id, event.project_id) == (
            "node" if path == node else "bastion",
            enrolled["id"],
            site.project.pk,
        )
        assert event.detail == {"fingerprint": scanned["fingerprint"], "before": ""}
    checked = site.api.post(f"{node}/check").ok()
    assert checked["facts"]["hostname"] == facts["hostname"]
    login = login_of(EnvironmentNode.objects.get(pk=site.nodes[0].pk))
    assert login.address.via == (hop, hop)


@works_on_hosts
def test_a_bastions_changed_key_is_told_of_once_and_of_the_bastion(hosts: Site) -> None:
    gate = bastion(hosts)
    EnvironmentNode.objects.update(bastion=gate)
    hosts.sshd.make_key("impostor")
    pinned = HostKey.parse(hosts.sshd.public_key("impostor"))
    Bastion.objects.update(host_key=pinned.line, fingerprint=pinned.fingerprint)
    for node in (*hosts.nodes, *hosts.nodes):
        path = f"{hosts.path}/nodes/{node.pk}"
        answer = hosts.api.post(f"{path}/check")
        data = answer.refused(502, "ssh_host_key_mismatch")
        assert (data["host"], data["port"], "via" in data) == (gate.host, gate.port, False)
        assert "On the way to" in answer.body["message"]
        assert hosts.api.get(path).ok()["reason_code"] == "ssh_host_key_mismatch"
    event = TimelineEvent.objects.get(action="node.host_key_changed")
    assert (event.resource_type, event.resource_id) == ("bastion", gate.pk)
    scanned = hosts.api.post(f"{PATH}/{gate.pk}/scan").ok()
    hosts.api.post(f"{PATH}/{gate.pk}/enroll", {"fingerprint": scanned["fingerprint"]}).ok()
    hosts.api.post(f"{hosts.path}/nodes/{hosts.nodes[0].pk}/check").ok()


@works_on_hosts
def test_an_unreachable_bastion_is_named(hosts: Site) -> None:
    gate = bastion(hosts, port=1)
    node = behind(hosts, gate)
    for verb in ("check", "scan"):
        answer = hosts.api.post(f"{hosts.path}/nodes/{node.pk}/{verb}")
        data = answer.refused(502, "ssh_unreachable")
        assert (data["host"], data["port"]) == (gate.host, 1)
        assert f"{node.host}:{node.port}" in answer.body["message"]


@works_on_hosts
def test_an_environment_behind_one_bastion_is_installed(hosts: Site, bundle: BundleRoot) -> None:
    credential = CredentialFactory.make(
        project=hosts.project,
        kind="private_key",
        password="",
        private_key=hosts.sshd.client_key,
        sudo_password="what opens the gate",
    )
    EnvironmentNode.objects.update(bastion=bastion(hosts, credential=credential))
    bundle.hook("install", "echo 'it is: what opens the gate'")
    task = hosts.run(hosts.queued())
    assert (task.status, task.reason_code) == ("succeeded", "")
    for step in hosts.steps(task, "install"):
        assert hosts.log(step) == f"it is: {'*' * len('what opens the gate')}\n"


def test_the_admin_site_shows_it_without_letting_it_change(hosts: Site) -> None:
    gate = bastion(hosts)
    browser = Client()
    browser.force_login(AdminFactory.make())
    page = browser.get(f"/admin/environments/bastion/{gate.pk}/change/")
    assert gate.fingerprint in page.content.decode()
    assert browser.post(page.request["PATH_INFO"], {"name": "other"}).status_code == 403
    assert gate.name in browser.get("/admin/environments/bastion/").content.decode()
