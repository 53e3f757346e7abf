"""Passwords, questions and sudo, on a host with PAM and accounts of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from config.core.errors import SSHAuthFailed, SSHUnreachable
from config.core.secrets import Secret
from environments.ssh.connection import Connection, Login
from environments.ssh.facts import gather
from tests.environments.ssh.listening import said
from tests.lab import Host
from tests.lab.fixtures import LabNamed

pytestmark = pytest.mark.lab

PASSWORD = "correct-horse-battery-canary"
ACCOUNTS = f"""
set -eu
for user in asked spared stranger needstty; do
    useradd --create-home --shell /bin/bash "$user"
    echo "$user:{PASSWORD}" | chpasswd
done
cat >/etc/sudoers.d/test <<'RULES'
asked ALL=(ALL) ALL
spared ALL=(ALL) NOPASSWD: ALL
needstty ALL=(ALL) NOPASSWD: ALL
Defaults:needstty requiretty
RULES
"""
SETTINGS = "/etc/ssh/sshd_config.d/00-test.conf"
PASSWORDS = "PasswordAuthentication yes\nKbdInteractiveAuthentication no"
QUESTIONS = "PasswordAuthentication no\nKbdInteractiveAuthentication yes"
BOTH_FACTORS = f"{PASSWORDS}\nAuthenticationMethods publickey,password"
DROP = ("-p", "tcp", "--dport", "22", "-j", "DROP")


@pytest.fixture(scope="module")
def host(lab_named: LabNamed) -> Iterator[Host]:
    with lab_named("ssh") as lab:
        host = lab.up(1)[0]
        host.exec("sh", "-c", ACCOUNTS)
        yield host


@pytest.fixture(scope="module")
def serving(host: Host) -> Callable[[str], None]:
    """Has the host's server follow these settings."""

    def serve(settings: str) -> None:
        lines = f"UsePAM yes\nMaxAuthTries 6\n{settings}\n"
        host.exec("sh", "-c", f"cat >{SETTINGS} && sshd -t && systemctl reload ssh",
                  input=lines.encode())  # fmt: skip
        time.sleep(0.5)  # a reload is not waited for

    return serve


def login(host: Host, user: str, *, password: str = PASSWORD, sudo: str = "") -> Login:
    return Login(
        host=host.address,
        port=host.port,
        user=user,
        host_key=host.host_key,
        password=Secret(password),
        sudo_password=Secret(sudo) if sudo else None,
    )


@pytest.mark.parametrize("settings", [PASSWORDS, QUESTIONS])
def test_a_password(host: Host, serving: Callable[[str], None], settings: str) -> None:
    serving(settings)
    with Connection.open(login(host, "spared")) as connection:
        assert connection.run("id -un", as_root=False).stdout == b"spared\n"
    for wrong in (
        login(host, "spared", password="wrong"),
        login(host, "nobody-here"),
    ):
        began = time.monotonic()
        with pytest.raises(SSHAuthFailed) as caught:
            Connection.open(wrong)
        assert time.monotonic() - began < 10
        assert caught.value.data == {"host": host.address, "port": 22}


def test_who_asks_for_more_than_a_password_is_quoted(
    host: Host, serving: Callable[[str], None]
) -> None:
    serving(QUESTIONS)
    host.exec("chage", "-d", "0", "stranger")  # at the next login: "New password:"
    try:
        began = time.monotonic()
        with pytest.raises(SSHAuthFailed, match="more than a password"):
            Connection.open(login(host, "stranger"))
        assert time.monotonic() - began < 15
    finally:
        host.exec("chage", "-d", "-1", "stranger")
    with Connection.open(login(host, "stranger")):  # the password is the same
        pass


def test_two_factors(host: Host, serving: Callable[[str], None]) -> None:
    serving(BOTH_FACTORS)
    try:
        both = replace(login(host, "deploy"), private_key=Secret(host.key_path.read_text()))
        host.exec("sh", "-c", f"echo 'deploy:{PASSWORD}' | chpasswd")
        with Connection.open(both) as connection:
            assert connection.run("id -un").stdout == b"root\n"
        for one in (replace(both, password=None), replace(both, private_key=None)):
            with pytest.raises(SSHAuthFailed):
                Connection.open(one)
    finally:
        serving(PASSWORDS)


def test_sudo(host: Host, serving: Callable[[str], None]) -> None:
    serving(PASSWORDS)
    data = bytes(range(256)) * 4000
    for user, sudo in (("spared", ""), ("spared", "needless"), ("asked", PASSWORD)):
        with Connection.open(login(host, user, sudo=sudo)) as connection:
            assert connection.run("id -un").stdout == b"root\n"
            assert connection.run("id -un", as_root=False).words == [user]
            assert connection.run("cat", stdin=data).stdout == data
            assert gather(connection).privilege == "sudo"


@pytest.mark.parametrize(
    ("user", "sudo", "said"),
    [
        ("asked", "", "password"),
        ("asked", "wrong", "password"),
        ("stranger", PASSWORD, "not in the sudoers|not allowed|may not run"),
        ("stranger", "", "password"),
        ("needstty", "", "tty"),
        ("needstty", PASSWORD, "tty"),
    ],
)
def test_sudo_refuses(
    host: Host, serving: Callable[[str], None], user: str, sudo: str, said: str
) -> None:
    serving(PASSWORDS)
    with Connection.open(login(host, user, sudo=sudo)) as connection:
        began = time.monotonic()
        with pytest.raises(SSHAuthFailed, match=said) as caught:
            connection.run("id -un")
        assert time.monotonic() - began < 15  # sudo itself waits after a wrong password
        assert caught.value.data == {"host": host.address, "port": 22}
        assert PASSWORD not in str(caught.value)
        assert gather(connection).privilege == "none"


def test_a_password_is_in_no_command_line_and_no_environment(
    host: Host, serving: Callable[[str], None]
) -> None:
    serving(PASSWORDS)
    look = "sleep 1; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'"
    with Connection.open(login(host, "asked", sudo=PASSWORD)) as connection:
        seen = connection.run(look).stdout
    assert b"sudo" in seen  # it runs meanwhile
    assert PASSWORD.encode() not in seen
    log = host.exec("journalctl", "--no-pager").stdout
    assert "COMMAND=" in log
    assert PASSWORD not in log


@contextmanager
def silence(host: Host) -> Iterator[None]:
    """Packets to the host's server are dropped."""
    host.exec("iptables", "-I", "INPUT", *DROP)
    try:
        yield
    finally:
        host.exec("iptables", "-D", "INPUT", *DROP)


def test_a_network_that_drops_everything_is_noticed(
    host: Host, serving: Callable[[str], None]
) -> None:
    serving(PASSWORDS)
    with Connection.open(login(host, "spared")) as connection:
        stream = said(connection, "echo first; exec sleep 120", idle_timeout=120)
        assert next(stream) == b"first\n"
        with silence(host):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable):
                next(stream)
            assert 20 < time.monotonic() - began < 45
        assert not connection.alive
