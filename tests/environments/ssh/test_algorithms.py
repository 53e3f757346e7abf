"""What is too weak is refused, and the error says what it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.core.errors import SSHAuthFailed, SSHHostKeyMismatch, SSHUnreachable
from environments.ssh.connection import Connection
from environments.ssh.scanning import scan
from tests.environments.ssh.sshd import LocalSSHD

pytestmark = pytest.mark.usefixtures("sshd")  # skips where there is none


@pytest.mark.parametrize(
    ("option", "names", "kind"),
    [
        ("KexAlgorithms", "diffie-hellman-group1-sha1", "key exchange"),
        (
            "KexAlgorithms",
            "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1",
            "key exchange",
        ),
        ("Ciphers", "3des-cbc,aes128-cbc,aes256-cbc", "ciphers"),
        ("MACs", "hmac-sha1,hmac-md5,hmac-sha1-96,umac-64@openssh.com", "MACs"),
        ("MACs", "hmac-sha1-etm@openssh.com", "MACs"),
    ],
)
def test_a_server_that_is_only_weak(option: str, names: str, kind: str) -> None:
    with LocalSSHD(options={option: names}) as server:
        for attempt in (
            lambda: Connection.open(server.login()),
            lambda: scan("127.0.0.1", server.port),
        ):
            with pytest.raises(SSHUnreachable, match="too weak") as caught:
                attempt()
            assert caught.value.data == {
                "host": "127.0.0.1",
                "port": server.port,
                "weak": {kind: names.split(",")},
            }
            assert names.split(",")[0] in caught.value.message


def test_a_host_key_that_is_proved_with_sha1_only() -> None:
    options = {"HostKeyAlgorithms": "ssh-rsa"}
    with LocalSSHD(host_keys=("rsa",), options=options) as server:
        for attempt in (
            lambda: Connection.open(server.login()),
            lambda: scan("127.0.0.1", server.port),
        ):
            with pytest.raises(SSHUnreachable, match="ssh-rsa") as caught:
                attempt()
            assert caught.value.data["weak"] == {"host key algorithms": ["ssh-rsa"]}


def test_a_pinned_rsa_key_that_is_proved_with_sha1_only_is_not_called_changed() -> None:
    options = {"HostKeyAlgorithms": "ssh-rsa,ecdsa-sha2-nistp256"}
    with (
        LocalSSHD(host_keys=("rsa", "ecdsa"), options=options) as server,
        pytest.raises(SSHUnreachable, match="too weak"),
    ):
        Connection.open(server.login(key_type="rsa"))


def test_dsa_host_keys() -> None:
    options = {"HostKeyAlgorithms": "ssh-dss"}
    with LocalSSHD(host_keys=("dsa",), options=options) as server:
        with pytest.raises(SSHUnreachable) as caught:
            scan("127.0.0.1", server.port)
        assert caught.value.data["weak"] == {"host key algorithms": ["ssh-dss"]}


def test_short_rsa_host_keys() -> None:
    with LocalSSHD(host_keys=("rsa",)) as server:
        server.stop()
        server.make_key("host_rsa", "rsa", bits=1024)
        server.start()
        with pytest.raises(SSHUnreachable) as caught:
            Connection.open(server.login())
        assert caught.value.data["weak"] == {"host key": ["RSA with 1024 bits"]}
        server.stop()
        server.make_key("host_rsa", "rsa", bits=2048)
        server.start()
        with Connection.open(server.login()) as connection:
            assert connection.run("echo in").stdout == b"in\n"


def test_what_is_strong_but_unknown_here_is_named() -> None:
    name = "chacha20-poly1305@openssh.com"
    with LocalSSHD(options={"Ciphers": name}) as server:
        with pytest.raises(SSHUnreachable, match=f"ciphers: {name}") as caught:
            Connection.open(server.login())
        assert "weak" not in caught.value.data


def test_a_lost_type_of_key_is_still_a_mismatch(sshd: LocalSSHD) -> None:
    with LocalSSHD(host_keys=("rsa",)) as other:
        login = replace(other.login(), host_key=sshd.public_key("host_ed25519"))
        with pytest.raises(SSHHostKeyMismatch, match="no longer"):
            Connection.open(login)


def test_signing_in_with_sha1_only() -> None:
    with LocalSSHD(options={"PubkeyAcceptedAlgorithms": "ssh-rsa,ssh-ed25519"}) as server:
        key = server.make_key("user", "rsa")
        server.authorize("user")
        with pytest.raises(SSHAuthFailed):
            Connection.open(replace(server.login(), private_key=key))
        assert Connection.open(server.login()).alive  # its other key


@pytest.mark.filterwarnings("ignore:SSH DSA key support is deprecated")
@pytest.mark.parametrize("format", ["", "PEM", "PKCS8"])
def test_user_keys_that_are_too_weak(sshd: LocalSSHD, format: str) -> None:
    for kind, bits, reason in (
        ("rsa", 2048, "2048 bits; at least 3072"),
        ("dsa", 0, "DSA keys are too weak"),
    ):
        key = sshd.make_key("weak", kind, bits=bits, format=format)
        sshd.authorize("weak")
        with pytest.raises(SSHAuthFailed, match=reason):
            Connection.open(replace(sshd.login(), private_key=key))
