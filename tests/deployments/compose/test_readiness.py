"""What a host lacks, asked over a real connection; the programs there are stand-ins by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.core.errors import TargetNotReady
from deployments.runtimes.compose.host import ComposeHost
from environments.ssh.connection import Connection
from tests.environments.ssh.conftest import sshd
from tests.environments.ssh.sshd import LocalSSHD

__all__ = ["sshd"]

DAEMON_ANSWERS = 'case "$1 $2" in "version --format") echo 26.1.5; exit ;; esac'
PLUGIN = 'case "$1 $2" in "compose version") echo {version}; exit ;; esac'
NO_SUCH_COMMAND = "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1"
NO_DAEMON = "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"


class HostWithPrograms:
    """Stands in for a host's PATH: what `docker` and `docker-compose` say there."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        for name in ("sh", "cat"):
            (folder / name).symlink_to(f"/bin/{name}")

    def install(self, name: str, *lines: str) -> None:
        program = self._folder / name
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        program.chmod(0o755)

    def run(self, command: str, **options: object) -> object:
        path = f"PATH={self._folder}; export PATH\n"
        return self._connection.run(path + command, **options)  # type: ignore[arg-type]

    def version(self) -> str:
        return ComposeHost("host-1", "web", self).require_compose()  # type: ignore[arg-type]

    def refusal(self) -> str:
        with pytest.raises(TargetNotReady) as error:
            self.version()
        [reason] = error.value.data["reasons"]
        return str(reason)


@pytest.fixture
def host(sshd: LocalSSHD, tmp_path: Path) -> Iterator[HostWithPrograms]:
    with Connection.open(sshd.login()) as connection:
        yield HostWithPrograms(connection, tmp_path)


@pytest.mark.parametrize("said", ["2.26.1-4", "v2.26.1-4"])
def test_compose_v2(host: HostWithPrograms, said: str) -> None:
    host.install("docker", DAEMON_ANSWERS, PLUGIN.format(version=said))
    assert host.version() == "2.26.1-4"


def test_no_docker(host: HostWithPrograms) -> None:
    assert host.refusal() == "host-1 has no Docker."


def test_no_daemon(host: HostWithPrograms) -> None:
    host.install("docker", NO_DAEMON)
    assert host.refusal().startswith("host-1 has Docker, but its daemon does not answer: Cannot")


def test_no_compose(host: HostWithPrograms) -> None:
    host.install("docker", DAEMON_ANSWERS, NO_SUCH_COMMAND)
    assert host.refusal() == "host-1 has Docker without Compose; Slipway needs Compose v2."


def test_compose_v1_beside_docker(host: HostWithPrograms) -> None:
    host.install("docker", DAEMON_ANSWERS, NO_SUCH_COMMAND)
    host.install("docker-compose", "echo 1.29.2")
    assert host.refusal() == "host-1 has docker-compose 1.29.2 alone; Slipway needs Compose v2."


def test_compose_v1_as_a_plugin(host: HostWithPrograms) -> None:
    host.install("docker", DAEMON_ANSWERS, PLUGIN.format(version="1.29.2"))
    assert host.refusal() == "host-1 has Compose 1.29.2; Slipway needs Compose v2."
