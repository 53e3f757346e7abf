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
                "user@host", "host:22", "-", "a" * 64, "x." * 130 + "x", "a" * 250 + "!",
            )
        ],
        ("user", "root;id"), ("user", "-l"), ("user", ""), ("user", "ro\not"),
        ("port", 0), ("port", 65536), ("port", "ssh"),
        ("role", "worker"), ("role", "king"),
        ("name", ""), ("credential_id", 10**9), ("credential_id", None),
    ],
)  # fmt: skip
def test_what_is_none(hosts: Site, field: str, value: Any) -> None:
    answer = hosts.api.post(f"{hosts.path}/nodes", body(hosts, **{field: value}))
    assert set(answer.refused(400, "validation_error")["fields"]) == {field}
    assert EnvironmentNode.objects.count() == 2


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
def test_a_changed_host_key_is_refused_and_told(hosts: Site) -> None:
    hosts.sshd.make_key("impostor")
    pinned = HostKey.parse(hosts.sshd.public_key("impostor"))
    node = hosts.nodes[0]
    EnvironmentNode.objects.filter(pk=node.pk).update(
        host_key=pinned.line, fingerprint=pinned.fingerprint
    )
    data = hosts.api.post(f"{hosts.path}/nodes/{node.pk}/check").refused(
        502, "ssh_host_key_mismatch"
    )
    assert data["expected"] == pinned.fingerprint
    event = TimelineEvent.objects.get(action="node.host_key_changed")
    assert (event.resource_id, event.project_id) == (node.pk, hosts.project.pk)
    assert hosts.api.get(f"{hosts.path}/nodes/{node.pk}").ok()["reason_code"] == (
        "ssh_host_key_mismatch"
    )


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
