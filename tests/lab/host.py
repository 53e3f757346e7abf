"""One host of a lab: what to connect to, and what can be done to it from outside."""

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.docker import LabError, docker

READY_SECONDS = 90
# No restart of sshd, no reading of what a test may have changed: safe to run on a host in use.
AUTHORIZE = """
set -eu
key=$(cat)
for user in root deploy; do
    home=$(getent passwd "$user" | cut -d: -f6)
    install -d -m 0700 -o "$user" -g "$user" "$home/.ssh"
    printf '%s\\n' "$key" >"$home/.ssh/authorized_keys"
    chown "$user:$user" "$home/.ssh/authorized_keys"
    chmod 0600 "$home/.ssh/authorized_keys"
done
"""
# A host's own end of Docker, emptied: containers, networks, volumes, images.
RESET_DOCKER = """
set -eu
command -v docker >/dev/null || exit 0
docker ps -aq | xargs -r docker rm -f -v
docker system prune -f -a --volumes
docker volume prune -f -a
"""


@dataclass(frozen=True)
class Host:
    """A running host. `fingerprint` and `host_key` are its Ed25519 key's, in OpenSSH's forms.

    Users: `root`, and `deploy` who may use sudo without a password; the key is for both.
    """

    name: str
    container: str
    address: str
    key_path: Path
    host_key: str
    fingerprint: str
    port: int = 22
    user: str = "root"

    def as_json(self) -> dict[str, str | int]:
        """The fields that a client needs, for `up --json`."""
        return {
            "name": self.name,
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "sudo_user": "deploy",
            "key_path": str(self.key_path),
            "host_key": self.host_key,
            "fingerprint": self.fingerprint,
        }

    def exec(
        self,
        *argv: str,
        input: bytes | None = None,
        check: bool = True,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the host as root, past SSH; raise LabError when it fails."""
        flags = ["-i"] if input is not None else []
        return docker(
            "exec", *flags, self.container, *argv, stdin=input, check=check, timeout=timeout
        )

    def copy_in(self, path: Path, dest: str) -> None:
        """Copy a file, or what a directory contains, to `dest` on the host.

        Not `docker cp`, which misses what is mounted there (/tmp and /run).
        """
        if path.is_dir():
            self.exec("mkdir", "-p", dest)
            command, unpack = ["tar", "-C", str(path), "-c", "."], ["tar", "-C", dest, "-x"]
        else:
            write = 'mkdir -p "$(dirname "$1")" && cat >"$1"'
            command, unpack = ["cat", str(path)], ["sh", "-c", write, "sh", dest]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
            docker("exec", "-i", self.container, *unpack, stdin=source.stdout, timeout=600)
        if source.returncode:
            raise LabError(f"{path} could not be read")

    def reset_docker(self) -> None:
        """Empty the host's own Docker, if it has one, images included."""
        self.exec("sh", "-c", RESET_DOCKER)

    def pause(self) -> None:
        """Freeze everything on the host: to the others it looks dead."""
        docker("pause", self.container)

    def unpause(self) -> None:
        """Let a frozen host go on."""
        docker("unpause", self.container)

    def reboot(self) -> None:
        """Restart the host and wait until it is back, at the same address."""
        docker("restart", "--time", "10", self.container)
        wait_ready(self.container, self.address)

    def lose_power(self) -> None:
        """Off from one moment to the next, then on again, and wait until it is back."""
        docker("kill", self.container)
        docker("start", self.container)
        wait_ready(self.container, self.address)


def wait_ready(container: str, address: str, seconds: float = READY_SECONDS) -> None:
    """Wait until systemd is done starting (failed units are fine) and sshd answers."""
    deadline = time.monotonic() + seconds
    state = "not started"
    while time.monotonic() < deadline:
        asked = docker("exec", container, "systemctl", "is-system-running", check=False)
        state = (asked.stdout or asked.stderr).strip()
        if state in ("running", "degraded") and _ssh_answers(address):
            return
        if "is not running" in state:  # the container ended: no use in waiting
            break
        time.sleep(0.25)
    log = docker("logs", "--tail", "5", container, check=False)
    raise LabError(
        f"{container} is not ready after {seconds:g} s: systemd says {state!r}; "
        f"last output: {(log.stdout + log.stderr).strip()}"
    )


def _ssh_answers(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def describe(container: str, name: str, address: str, key_path: Path) -> Host:
    """The Host of a running container; its key is read inside it, not from the network."""
    read = "cat /etc/ssh/ssh_host_ed25519_key.pub; ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    public, fingerprint = docker("exec", container, "sh", "-c", read).stdout.splitlines()
    return Host(
        name=name,
        container=container,
        address=address,
        key_path=key_path,
        host_key=" ".join(public.split()[:2]),
        fingerprint=fingerprint.split()[1],
    )


def authorize(container: str, public_key: str) -> None:
    """Let the lab's key in, for root and for deploy."""
    docker("exec", "-i", container, "sh", "-c", AUTHORIZE, stdin=public_key.encode())
