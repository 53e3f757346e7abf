"""Hosts behind others: every hop's key is checked, and errors name the hop that failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from config.core.errors import (
    SSHAuthFailed,
    SSHError,
    SSHHostKeyMismatch,
    SSHHostKeyUnknown,
    SSHUnreachable,
)
from config.core.secrets import Secret
from environments.ssh.connection import Connection, Login
from environments.ssh.pool import ConnectionPool
from environments.ssh.scanning import scan
from tests.environments.ssh.listening import said
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire

HOPS = ("127.0.0.1", *(f"127.0.1.{n}" for n in range(1, 6)))


@pytest.fixture(scope="module")
def bastion(sshd: LocalSSHD) -> Iterator[LocalSSHD]:
    """One that lets nobody run anything."""
    assert sshd
    options = {"MaxSessions": "0", "X11Forwarding": "no", "AllowTcpForwarding": "local"}
    with LocalSSHD(addresses=HOPS, options=options) as server:
        yield server


def has_connections(bastion: LocalSSHD, count: int) -> bool:
    """Within a moment: a process outlives its connection by a little."""
    deadline = time.monotonic() + 5
    while len(bastion.sessions()) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(bastion.sessions()) == count


def chain(bastion: LocalSSHD, length: int) -> Login:
    login = bastion.login(host="127.0.1.1")
    for n in range(2, length + 1):
        login = bastion.login(host=f"127.0.1.{n}", via=login)
    return login


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_command_through_bastions(sshd: LocalSSHD, bastion: LocalSSHD, length: int) -> None:
    data = bytes(range(256)) * 4000
    with Connection.open(sshd.login(via=chain(bastion, length))) as connection:
        assert connection.run("cat", stdin=data).stdout == data
        assert has_connections(bastion, length)
    assert has_connections(bastion, 0)  # closed together


def test_a_scan_through_bastions(sshd: LocalSSHD, bastion: LocalSSHD) -> None:
    via = chain(bastion, 2)
    assert scan("127.0.0.1", sshd.port, via=via) == scan("127.0.0.1", sshd.port)
    with pytest.raises(SSHUnreachable) as caught:
        scan("127.0.0.1", 1, via=via)
    assert caught.value.data == {
        "host": "127.0.0.1",
        "port": 1,
        "via": [f"127.0.1.1:{bastion.port}", f"127.0.1.2:{bastion.port}"],
    }


def test_thirty_hosts_share_one_connection_to_their_bastion(
    sshd: LocalSSHD, bastion: LocalSSHD
) -> None:
    via = bastion.login()
    logins = [replace(sshd.login(via=via), sudo_password=Secret(f"{n}")) for n in range(30)]
    began = time.monotonic()
    with ConnectionPool() as pool, ThreadPoolExecutor(30) as threads:
        said = list(threads.map(lambda login: pool.get(login).run("echo in").stdout, logins))
        assert said == [b"in\n"] * 30
        assert has_connections(bastion, 1)
        assert len({id(pool.get(login)) for login in logins}) == 30
    assert time.monotonic() - began < 30


def test_a_bastion_that_dies_takes_its_hosts_with_it_and_both_come_back(
    sshd: LocalSSHD, bastion: LocalSSHD
) -> None:
    with Wire(bastion.port) as wire, ConnectionPool() as pool:
        login = sshd.login(via=replace(bastion.login(), port=wire.port))
        connection = pool.get(login)
        stream = said(connection, "echo first; exec sleep 30")
        assert next(stream) == b"first\n"
        wire.cut()
        with pytest.raises(SSHUnreachable) as caught:
            next(stream)
        assert caught.value.data["via"] == [f"127.0.0.1:{wire.port}"]
        assert not connection.alive
        assert pool.get(login).run("echo back").stdout == b"back\n"


def test_a_bastion_that_does_not_answer_costs_its_hosts_one_timeout(sshd: LocalSSHD) -> None:
    with Wire(1) as wire, ConnectionPool(timeout=1) as pool, ThreadPoolExecutor(20) as threads:
        wire.hold()  # it accepts, and says nothing
        silent = replace(sshd.login(), port=wire.port)
        at_once = threading.Barrier(20)

        def fail(n: int) -> SSHError:
            at_once.wait()
            with pytest.raises(SSHUnreachable) as caught:
                pool.get(sshd.login(host=f"127.0.2.{n}", via=silent))
            return caught.value

        began = time.monotonic()
        errors = list(threads.map(fail, range(1, 21)))
        assert time.monotonic() - began < 4
    for n, error in enumerate(errors, 1):
        assert error.data == {"host": "127.0.0.1", "port": wire.port}
        assert error.message.startswith(f"On the way to 127.0.2.{n}:{sshd.port}: ")
        assert error.message.count("On the way") == 1


def test_the_hop_that_fails_is_named(sshd: LocalSSHD, bastion: LocalSSHD) -> None:
    first = bastion.login(host="127.0.1.1")
    sshd.make_key("other_ed25519")
    other_key, nobodys = sshd.public_key("other_ed25519"), sshd.make_key("nobodys")
    second = bastion.login(host="127.0.1.2", via=first)
    host, impostor = sshd.login(), replace(first, host_key=other_key)
    cases: list[tuple[Login, type[SSHError], str, int]] = [
        (replace(host, via=replace(first, port=1)), SSHUnreachable, "127.0.1.1", 0),
        (replace(host, via=replace(second, port=1)), SSHUnreachable, "127.0.1.2", 1),
        (replace(host, via=second, port=1), SSHUnreachable, "127.0.0.1", 2),
        (replace(host, via=second, host="host.invalid"), SSHUnreachable, "host.invalid", 2),
        (replace(host, via=impostor), SSHHostKeyMismatch, "127.0.1.1", 0),
        (
            replace(host, via=replace(second, host_key=other_key)),
            SSHHostKeyMismatch,
            "127.0.1.2",
            1,
        ),
        (replace(host, via=second, host_key=other_key), SSHHostKeyMismatch, "127.0.0.1", 2),
        (replace(host, via=replace(second, host_key="")), SSHHostKeyUnknown, "127.0.1.2", 1),
        (replace(host, via=replace(second, private_key=nobodys)), SSHAuthFailed, "127.0.1.2", 1),
        (replace(host, via=second, private_key=nobodys), SSHAuthFailed, "127.0.0.1", 2),
    ]
    way = [f"127.0.1.1:{bastion.port}", f"127.0.1.2:{bastion.port}"]
    for login, kind, failed, hops in cases:
        with pytest.raises(kind) as caught:
            Connection.open(login, timeout=5)
        assert caught.value.data["host"] == failed
        assert caught.value.data.get("via", []) == way[:hops]
        assert failed in caught.value.message
        assert ("On the way to" in caught.value.message) == (hops < 2)


def test_no_credential_goes_to_a_bastion_with_another_key(bastion: LocalSSHD) -> None:
    log = bastion.folder / "log"
    before = log.stat().st_size
    bastion.make_key("other_ed25519")
    via = replace(
        bastion.login(),
        host_key=bastion.public_key("other_ed25519"),
        password=Secret("canary"),
        user="canary-user",
    )
    with pytest.raises(SSHHostKeyMismatch):
        Connection.open(bastion.login(via=via))
    assert b"canary-user" not in log.read_bytes()[before:]


def test_a_bastion_that_lets_nobody_through(sshd: LocalSSHD) -> None:
    with LocalSSHD(options={"AllowTcpForwarding": "no"}) as closed:
        with pytest.raises(SSHUnreachable, match="AllowTcpForwarding") as caught:
            Connection.open(sshd.login(via=closed.login()))
        assert caught.value.data == {"host": "127.0.0.1", "port": closed.port}
        with pytest.raises(SSHUnreachable, match="AllowTcpForwarding"):
            scan("127.0.0.1", sshd.port, via=closed.login())
