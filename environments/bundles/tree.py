"""The files of a bundle root: listed without following a link, and what SHA256SUMS says of them."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from environments.bundles import inside
from environments.bundles.problems import INVALID, MISSING, Problem

SUMS = "checksums/SHA256SUMS"

MAX_ENTRIES = 250_000
MAX_PATH = 240
MAX_DEPTH = 20  # directories

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
# One alphabet for every file of a root, as in the index: nothing that a shell takes apart, that
# looks like another name, or that a line of SHA256SUMS can't hold.
_NAME = re.compile(r"[A-Za-z0-9._+~-]+(?:/[A-Za-z0-9._+~-]+)*")
_CHUNK = 1 << 20
MAX_SUMS_BYTES = 64 << 20
_MAX_LINE = 1024


@dataclass(frozen=True)
class Sum:
    """One line of SHA256SUMS."""

    sha256: str
    line: int


def files(root: Path) -> tuple[dict[str, os.stat_result], list[Problem]]:
    """Every regular file under `root`, and a problem for whatever is neither that nor a directory.

    Raises OSError when `root` can't be listed.
    """
    found: dict[str, os.stat_result] = {}
    problems: list[Problem] = []
    for number, (path, status) in enumerate(_walk(root), 1):
        if complaint := _complaint(path, status):
            problems.append(Problem(INVALID, _shown(path), 0, complaint))
        elif isinstance(status, os.stat_result) and stat.S_ISREG(status.st_mode):
            found[path] = status
        if number >= MAX_ENTRIES:
            problems.append(Problem(INVALID, ".", 0, f"{MAX_ENTRIES} files or directories"))
            break
    return found, problems


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result | OSError]]:
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield from _below(descriptor, "")
    finally:
        os.close(descriptor)


def _below(directory: int, prefix: str) -> Iterator[tuple[str, os.stat_result | OSError]]:
    """What lies in a directory, which is open already: its name may be another's by now."""
    with os.scandir(directory) as entries:
        names = sorted(entry.name for entry in islice(entries, MAX_ENTRIES))
    for name in names:
        path, inner = prefix + name, None
        try:
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode) and not _complaint(path, status):
                inner = os.open(name, inside.DIRECTORY, dir_fd=directory)
        except OSError as error:
            yield path, error
            continue
        yield path, status
        if inner is not None:
            try:
                yield from _below(inner, f"{path}/")
            finally:
                os.close(inner)


def _complaint(path: str, status: os.stat_result | OSError) -> str | None:
    """What is wrong with this entry of the root, whatever is in it."""
    if not _NAME.fullmatch(path):
        return "a name of unsafe characters"
    if len(path) > MAX_PATH or path.count("/") > MAX_DEPTH:
        return f"deeper than {MAX_DEPTH} directories, or a path of more than {MAX_PATH} characters"
    if isinstance(status, OSError):
        return f"can't be read: {status.strerror}"
    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
        return None
    kind = "a link" if stat.S_ISLNK(status.st_mode) else "a device, pipe or socket"
    return f"{kind}; only regular files are allowed"


def _shown(path: str) -> str:
    """A name as it can be printed and stored: what is odd in it escaped, its length bounded."""
    return path if _NAME.fullmatch(path) and len(path) <= MAX_PATH else ascii(path)[1:-1][:MAX_PATH]


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
    sums: dict[str, Sum] = {}
    problems: list[Problem] = []
    try:
        with inside.opened(root, SUMS) as stream:
            if os.fstat(stream.fileno()).st_size > MAX_SUMS_BYTES:
                return {}, [Problem(INVALID, SUMS, 0, f"larger than {MAX_SUMS_BYTES} bytes")]
            for number, line in enumerate(_lines(stream), 1):
                if complaint := _take(line, number, sums):
                    problems.append(Problem(INVALID, SUMS, number, complaint))
    except FileNotFoundError:
        return {}, [Problem(MISSING, SUMS, 0, "there is no such file: build the bundle")]
    except OSError as error:
        return {}, [Problem(INVALID, SUMS, 0, f"can't be read: {error.strerror}")]
    return sums, problems


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; of one that is too long, as much as shows that."""
    buffered = io.BufferedReader(cast("io.RawIOBase", stream))
    while line := buffered.readline(_MAX_LINE):
        yield line.removesuffix(b"\n")
        while not line.endswith(b"\n") and (line := buffered.readline(_MAX_LINE)):
            pass
    buffered.detach()


def _take(line: bytes, number: int, sums: dict[str, Sum]) -> str | None:
    """Add one line to `sums`, or say what is wrong with it."""
    if line.endswith(b"\r"):
        return "the line ends in CRLF"
    match = _LINE.fullmatch(line.decode("utf-8", "backslashreplace"))
    if not match:
        return "not a line of sha256sum"
    digest, name = match.groups()
    if len(name) > MAX_PATH:
        return f"a name longer than {MAX_PATH} characters"
    if name.startswith("/") or not {"", ".", ".."}.isdisjoint(name.split("/")):
        return f"{name} leaves the root or is not in its plain form"
    if not _NAME.fullmatch(name):
        return f"a name of unsafe characters: {name}"
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
