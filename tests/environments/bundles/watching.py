"""Who opens the files of a directory: inotify(7), for what must be left alone."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ACCESS, _OPEN = 0x1, 0x20
_EVENT = struct.Struct("iIII")


@contextmanager
def openings(folder: Path) -> Iterator[list[str]]:
    """The names of the files in `folder` and below that are opened or read within the block; ""
    stands for the directories themselves. Filled when the block ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    directories = [directory for directory, _, _ in os.walk(folder)]  # which opens them
    names: list[str] = []
    try:
        for directory in directories:
            watch = libc.inotify_add_watch(descriptor, os.fsencode(directory), _ACCESS | _OPEN)
            assert watch >= 0, os.strerror(ctypes.get_errno())
        yield names
    finally:
        names += _names(descriptor)
        os.close(descriptor)


def _names(descriptor: int) -> Iterator[str]:
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        while data:
            *_, length = _EVENT.unpack_from(data)
            name, data = data[_EVENT.size :][:length], data[_EVENT.size + length :]
            yield os.fsdecode(name.rstrip(b"\0"))
