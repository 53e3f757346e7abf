"""Hosts that don't answer, answer as somebody else, or let nobody in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.api import APIError
from tests.e2e import roots
from tests.e2e.site import Site, add_credential, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

KEYS = "/etc/ssh/ssh_host_ed25519_key"
NEW_KEY = f"""
set -e
mkdir -p /root/old-keys
mv {KEYS} {KEYS}.pub /root/old-keys
ssh-keygen -q -t ed25519 -N '' -f {KEYS}
systemctl restart ssh
"""
OLD_KEY = f"mv -f /root/old-keys/* {KEYS.rpartition('/')[0]} && systemctl restart ssh"


@pytest.fixture
def silent(site: Site) -> Iterator[Host]:
    """A host that a test pauses, running again afterwards."""
    host = site.hosts[1]
    yield host
    host.unpause()


def test_a_silent_hosts_steps_fail_and_say_why(site: Site, silent: Host) -> None:
    mark = unique("mark")
    environment = site.environment(*site.hosts)
    preview = site.preview(environment, mark=mark)
    silent.pause()
    task = site.start(environment, preview)
    ended = task.ended(120)
    assert (ended["status"], ended["reason_code"]) == ("failed", "ssh_unreachable")
    reasons = {step["node"]["name"]: step["reason_code"] for step in ended["steps"][:2]}
    assert reasons == {site.hosts[0].name: "", silent.name: "ssh_unreachable"}
    failed = task.step("transfer", silent)
    assert failed["status"] == "failed"
    assert silent.address.encode() in task.log(failed)  # the message names the host
    told = next(e for e in task.events() if e["detail"].get("reason_code"))
    assert told["detail"]["reason_code"] == "ssh_unreachable"
    assert site.hosts[0].exec("test", "-e", f"{roots.EFFECTS}/{mark}", check=False).returncode


def test_a_host_key_that_changes_is_refused_and_told(site: Site) -> None:
    host = site.hosts[1]
    environment = site.environment(host)
    host.exec("sh", "-c", NEW_KEY)
    try:
        with pytest.raises(APIError) as refused:
            site.preview(environment, mark="none")
    finally:
        host.exec("sh", "-c", OLD_KEY)
    assert (refused.value.status, refused.value.code) == (502, "ssh_host_key_mismatch")
    assert refused.value.data["expected"] == host.fingerprint
    node = site.nodes(environment)[0]
    assert node["reason_code"] == "ssh_host_key_mismatch"
    told = site.api.all(f"/events?action=node.host_key_changed&resource_id={node['id']}")
    assert len(told) == 1
    assert told[0]["detail"]["offered"] == refused.value.data["offered"]
    site.preview(environment, mark="none")  # the old key is back


def test_a_wrong_key_gets_nobody_in(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    wrong = add_credential(site.api, site.project, file.read_text())
    with pytest.raises(APIError) as refused:
        site.preview(site.environment(site.hosts[0], credential=wrong), mark="none")
    assert (refused.value.status, refused.value.code) == (502, "ssh_auth_failed")


def test_a_user_with_sudo_installs_as_root(site: Site) -> None:
    host, mark = site.hosts[0], unique("mark")
    environment = site.environment(host, user="deploy")
    site.install(environment, mark=mark).succeeded()
    assert site.nodes(environment)[0]["facts"]["privilege"] == "sudo"
    assert host.exec("stat", "-c", "%U", f"{roots.EFFECTS}/{mark}").stdout == "root\n"
