"""An artifact of 80 MB to four hosts at once, hashed on both sides, against scp."""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from environments.ssh.connection import Connection
from environments.ssh.transfer import send
from tests.benchmarks import Row, Unavailable
from tests.environments.ssh.sshd import SSHD, LocalSSHD

HOSTS: Final = 4
SIZE: Final = 80_000_000
ROUNDS: Final = 5


def main() -> list[Row]:
    """The first time, and again when it is there already; connecting is part of both sides."""
    if SSHD is None or os.geteuid() != 0 or not shutil.which("scp"):
        raise Unavailable("needs OpenSSH's server and scp on this machine, and root")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ssh-artifact-")))
        sshd = stack.enter_context(LocalSSHD(options={"Subsystem": "sftp internal-sftp"}))
        source = folder / "artifact"
        source.write_bytes(os.urandom(SIZE))
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        took: dict[str, list[float]] = {"first": [], "again": [], "scp": []}
        for number in range(ROUNDS):
            remote = folder / f"remote-{number}"
            for kind in ("first", "again"):
                took[kind].append(_on_all(_sending(sshd, source, digest, remote)))
            took["scp"].append(_on_all(_copying(sshd, source, remote)))
            shutil.rmtree(remote)
    first, again, scp = (statistics.median(times) for times in took.values())
    work = f"{SIZE // 1_000_000} MB to {HOSTS} hosts"
    return [Row(work, first, scp, 1.5), Row(f"{work}, again", again, scp, 0.1)]


def _sending(sshd: LocalSSHD, source: Path, digest: str, remote: Path) -> Callable[[int], None]:
    def send_to(host: int) -> None:
        directory = str(remote / f"host-{host}")
        with Connection.open(sshd.login()) as connection:
            send(connection, source, sha256=digest, size=SIZE, directory=directory)

    return send_to


def _copying(sshd: LocalSSHD, source: Path, remote: Path) -> Callable[[int], None]:
    known = sshd.folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {sshd.public_key('host_ed25519')}")
    flags = ["-q", "-P", str(sshd.port), "-i", str(sshd.folder / "client")]
    flags += ["-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]

    def copy_to(host: int) -> None:
        target = f"{sshd.user}@127.0.0.1:{remote}/scp-{host}"
        subprocess.run(["scp", *flags, str(source), target], check=True)

    return copy_to


def _on_all(work: Callable[[int], Any]) -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(HOSTS) as pool:
        list(pool.map(work, range(HOSTS)))
    return time.monotonic() - began
