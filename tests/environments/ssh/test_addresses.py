"""IPv6, and how addresses are written where people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.core.errors import SSHHostKeyMismatch, SSHHostKeyUnknown, SSHUnreachable
from environments.ssh.address import Address
from environments.ssh.connection import Connection
from environments.ssh.scanning import scan
from tests.environments.ssh.sshd import LocalSSHD


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (Address("::1", 2222), "[::1]:2222"),
        (Address("2001:db8::7", 22), "[2001:db8::7]:22"),
        (Address("192.0.2.7", 22), "192.0.2.7:22"),
        (Address("db.example.net", 2222), "db.example.net:2222"),
    ],
)
def test_an_address_as_it_is_written(address: Address, written: str) -> None:
    assert str(address) == written


@pytest.mark.parametrize("via", ["", "127.0.0.1", "::1"])
def test_over_ipv6(sshd: LocalSSHD, via: str) -> None:
    bastion = sshd.login(host=via) if via else None
    with Connection.open(sshd.login(host="::1", via=bastion)) as connection:
        assert connection.run('echo "$SSH_CONNECTION"').words[2] == "::1"
    assert scan("::1", sshd.port, via=bastion) == scan("127.0.0.1", sshd.port)


def test_errors_write_brackets(sshd: LocalSSHD) -> None:
    sshd.make_key("other_ed25519")
    login = sshd.login(host="::1")
    wrong = replace(login, host_key=sshd.public_key("other_ed25519"))
    place = f"[::1]:{sshd.port}"
    for error, tried, named in (
        (SSHHostKeyMismatch, wrong, place),
        (SSHHostKeyUnknown, replace(login, host_key=""), place),
        (SSHUnreachable, replace(login, port=1), "[::1]:1"),
        (SSHUnreachable, replace(login, port=1, via=login), "[::1]:1"),
        (SSHHostKeyMismatch, replace(login, via=wrong), place),
    ):
        with pytest.raises(error) as caught:
            Connection.open(tried)
        assert named in caught.value.message
        assert caught.value.data["host"] == "::1"
        assert caught.value.data.get("via", [place]) == [place]
