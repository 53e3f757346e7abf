from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.ssh.connection import Connection
from environments.ssh.runner import RemoteRunner
from tests.environments.ssh.sshd import SSHD, LocalSSHD
from tests.environments.ssh.wire import Wire


@pytest.fixture(scope="session")
def sshd() -> Iterator[LocalSSHD]:
    if SSHD is None or os.geteuid() != 0:
        pytest.skip("needs OpenSSH's server on this machine, and root")
    with LocalSSHD(host_keys=("ed25519", "ecdsa", "rsa")) as server:
        yield server


@pytest.fixture
def connection(sshd: LocalSSHD) -> Iterator[Connection]:
    with Connection.open(sshd.login()) as connection:
        yield connection


@pytest.fixture
def wire(sshd: LocalSSHD) -> Iterator[Wire]:
    with Wire(sshd.port) as wire:
        yield wire


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Where the host keeps its jobs."""
    return tmp_path / "runs"


@pytest.fixture
def runner(connection: Connection, base: Path) -> RemoteRunner:
    return RemoteRunner(connection, base=str(base))
