"""A host of one's own, of a few mounts: this machine's files, copied when written, and no network.

Hooks run in it as they would on a host, and leave this machine as it was. Takes root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_MAKE: Final = """
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for part in proc sys dev; do mount --rbind "/$part" "$1/root/$part"; done
mount -t tmpfs tmpfs "$1/root/run"
mkdir -p "$1/root/run/systemd/system" "$1/root$4"
mount --bind "$4" "$1/root$4"
hostname "$2"
ip link set lo up
ip address add "$3/32" dev lo
echo ready
read -r _
"""


@cache
def unavailable_reason() -> str:
    """Why no sandbox can be had here, or nothing."""
    missing = [name for name in ("unshare", "nsenter", "ip", "dpkg") if not shutil.which(name)]
    if missing:
        return f"there is no {', '.join(missing)}"
    tried = "mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w && mount -t overlay none /mnt"
    command = f"{tried} -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w"
    done = subprocess.run(
        ["unshare", "--mount", "--net", "--uts", "sh", "-c", command],
        capture_output=True,
        check=False,
    )
    return "" if done.returncode == 0 else "this user may not mount"


@dataclass(frozen=True)
class Output:
    code: int
    text: str


class Sandbox:
    """From entering to leaving. `shared`: a directory that is the same inside."""

    def __init__(self, folder: Path, name: str, address: str, shared: Path) -> None:
        self.name = name
        self.address = address
        self._folder = folder
        self._shared = shared

    def __enter__(self) -> Sandbox:
        self._folder.mkdir(parents=True)
        arguments = [str(self._folder), self.name, self.address, str(self._shared)]
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--net", "--uts", "sh", "-c", _MAKE, "sh", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(b"\n", timeout=10)

    def path(self, inside: str) -> Path:
        """Where a file of the sandbox is found from outside."""
        return Path(f"/proc/{self._process.pid}/root{self._folder}/root{inside}")

    @property
    def written(self) -> Path:
        """The files that are not this machine's."""
        return Path(f"/proc/{self._process.pid}/root{self._folder}/upper")

    def write(self, inside: str, text: str | bytes, mode: int = 0o644) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)

    def cover(self, inside: str, text: str) -> None:
        """Has a file of the kernel's say something else."""
        cover = f"/run/cover{inside.replace('/', '-')}"
        self.write(cover, text)
        self._enter("mount", "--bind", cover, inside)

    def run(
        self,
        script: str,
        environment: Mapping[str, str],
        *,
        directory: str = "/",
        seconds: int = 60,
    ) -> Output:
        """A script that lies in `directory`, with this environment and nothing else in it."""
        words = [f"{name}={value}" for name, value in environment.items()]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        go = 'cd "$1" && exec sh "$2"'
        done = self._enter(
            *("env", "-i", path, *words, "sh", "-c", go, "sh", directory, script), seconds=seconds
        )
        return Output(done.returncode, done.stdout.decode(errors="replace"))

    def _enter(self, *command: str, seconds: int = 60) -> subprocess.CompletedProcess[bytes]:
        pid = str(self._process.pid)
        enter = ["nsenter", "--target", pid, "--mount", "--net", "--uts"]
        return subprocess.run(
            [*enter, "chroot", str(self._folder / "root"), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            env=os.environ,
        )
