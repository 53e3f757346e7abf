"""Artifacts to hosts: addressed by content, sent once, resumed where a transfer broke off."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from config.core.errors import ArtifactChecksumMismatch
from environments.ssh import commands
from environments.ssh.connection import CommandFailed, Connection

_CHUNK: Final = 256 * 1024
_SLOWEST_HASH: Final = 20_000_000  # bytes per second that any host hashes


def send(
    connection: Connection,
    source: Path,
    *,
    sha256: str,
    size: int,
    directory: str = "/var/lib/slipway/artifacts",
    progress: Callable[[int], None] | None = None,
) -> bool:
    """Puts `source` on the host as `directory`/`sha256`; False if it was there and still matches.

    Both sides hash: the worker what it reads, the host what it has before it takes its name. It
    goes on from what a broken connection left. `progress` gets the number of bytes of the artifact
    that the worker is through with, and is called in the calling thread.

    Raises ArtifactChecksumMismatch when the source is not what `sha256` and `size` say, or the host
    received something else twice; nothing is in place then. SSHUnreachable, what arrived is kept.
    CommandFailed when the host can't store it.
    """
    if source.stat().st_size != size:
        raise _mismatch(source)
    limit = 30 + size / _SLOWEST_HASH
    have = commands.script(commands.host_script("sha256", "have"), directory, sha256)
    [answer] = connection.run(have, timeout=limit).checked().words
    if answer == "done":
        return False
    # The second time from the beginning, and under a name that no other sender can write to.
    attempts = (f"{sha256}.part", int(answer)), (f"{sha256}.{secrets.token_hex(4)}.part", 0)
    receive = commands.host_script("sha256", "receive")
    for part, offset in attempts:
        reading = _Reading(source, size, progress)
        command = commands.script(receive, directory, sha256, str(size), part, str(offset))
        completed = connection.run(command, stdin=reading.since(offset), timeout=limit).checked()
        if reading.finished and reading.sha256 != sha256:
            raise _mismatch(source)
        match completed.words:
            case ["done"]:
                return True
            case ["wrong" | "partial"]:  # partial: another sender began anew meanwhile
                continue
            case words:
                raise CommandFailed(" ".join(words))
    raise _mismatch(source, "the host received something else")


class _Reading:
    """Reads a file once, hashing all of it and handing out what a host does not have."""

    def __init__(self, source: Path, size: int, progress: Callable[[int], None] | None) -> None:
        self._source = source
        self._size = size
        self._progress = progress
        self._digest = hashlib.sha256()
        self.finished = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def since(self, offset: int) -> Iterator[bytes]:
        position = 0
        with self._source.open("rb") as file:
            while chunk := file.read(min(_CHUNK, self._size - position)):
                self._digest.update(chunk)
                before, position = position, position + len(chunk)
                if position > offset:
                    yield chunk[max(0, offset - before) :]
                if self._progress:
                    self._progress(position)
        self.finished = True


def _mismatch(source: Path, reason: str = "it is not what its checksum says") -> Exception:
    return ArtifactChecksumMismatch(f"{source.name}: {reason}.", artifacts=[source.name], errors=[])
