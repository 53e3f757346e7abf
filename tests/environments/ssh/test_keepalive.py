"""A peer that goes silent, though its kernel still acknowledges, is noticed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.core.errors import SSHUnreachable
from environments.ssh import transport
from environments.ssh.connection import Connection
from environments.ssh.pool import ConnectionPool
from tests.environments.ssh.listening import said
from tests.environments.ssh.sshd import LocalSSHD

pytestmark = pytest.mark.usefixtures("sshd")  # skips where there is none


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of 10 and 25 seconds."""
    monkeypatch.setattr(transport, "_ASK_EVERY", 0.3)
    monkeypatch.setattr(transport, "_PATIENCE", 1.5)


@pytest.fixture
def server() -> Iterator[LocalSSHD]:
    with LocalSSHD() as server:
        yield server


@contextmanager
def stopped(server: LocalSSHD) -> Iterator[None]:
    """The processes of the connections there are do nothing any more."""
    sessions = server.sessions()
    assert sessions
    for pid in sessions:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)


def test_it_is_noticed_and_a_new_connection_works(server: LocalSSHD) -> None:
    with ConnectionPool() as pool:
        connection = pool.get(server.login())
        stream = said(connection, "echo first; exec sleep 60")
        assert next(stream) == b"first\n"
        with stopped(server):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable) as caught:
                next(stream)
            assert 1 < time.monotonic() - began < 6
            assert caught.value.data == {"host": "127.0.0.1", "port": server.port}
            assert not connection.alive
            assert pool.get(server.login()).run("echo back").stdout == b"back\n"


def test_it_is_noticed_while_much_is_sent(server: LocalSSHD) -> None:
    with Connection.open(server.login()) as connection:
        chunks = (b"x" * 65536 for _ in range(100_000))
        connection.run("true")
        with stopped(server):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable):
                connection.run("cat >/dev/null", stdin=chunks, timeout=60)
            assert time.monotonic() - began < 8


def test_it_is_noticed_behind_a_bastion(sshd: LocalSSHD, server: LocalSSHD) -> None:
    bastion = Connection.open(sshd.login())
    with bastion, Connection.open(server.login(via=sshd.login()), through=bastion) as connection:
        with stopped(server):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable) as caught:
                connection.run("true", timeout=60)
            assert time.monotonic() - began < 6
            assert caught.value.data["via"] == [f"127.0.0.1:{sshd.port}"]
        assert bastion.alive
        assert not connection.alive


def test_a_bastion_that_goes_silent(sshd: LocalSSHD, server: LocalSSHD) -> None:
    with Connection.open(sshd.login(via=server.login())) as connection:
        connection.run("true")
        with stopped(server):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable):
                connection.run("true", timeout=60)
            assert time.monotonic() - began < 6
        assert not connection.alive


def test_who_answers_may_be_silent_otherwise(server: LocalSSHD) -> None:
    with Connection.open(server.login()) as connection:
        assert connection.run("sleep 4; echo on").stdout == b"on\n"
        time.sleep(3)  # longer than it is waited for who is asked
        assert connection.run("echo still").stdout == b"still\n"
