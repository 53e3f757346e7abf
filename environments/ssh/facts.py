"""What a host is: read with one command that any POSIX shell runs, whatever the user may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from environments.ssh import commands
from environments.ssh.connection import CommandFailed, Connection

_DEBIAN_ARCH: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "i686": "i386"}


@dataclass(frozen=True)
class Facts:
    """`os`, `release`: ID and VERSION_ID of os-release(5). `arch`: Debian's name. `memory_mb`,
    `disk_mb` (free where /var/lib is): MiB. `privilege`: "root", "sudo" or "none".
    """

    os: str
    release: str
    arch: str
    cpus: int
    memory_mb: int
    disk_mb: int
    privilege: str
    hostname: str
    boot_id: str


def gather(connection: Connection) -> Facts:
    """Asks the host. Lacking privilege is a fact; raises SSHUnreachable, CommandFailed."""
    password = connection.login.sudo_password
    completed = connection.run(
        commands.script(commands.host_script("facts")),
        stdin=f"{password.reveal()}\n".encode() if password else b"",
        as_root=False,
    ).checked()
    lines = completed.stdout.decode(errors="replace").splitlines()
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    try:
        return Facts(
            os=found["os"],
            release=found["release"],
            arch=_DEBIAN_ARCH.get(found["machine"], found["machine"]),
            cpus=int(found["cpus"]),
            memory_mb=int(found["memory_kb"]) // 1024,
            disk_mb=int(found["disk_kb"]) // 1024,
            privilege=found["privilege"],
            hostname=found["hostname"],
            boot_id=found["boot_id"],
        )
    except (KeyError, ValueError) as error:
        raise CommandFailed(f"the host's facts can't be read: {error}") from error
