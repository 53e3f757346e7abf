"""The files of a bundle root: listed without following a link, hashed in a stream."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from environments.bundles.problems import INVALID, MISSING, Problem

SUMS = "checksums/SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")
_CHUNK = 1 << 20
_MAX_SUMS_BYTES = 64 << 20


@dataclass(frozen=True)
class Sum:
    """One line of SHA256SUMS."""

    sha256: str
    line: int


def files(root: Path) -> tuple[dict[str, int], list[Problem]]:
    """Every regular file under `root` with its size, and a problem for everything else."""
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for path, status in _walk(root, ""):
        if _ODD.search(path):
            problems.append(Problem(INVALID, ascii(path)[1:-1], 0, "a name of unsafe characters"))
        elif stat.S_ISREG(status.st_mode):
            found[path] = status.st_size
        else:
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "a device, pipe or socket"
            problems.append(Problem(INVALID, path, 0, f"{kind}; only regular files are allowed"))
    return found, problems


def _walk(directory: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(directory / entry.name, f"{path}/")
            else:
                yield path, entry.stat(follow_symlinks=False)


def sha256(path: Path) -> str:
    """The digest of a file, read in pieces; never through a link (OSError)."""
    digest = hashlib.sha256()
    # NONBLOCK: a pipe put in the file's place after it was listed must not stop the reader.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read_sums(root: Path) -> tuple[dict[str, Sum], list[Problem]]:
    """The lines of SHA256SUMS by path, and what is wrong with the file."""
    path = root / SUMS
    if path.is_symlink() or not path.is_file():
        return {}, [Problem(MISSING, SUMS, 0, "there is no such file: build the bundle")]
    if path.stat().st_size > _MAX_SUMS_BYTES:
        return {}, [Problem(INVALID, SUMS, 0, f"larger than {_MAX_SUMS_BYTES} bytes")]
    sums: dict[str, Sum] = {}
    problems: list[Problem] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        text = line.decode("utf-8", "backslashreplace")
        if not text:
            continue
        if complaint := _take(text, number, sums):
            problems.append(Problem(INVALID, SUMS, number, complaint))
    return sums, problems


def _take(text: str, number: int, sums: dict[str, Sum]) -> str | None:
    """Add one line to `sums`, or say what is wrong with it."""
    match = _LINE.fullmatch(text)
    if not match:
        return "not a line of sha256sum"
    digest, name = match.groups()
    if _ODD.search(name):
        return "a name of unsafe characters"
    if name.startswith("/") or not {"", ".", ".."}.isdisjoint(name.split("/")):
        return f"{name} leaves the root or is not in its plain form"
    if name == SUMS:
        return "lists itself"
    if name in sums:
        return f"{name} is listed twice"
    sums[name] = Sum(digest, number)
    return None


def write_sums(root: Path, sums: dict[str, str]) -> None:
    """Write SHA256SUMS from {path: digest}, sorted, complete or not at all."""
    replace(root / SUMS, "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode())


def replace(path: Path, content: bytes) -> None:
    """Put `content` at `path` by rename; a file that already has it is left alone."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; waits for whoever holds it."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
