"""A host that takes only so many connections, or so many commands on one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.core.errors import SSHUnreachable
from environments.ssh.connection import Completed, Connection
from environments.ssh.pool import ConnectionPool
from environments.ssh.scanning import scan
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire

pytestmark = pytest.mark.usefixtures("sshd")  # skips where there is none


@contextmanager
def somebody_else(server: LocalSSHD) -> Iterator[None]:
    """Who connects, and takes their time to sign in."""
    deadline = time.monotonic() + 10
    while True:  # who looked whether the server is up may not have left yet
        connection = socket.create_connection(("127.0.0.1", server.port), 5)
        if connection.recv(4) == b"SSH-":
            break
        connection.close()
        assert time.monotonic() < deadline
    with connection:
        yield


def test_who_is_turned_away_comes_back() -> None:
    with LocalSSHD(options={"MaxStartups": "1:100:1"}) as server, ExitStack() as others:
        others.enter_context(somebody_else(server))
        leave = threading.Timer(1.5, others.close)
        leave.start()
        began = time.monotonic()
        with Connection.open(server.login()) as connection:
            assert 1 < time.monotonic() - began < 9
            assert connection.run("echo in").stdout == b"in\n"


def test_who_is_turned_away_again_and_again_is_told_so_in_time() -> None:
    with LocalSSHD(options={"MaxStartups": "1:100:1"}) as server, somebody_else(server):
        for attempt in (
            lambda: Connection.open(server.login(), timeout=2),
            lambda: scan("127.0.0.1", server.port, timeout=2),
        ):
            began = time.monotonic()
            with pytest.raises(SSHUnreachable, match="MaxStartups") as caught:
                attempt()
            assert 0.5 < time.monotonic() - began < 3
            assert caught.value.data == {"host": "127.0.0.1", "port": server.port}


@pytest.mark.parametrize("words", [b"", b"Exceeded MaxStartups\r\n"])
def test_a_busy_host_behind_a_bastion(sshd: LocalSSHD, wire: Wire, words: bytes) -> None:
    wire.turn_away(3, words=words)
    with Connection.open(replace(sshd.login(via=sshd.login()), port=wire.port)) as connection:
        assert connection.run("echo in").stdout == b"in\n"


def test_fifty_at_once_at_a_host_that_takes_ten_at_a_time() -> None:
    with LocalSSHD(options={"MaxStartups": "10:30:100"}) as server, ExitStack() as opened:
        with ThreadPoolExecutor(50) as threads:
            login = server.login()
            found = list(threads.map(lambda _: Connection.open(login, timeout=30), range(50)))
        for connection in found:
            opened.enter_context(connection)
        assert all(connection.alive for connection in found)


def test_commands_that_find_no_room_have_another_connection() -> None:
    with LocalSSHD(options={"MaxSessions": "2"}) as server, ConnectionPool() as pool:
        connection = pool.get(server.login())

        def say(n: int) -> bytes:
            return connection.run(f"sleep 1; echo {n}").stdout

        with ThreadPoolExecutor(6) as threads:
            assert list(threads.map(say, range(6))) == [b"%d\n" % n for n in range(6)]
        assert 3 <= len(server.sessions()) <= 4
        with ThreadPoolExecutor(6) as threads:  # on the connections that are there
            assert list(threads.map(say, range(6))) == [b"%d\n" % n for n in range(6)]
        assert 3 <= len(server.sessions()) <= 4
        pool.close()
        deadline = time.monotonic() + 5
        while server.sessions() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.sessions() == []


def test_there_is_an_end_to_other_connections(tmp_path: Path) -> None:
    wait = f"while [ ! -e {tmp_path}/go ]; do sleep 0.1; done; echo gone"
    with (
        LocalSSHD(options={"MaxSessions": "1"}) as server,
        Connection.open(server.login()) as connection,
        ThreadPoolExecutor(12) as threads,
    ):
        running = {threads.submit(connection.run, wait, timeout=60) for _ in range(12)}
        refused: set[Future[Completed]] = set()
        while len(refused) < 2:
            done, waiting = futures.wait(running - refused, 60, futures.FIRST_COMPLETED)
            assert done
            refused |= done
        (tmp_path / "go").touch()
        assert [each.result().stdout for each in waiting] == [b"gone\n"] * 10
    for each in refused:
        with pytest.raises(SSHUnreachable, match="MaxSessions"):
            each.result()


def test_a_host_that_lets_nobody_run_anything() -> None:
    with (
        LocalSSHD(options={"MaxSessions": "0"}) as server,
        Connection.open(server.login()) as connection,
    ):
        began = time.monotonic()
        with pytest.raises(SSHUnreachable, match="MaxSessions") as caught:
            connection.run("true")
        assert time.monotonic() - began < 5
        assert caught.value.data == {"host": "127.0.0.1", "port": server.port}
        assert len(server.sessions()) <= 2
