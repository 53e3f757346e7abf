"""The hosts of the demo: two of the lab, or one's own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab import images


@dataclass(frozen=True)
class Machine:
    """A host that can be reached over SSH. `fingerprint` is known for the lab's hosts only."""

    name: str
    address: str
    port: int
    user: str
    key_path: Path
    fingerprint: str = ""

    def load_image(self, version: int, scratch: Path) -> None:
        """Puts a test application's image on the host: here in place of a registry."""
        archive = images.archive(version, scratch / f"slipway-demo-{version}.tar")
        with archive.open("rb") as data:
            subprocess.run(
                [*self._ssh(scratch), "docker load"], stdin=data, check=True, capture_output=True
            )

    def _ssh(self, scratch: Path) -> list[str]:
        options = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": str(scratch / "known_hosts"),
        }
        flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        where = f"{self.user}@{self.address}"
        sudo = [] if self.user == "root" else ["sudo", "-n"]
        return ["ssh", *flags, "-i", str(self.key_path), "-p", str(self.port), where, *sudo]


def own(hosts: list[str], key_path: str | None) -> list[Machine]:
    """From `user@address[:port]`, with one key for all."""
    key = Path(key_path or "~/.ssh/id_ed25519").expanduser()
    machines = []
    for number, host in enumerate(hosts, start=1):
        user, _, rest = host.rpartition("@")
        address, _, port = rest.partition(":")
        machines.append(Machine(f"host-{number}", address, int(port or 22), user or "root", key))
    return machines
