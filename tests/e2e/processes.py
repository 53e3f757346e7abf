"""Processes of a server under test, found by parentage alone, from its own pid down."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.demo.api import until


def children(pid: int) -> list[int]:
    """The direct children of `pid`, lowest first."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields and int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry.name))
    return sorted(found)


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"


def worker_of(server: int) -> int:
    """The Celery worker's main process, a child of `server`."""
    return next(pid for pid in children(server) if "worker" in _words(pid))


def pool_child_talking_to(worker: int, address: str) -> int:
    """The pool child of `worker` that has an SSH connection to `address`."""
    sockets = set(_sockets_to(address, 22))
    return next(pid for pid in children(worker) if sockets & _open_sockets(pid))


def gone(pids: list[int], *, seconds: float) -> None:
    """Waits until none of them lives."""
    until(lambda: [pid for pid in pids if alive(pid)], lambda left: not left, seconds=seconds)


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def mentioning(text: str) -> list[int]:
    """Live processes whose environment or arguments hold `text`, this one aside."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in said and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """State, parent, … (proc(5): what follows the name in parentheses)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def _sockets_to(address: str, port: int) -> Iterator[str]:
    """Inodes of TCP sockets connected there (proc(5): addresses in hex, reversed)."""
    wanted = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[2] == wanted:
            yield fields[9]


def _open_sockets(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found
