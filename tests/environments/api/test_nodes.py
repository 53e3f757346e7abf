"""Nodes: what may be a host, and scan, enrol and check against a real SSH server."""

from __future__ import annotations

from typing import Any

import pytest

from config.core.models import TimelineEvent
from environments.models import EnvironmentNode
from environments.ssh.host_keys import HostKey
from tests.environments.api.site import Site
from tests.factories.environments import CredentialFactory

pytestmark = pytest.mark.django_db
works_on_hosts = pytest.mark.django_db(transaction=True)  # in threads that see what is committed


def body(hosts: Site, **fields: Any) -> dict[str, Any]:
    return {
        "name": "third",
        "host": "third.example.net",
        "role": "compose",
        "credential_id": hosts.credential.pk,
        **fields,
    }


@pytest.mark.parametrize("host", ["10.0.0.7", "2001:db8::7", "web-1.example.net", "db_1", "a"])
def test_a_host(hosts: Site, host: str) -> None:
    made = hosts.api.post(f"{hosts.path}/nodes", body(hosts, host=host)).ok(201)
    assert (made["host"], made["port"], made["user"], made["enrolled"]) == (host, 22, "root", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            ("host", host)
            for host in (
                "-oProxyCommand=x", "a b", "host;rm", "$(id)", "a\nb", "a..b", "", "`id`",
                "fe80::1%eth0", "::1%$(id)", "[::1]",
                "user@host", "host:22", "-", "a" * 64, "x." * 130 + "x", "a" * 250 + "!",
            )
        ],
        ("user", "root;id"), ("user", "-l"), ("user", ""), ("user", "ro\not"),
        ("port", 0), ("port", 65536), ("port", "ssh"),
        ("role", "worker"), ("role", "king"),
        ("name", ""), ("credential_id", 10**9), ("credential_id", None), ("bastion_id", 10**9),
    ],
)  # fmt: skip
def test_what_is_none(hosts: Site, field: str, value: Any) -> None:
    answer = hosts.api.post(f"{hosts.path}/nodes", body(hosts, **{field: value}))
    assert set(answer.refused(400, "validation_error")["fields"]) == {field}
    assert EnvironmentNode.objects.count() == 2


def test_an_address_has_one_spelling(hosts: Site) -> None:
    made = hosts.api.post(f"{hosts.path}/nodes", body(hosts, host="2001:DB8:0:0::7")).ok(201)
    assert made["host"] == "2001:db8::7"
    answer = hosts.api.post(f"{hosts.path}/nodes", body(hosts, name="4th", host="2001:0db8::0007"))
    assert set(answer.refused(400, "validation_error")["fields"]) == {"host"}


@works_on_hosts
def test_an_ipv6_host_is_reached_and_named_in_brackets(hosts: Site) -> None:
    node = hosts.node("::1")
    path = f"{hosts.path}/nodes/{node.pk}"
    assert hosts.api.post(f"{path}/check").ok()["facts"]["os"]
    EnvironmentNode.objects.filter(pk=node.pk).update(port=1)
    answer = hosts.api.post(f"{path}/check")
    assert answer.refused(502, "ssh_unreachable")["host"] == "::1"
    assert "[::1]:1 " in answer.body["message"]


def test_a_credential_of_another_project(hosts: Site) -> None:
    other = CredentialFactory.make()
    answer = hosts.api.post(f"{hosts.path}/nodes", body(hosts, credential_id=other.pk))
    assert set(answer.refused(400, "validation_error")["fields"]) == {"credential_id"}


def test_names_and_addresses_once_per_environment(hosts: Site) -> None:
    node = hosts.nodes[0]
    for taken in ({"name": node.name}, {"host": node.host, "port": node.port}):
        answer = hosts.api.post(f"{hosts.path}/nodes", body(hosts, **taken))
        assert set(answer.refused(400, "validation_error")["fields"]) <= set(taken)


@works_on_hosts
def test_from_nothing_to_facts(hosts: Site, facts: dict[str, Any]) -> None:
    site = Site(hosts.sshd, hosts.remote)
    site.environment.nodes.all().delete()
    node = site.node("127.0.0.1", enrolled=False)
    path = f"{site.path}/nodes/{node.pk}"
    site.api.post(f"{path}/check").refused(502, "ssh_host_key_unknown")
    scanned = site.api.post(f"{path}/scan").ok()
    key = HostKey.parse(hosts.sshd.public_key("host_ed25519"))
    assert scanned == {"fingerprint": key.fingerprint, "key_type": "ssh-ed25519"}
    assert site.api.get(path).ok()["enrolled"] is False  # to look at a key is not to trust it
    wrong = site.api.post(f"{path}/enroll", {"fingerprint": "SHA256:" + "A" * 43})
    assert set(wrong.refused(400, "validation_error")["fields"]) == {"fingerprint"}
    enrolled = site.api.post(f"{path}/enroll", scanned | {}).status
    assert enrolled == 400  # key_type is no field of this
    body_ = site.api.post(f"{path}/enroll", {"fingerprint": scanned["fingerprint"]}).ok()
    assert (body_["enrolled"], body_["fingerprint"]) == (True, key.fingerprint)
    event = TimelineEvent.objects.get(action="node.enrolled")
    assert event.detail == {"fingerprint": key.fingerprint, "before": ""}
    checked = site.api.post(f"{path}/check").ok()
    for name in ("os", "release", "arch", "cpus", "hostname", "privilege"):
        assert checked["facts"][name] == facts[name]
    assert checked["checked_at"]
    assert checked["reason_code"] == ""


@works_on_hosts
def test_a_changed_host_key_is_refused_told_once_and_enrolled_anew(hosts: Site) -> None:
    node, sshd = hosts.nodes[0], hosts.sshd
    path = f"{hosts.path}/nodes/{node.pk}"
    told = TimelineEvent.objects.filter(action="node.host_key_changed")

    def pin(name: str) -> HostKey:
        key = HostKey.parse(sshd.public_key(name))
        changes = {"host_key": key.line, "fingerprint": key.fingerprint}
        EnvironmentNode.objects.filter(pk=node.pk).update(**changes)
        return key

    sshd.make_key("impostor")
    pinned = pin("impostor")
    for _ in range(3):
        data = hosts.api.post(f"{path}/check").refused(502, "ssh_host_key_mismatch")
        assert data["expected"] == pinned.fingerprint
        assert hosts.api.get(path).ok()["reason_code"] == "ssh_host_key_mismatch"
    event = told.get()
    assert (event.resource_id, event.project_id) == (node.pk, hosts.project.pk)
    assert event.detail["offered"] == data["offered"]
    # Whoever compared the new fingerprint enrols the host again, and it works.
    enrolled = hosts.api.post(f"{path}/enroll", {"fingerprint": data["offered"]}).ok()
    assert (enrolled["fingerprint"], enrolled["reason_code"]) == (data["offered"], "")
    assert hosts.api.post(f"{path}/check").ok()["facts"]
    again = TimelineEvent.objects.get(action="node.enrolled")
    assert again.detail == {"fingerprint": data["offered"], "before": pinned.fingerprint}
    # The same change after that is another one; so is one after the host was all right.
    for count in (2, 3):
        pin("impostor")
        for _ in range(2):
            hosts.api.post(f"{path}/check").refused(502, "ssh_host_key_mismatch")
        assert told.count() == count
        pin("host_ed25519")
        hosts.api.post(f"{path}/check").ok()


@works_on_hosts
def test_a_credential_that_the_host_refuses(hosts: Site) -> None:
    hosts.credential.private_key = hosts.sshd.make_key("not_authorized")
    hosts.credential.save()
    hosts.api.post(f"{hosts.path}/nodes/{hosts.nodes[0].pk}/check").refused(502, "ssh_auth_failed")


@works_on_hosts
def test_nobody_answers(hosts: Site) -> None:
    EnvironmentNode.objects.update(port=1)
    EnvironmentNode.objects.filter(pk=hosts.nodes[1].pk).delete()
    path = f"{hosts.path}/nodes/{hosts.nodes[0].pk}"
    for verb in ("check", "scan"):
        data = hosts.api.post(f"{path}/{verb}").refused(502, "ssh_unreachable")
        assert data["port"] == 1


def test_at_another_address_it_is_another_host(hosts: Site) -> None:
    path = f"{hosts.path}/nodes/{hosts.nodes[0].pk}"
    assert hosts.api.patch(path, {"name": "renamed"}).ok()["enrolled"] is True
    moved = hosts.api.patch(path, {"host": "192.0.2.7"}).ok()
    assert (moved["enrolled"], moved["fingerprint"], moved["facts"]) == (False, "", {})


def test_a_host_that_was_added_by_mistake_goes(hosts: Site) -> None:
    made = hosts.api.post(f"{hosts.path}/nodes", body(hosts)).ok(201)
    path = f"{hosts.path}/nodes/{made['id']}"
    hosts.api.delete(path).ok(204)
    hosts.api.get(path).refused(404, "not_found")
    hosts.api.post(f"{hosts.path}/nodes", body(hosts)).ok(201)


@works_on_hosts
@pytest.mark.usefixtures("bundle")
def test_a_host_on_which_something_was_done_stays(hosts: Site) -> None:
    hosts.queued()
    path = f"{hosts.path}/nodes/{hosts.nodes[0].pk}"
    hosts.api.delete(path).refused(409, "invalid_transition")
    assert hosts.api.get(path).ok()["enrolled"]
