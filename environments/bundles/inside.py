"""Files of a bundle root, opened without a way out of it.

Every directory on the way is opened without following a link, and nothing but a regular file is
ever opened: a pipe put in a file's place stops nobody, a device is left alone.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_CHUNK = 1 << 20
# File systems tell times no finer than this, at worst. In nanoseconds.
SETTLES = 2_000_000_000


class Changed(OSError):
    """The file is not what stood there when the root was listed, or changed under the reader."""


@dataclass(frozen=True)
class Hashed:
    """`stamp` changes whenever the file does; empty while it is too young for that to be sure."""

    sha256: str
    stamp: str


def stamp(status: os.stat_result) -> str:
    """Which file, and its last change: device:inode:size:mtime:ctime, times in nanoseconds."""
    return (
        f"{status.st_dev}:{status.st_ino}:{status.st_size}"
        f":{status.st_mtime_ns}:{status.st_ctime_ns}"
    )


@contextmanager
def opened(root: Path, path: str) -> Iterator[BinaryIO]:
    """The regular file `path` of `root`, unbuffered. Raises `Changed` for anything else there, and
    OSError for what can't be read."""
    try:
        descriptor = _open(root, path)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Changed(error.errno, "it is, or lies behind, a link") from None
        raise
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        yield stream


def read(root: Path, path: str, limit: int) -> bytes:
    """The first `limit` bytes of the file. Raises as `opened` does."""
    with opened(root, path) as stream:
        content = bytearray()
        while len(content) < limit and (chunk := stream.read(min(_CHUNK, limit - len(content)))):
            content += chunk
    return bytes(content)


def hashed(root: Path, path: str, size: int) -> Hashed:
    """The digest of a file of `size` bytes, read in pieces. Raises as `opened` does, and `Changed`
    when the file is of another size or was written to in the meantime."""
    digest, left, began = hashlib.sha256(), size, time.time_ns()
    with opened(root, path) as stream:
        before = os.fstat(stream.fileno())
        # One byte more than there should be, so that a growing file has an end.
        while chunk := stream.read(min(_CHUNK, left + 1)):
            digest.update(chunk)
            left -= len(chunk)
            if left < 0:
                break
        after = os.fstat(stream.fileno())
    if left or stamp(before) != stamp(after):
        raise Changed(errno.ESTALE, "it changed while it was read")
    settled = max(after.st_mtime_ns, after.st_ctime_ns) + SETTLES < began
    return Hashed(digest.hexdigest(), stamp(after) if settled else "")


def _open(root: Path, path: str) -> int:
    *parents, name = path.split("/")
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent in parents:
            below = os.open(parent, DIRECTORY, dir_fd=directory)
            os.close(directory)
            directory = below
        there = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if not stat.S_ISREG(there.st_mode):
            raise Changed(errno.EINVAL, "it is no regular file")
        descriptor = os.open(name, _FILE, dir_fd=directory)
    finally:
        os.close(directory)
    if not os.path.samestat(there, os.fstat(descriptor)):
        os.close(descriptor)
        raise Changed(errno.ESTALE, "it was replaced while it was opened")
    return descriptor
