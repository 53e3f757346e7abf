"""Ways to spoil a sound bundle root. What each is told as stands in `hostile_index`, for what the
index says, and `hostile_files`, for the files around it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.environments.bundles.roots import (
    ARTIFACT,
    INDEX,
    INDEX_TEXT,
    SUMS,
    digest,
    edit,
    sum_up,
    write,
)

INVALID, MISSING, MISMATCH = "bundle_invalid", "artifact_missing", "artifact_checksum_mismatch"
IN_BIN = "bin/linux-amd64/compose-test"
TIB = 1 << 40

Spoil = Callable[[Path], object]


class Case(NamedTuple):
    """How a root is spoiled, and one problem that must be among those told."""

    spoil: Spoil
    code: str
    path: str
    line: int
    words: str


def outside(root: Path) -> Path:
    """A directory beside the root, in which nothing may be opened."""
    folder = root.parent / "outside"
    folder.mkdir(exist_ok=True)
    return folder


def index(old: str, new: str) -> Spoil:
    """The index with `new` for `old`, and SHA256SUMS to match: a mistake, not an attack."""
    return lambda root: edit(root, INDEX, old, new)


def index_is(content: str | bytes) -> Spoil:
    return file(INDEX, content)


def repeated(pattern: str, times: int = 2) -> Spoil:
    """The index with the lines that match `pattern` written again."""

    def put(root: Path) -> None:
        text = re.search(pattern, (root / INDEX).read_text(), re.M | re.S)
        assert text
        edit(root, INDEX, text[0], text[0] * times)

    return put


def artifacts(count: int) -> Spoil:
    entry = f"      - {{path: {IN_BIN}/aNUMBER, sha256: {'f' * 64}, size: 1}}\n"
    entries = "".join(entry.replace("NUMBER", str(number)) for number in range(count - 1))
    return index("    hooks:\n", f"{entries}    hooks:\n")


def bundles(count: int) -> Spoil:
    one = INDEX_TEXT.split("bundles:\n")[1].replace("DIGEST", digest("a package\n"))
    more = "".join(one.replace('version: "1.0"', f'version: "2.{n}"') for n in range(count - 1))
    return lambda root: write_and_sum(root, INDEX, (root / INDEX).read_text() + more)


def sums(old: str, new: str) -> Spoil:
    """SHA256SUMS with what matches `old` replaced."""
    return lambda root: write(root, SUMS, re.sub(old, new, (root / SUMS).read_text(), flags=re.M))


def sums_with(line: str | bytes, *, first: bool = False) -> Spoil:
    """SHA256SUMS with one more line, without which all its lines are right."""
    raw = line if isinstance(line, bytes) else line.encode()

    def put(root: Path) -> None:
        before = (root / SUMS).read_bytes()
        (root / SUMS).write_bytes(raw + b"\n" + before if first else before + raw + b"\n")

    return put


def file(path: str, content: str | bytes) -> Spoil:
    """A file with that content, and SHA256SUMS to match."""
    return lambda root: write_and_sum(root, path, content)


def extra(path: str | bytes, content: bytes = b"x") -> Spoil:
    """A file that nothing names."""

    def put(root: Path) -> None:
        raw = path.encode() if isinstance(path, str) else path
        name = root / os.fsdecode(raw)
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(content)

    return put


def write_and_sum(root: Path, path: str, content: str | bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    sum_up(root)


def removed(path: str) -> Spoil:
    return lambda root: (root / path).unlink()


def link(path: str, target: str) -> Spoil:
    def put(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        (root / path).symlink_to(target)

    return put


def linked_out(path: str) -> Spoil:
    """The file, or directory with all that is in it, moved out of the root; a link stays."""

    def put(root: Path) -> None:
        moved = outside(root) / Path(path).name
        (root / path).rename(moved)
        (root / path).symlink_to(moved)

    return put


def hard_link(path: str, *, other: str = "") -> Spoil:
    """The file gets another name: outside, or `other` in the root."""

    def put(root: Path) -> None:
        (root / other if other else outside(root) / "name").hardlink_to(root / path)
        if other:
            sum_up(root)

    return put


def special(path: str, kind: int) -> Spoil:
    """A pipe or a socket in the place of whatever was there."""

    def put(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        os.mknod(root / path, kind | 0o644)

    return put


def pipe(path: str) -> Spoil:
    return special(path, stat.S_IFIFO)


def directory(path: str) -> Spoil:
    def put(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        write(root, f"{path}/inner", "x")

    return put


def sparse(path: str, size: int = TIB) -> Spoil:
    """A file of that size that takes no room on the disk, and hours to read."""

    def put(root: Path) -> None:
        (root / path).touch()
        os.truncate(root / path, size)

    return put


def deep(levels: int) -> Spoil:
    return extra(f"{IN_BIN}/{'d/' * levels}file")


def swapped(one: str, other: str) -> Spoil:
    """Two files that change places: the bytes are all there, elsewhere."""

    def put(root: Path) -> None:
        first, second = (root / one).read_bytes(), (root / other).read_bytes()
        (root / one).write_bytes(second)
        (root / other).write_bytes(first)

    return put


def renamed(path: str, name: str) -> Spoil:
    return lambda root: (root / path).rename((root / path).with_name(name))


def with_artifact(content: str) -> Spoil:
    return lambda root: write(root, ARTIFACT, content)
