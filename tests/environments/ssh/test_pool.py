from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from config.core.errors import SSHUnreachable
from environments.ssh.pool import ConnectionPool
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire


@pytest.fixture
def pool() -> Iterator[ConnectionPool]:
    with ConnectionPool() as pool:
        yield pool


def test_a_login_has_one_connection_however_many_ask(sshd: LocalSSHD, pool: ConnectionPool) -> None:
    with ThreadPoolExecutor(10) as threads:
        connections = set(threads.map(lambda _: pool.get(sshd.login()), range(10)))

    assert len(connections) == 1
    assert pool.get(sshd.login(host="127.0.0.1")) in connections
    assert pool.get(sshd.login(key_type="rsa")) not in connections


def test_a_dead_connection_is_replaced(sshd: LocalSSHD, wire: Wire, pool: ConnectionPool) -> None:
    login = replace(sshd.login(), port=wire.port)
    first = pool.get(login)
    wire.cut()
    with pytest.raises(SSHUnreachable):
        first.run("true")

    assert pool.get(login).run("echo back").stdout == b"back\n"


def test_a_closed_pool_has_closed_its_connections(sshd: LocalSSHD, pool: ConnectionPool) -> None:
    connection = pool.get(sshd.login())
    pool.close()

    assert not connection.alive
    assert pool.get(sshd.login()).alive


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(sshd: LocalSSHD, pool: ConnectionPool) -> None:
    inherited = pool.get(sshd.login())
    child = os.fork()
    if child == 0:
        own = pool.get(sshd.login())
        good = own is not inherited and own.run("echo child").stdout == b"child\n"
        pool.close()
        os._exit(0 if good else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.get(sshd.login()) is inherited
    assert inherited.run("echo parent").stdout == b"parent\n"
