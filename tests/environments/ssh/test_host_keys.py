from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from config.core.errors import SSHHostKeyMismatch, SSHHostKeyUnknown, SSHUnreachable
from environments.ssh.connection import Connection, Login
from environments.ssh.host_keys import HostKey, fingerprint
from environments.ssh.scanning import scan
from tests.environments.ssh.sshd import KEY_TYPES, LocalSSHD


def test_a_scan_reads_the_key_without_logging_in(sshd: LocalSSHD) -> None:
    found = scan("127.0.0.1", sshd.port)

    line = " ".join(sshd.public_key("host_ed25519").split()[:2])
    assert found == HostKey("ssh-ed25519", line, fingerprint(line))


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_fingerprints_are_those_of_openssh(sshd: LocalSSHD, kind: str) -> None:
    path = sshd.folder / f"host_{kind}.pub"
    said = subprocess.check_output(["ssh-keygen", "-lf", str(path)], text=True).split()[1]

    assert fingerprint(path.read_text()) == said


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-ed25519 AAAA", "ssh-rsa AAAAC3NzaC1lZDI1NTE5"],
)
def test_what_is_no_key_line_has_no_fingerprint(line: str) -> None:
    with pytest.raises(ValueError, match="public key line"):
        fingerprint(line)


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_server_with_several_keys_offers_the_pinned_one(sshd: LocalSSHD, kind: str) -> None:
    with Connection.open(sshd.login(key_type=kind)) as connection:
        assert connection.run("echo in").stdout == b"in\n"


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_a_changed_key_is_a_mismatch(sshd: LocalSSHD, kind: str) -> None:
    sshd.make_key(f"other_{kind}", kind)
    login = replace(sshd.login(), host_key=sshd.public_key(f"other_{kind}"))

    with pytest.raises(SSHHostKeyMismatch) as caught:
        Connection.open(login)

    assert caught.value.data == {
        "host": "127.0.0.1",
        "port": sshd.port,
        "expected": fingerprint(login.host_key),
        "offered": fingerprint(sshd.public_key(f"host_{kind}")),
    }


def test_a_server_that_lost_the_pinned_type_is_a_mismatch(sshd: LocalSSHD) -> None:
    with LocalSSHD(host_keys=("ecdsa",)) as other:
        login = replace(other.login(), host_key=sshd.public_key("host_ed25519"))
        with pytest.raises(SSHHostKeyMismatch):
            Connection.open(login)


@pytest.mark.parametrize("line", ["", "no key"])
def test_nothing_is_sent_to_a_host_that_is_not_enrolled(line: str) -> None:
    # Port 1 refuses connections: had one been tried, this would be SSHUnreachable.
    with pytest.raises(SSHHostKeyUnknown) as caught:
        Connection.open(Login(host="127.0.0.1", port=1, user="root", host_key=line))

    assert caught.value.data == {"host": "127.0.0.1", "port": 1}


def test_a_scan_of_a_closed_port_is_unreachable() -> None:
    with pytest.raises(SSHUnreachable):
        scan("127.0.0.1", 1)
