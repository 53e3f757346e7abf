"""pyinfra and ansible, in a virtual environment of their own: they want another paramiko."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks import Unavailable
from tests.environments.ssh.sshd import LocalSSHD

PINNED: Final = ("pyinfra==3.10.0", "ansible-core==2.19.14")


def installed(folder: Path) -> Path:
    """The directory with their programs. Raises Unavailable where they can't be had."""
    python = str(folder / "bin" / "python")
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--quiet", *PINNED],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(done.stderr.strip().splitlines()[-1])
    return folder / "bin"


class Peer(ABC):
    """Runs `scripts`, one after the other, on all hosts."""

    def __init__(
        self,
        programs: Path,
        folder: Path,
        sshd: LocalSSHD,
        hosts: Sequence[str],
        scripts: Sequence[str],
    ) -> None:
        self.programs = programs
        self.folder = folder / type(self).__name__.lower()
        self.folder.mkdir()
        self.sshd = sshd
        self.hosts = hosts
        self.scripts = scripts
        key = sshd.public_key("host_ed25519")
        self.known_hosts = self.folder / "known_hosts"
        self.known_hosts.write_text("".join(f"[{host}]:{sshd.port} {key}" for host in hosts))
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Writes what the program reads."""

    @abstractmethod
    def command(self) -> list[str]:
        """The call; its working directory is `folder`."""

    def run(self) -> None:
        done = subprocess.run(
            self.command(),
            cwd=self.folder,
            env=os.environ | {"HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.command()[0]}: {(done.stdout + done.stderr)[-2000:]}")


class Pyinfra(Peer):
    def prepare(self) -> None:
        login = {
            "ssh_port": self.sshd.port,
            "ssh_user": self.sshd.user,
            "ssh_key": str(self.sshd.folder / "client"),
            "ssh_known_hosts_file": str(self.known_hosts),
        }
        (self.folder / "inventory.py").write_text(
            f"hosts = [(host, {login!r}) for host in {list(self.hosts)!r}]\n"
        )
        calls = [f"server.shell(commands=[{script!r}])\n" for script in self.scripts]
        (self.folder / "deploy.py").write_text(
            "".join(["from pyinfra.operations import server\n", *calls])
        )

    def command(self) -> list[str]:
        program = str(self.programs / "pyinfra")
        return [program, "-y", "--parallel", "50", "inventory.py", "deploy.py"]


class Ansible(Peer):
    def prepare(self) -> None:
        lines = [f"{host} ansible_port={self.sshd.port}" for host in self.hosts]
        (self.folder / "hosts").write_text("\n".join([*lines, ""]))
        tasks = []
        for number, script in enumerate(self.scripts):
            (self.folder / f"step-{number}.sh").write_text(f"#!/bin/sh\n{script}\n")
            tasks.append(f"    - script: step-{number}.sh\n")
        (self.folder / "play.yml").write_text(
            "".join(["- hosts: all\n  gather_facts: false\n  tasks:\n", *tasks])
        )
        (self.folder / "ansible.cfg").write_text(
            "[defaults]\n"
            f"forks = 50\nremote_user = {self.sshd.user}\n"
            f"private_key_file = {self.sshd.folder / 'client'}\n"
            "[ssh_connection]\npipelining = true\n"
            f"ssh_args = -o ControlMaster=auto -o ControlPersist=60s"
            f" -o UserKnownHostsFile={self.known_hosts}\n"
        )

    def command(self) -> list[str]:
        return [str(self.programs / "ansible-playbook"), "-i", "hosts", "play.yml"]
