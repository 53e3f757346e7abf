from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from config.core.errors import ArtifactChecksumMismatch, SSHUnreachable
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.transfer import send
from tests.environments.ssh.sshd import LocalSSHD
from tests.environments.ssh.wire import Wire

DATA = hashlib.shake_256(b"artifact").digest(8_000_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "artifact.tar"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the host keeps artifacts."""
    return tmp_path / "artifacts"


def transfer(
    connection: Connection,
    source: Path,
    directory: Path,
    progress: Callable[[int], None] | None = None,
) -> bool:
    return send(
        connection,
        source,
        sha256=SHA256,
        size=len(DATA),
        directory=str(directory),
        progress=progress,
    )


def test_an_artifact_is_sent_once(connection: Connection, source: Path, directory: Path) -> None:
    seen: list[int] = []

    assert transfer(connection, source, directory, seen.append) is True
    assert [path.name for path in directory.iterdir()] == [SHA256]
    assert (directory / SHA256).read_bytes() == DATA
    assert seen == sorted(seen)
    assert seen[-1] == len(DATA)

    seen.clear()
    assert transfer(connection, source, directory, seen.append) is False
    assert seen == []


def test_an_empty_artifact(connection: Connection, tmp_path: Path, directory: Path) -> None:
    (tmp_path / "empty").touch()
    name = hashlib.sha256().hexdigest()

    assert send(connection, tmp_path / "empty", sha256=name, size=0, directory=str(directory))
    assert (directory / name).read_bytes() == b""


def test_what_was_changed_on_the_host_is_sent_again(
    connection: Connection, source: Path, directory: Path
) -> None:
    directory.mkdir()
    (directory / SHA256).write_bytes(DATA[:-1] + b"?")

    assert transfer(connection, source, directory) is True
    assert (directory / SHA256).read_bytes() == DATA


def test_a_broken_transfer_is_gone_on_from(
    sshd: LocalSSHD, wire: Wire, connection: Connection, source: Path, directory: Path
) -> None:
    with Connection.open(replace(sshd.login(), port=wire.port)) as breaking:
        wire.cut_after(5_000_000)
        with pytest.raises(SSHUnreachable):
            transfer(breaking, source, directory)
    [part] = directory.iterdir()
    assert 0 < part.stat().st_size < len(DATA)
    inode = part.stat().st_ino

    assert transfer(connection, source, directory) is True
    assert (directory / SHA256).read_bytes() == DATA
    assert (directory / SHA256).stat().st_ino == inode


@pytest.mark.parametrize(
    "part", [b"something else", DATA[:-1] + b"?", DATA + b"more"], ids=["short", "full", "longer"]
)
def test_a_part_that_is_no_part_of_it_costs_a_second_attempt(
    connection: Connection, source: Path, directory: Path, part: bytes
) -> None:
    directory.mkdir()
    (directory / f"{SHA256}.part").write_bytes(part)

    assert transfer(connection, source, directory) is True
    assert (directory / SHA256).read_bytes() == DATA


def test_another_sender_that_begins_anew_costs_a_second_attempt(
    connection: Connection, source: Path, directory: Path
) -> None:
    part = directory / f"{SHA256}.part"
    emptied: list[Path] = []

    def begins_anew(_sent: int) -> None:
        if not emptied and part.exists() and part.stat().st_size:
            part.write_bytes(b"")
            emptied.append(part)

    assert transfer(connection, source, directory, begins_anew) is True
    assert emptied
    assert (directory / SHA256).read_bytes() == DATA


@pytest.mark.parametrize("content", [DATA[:-1] + b"?", DATA[:-1], DATA + b"?", b""])
def test_a_tampered_source_is_refused(
    connection: Connection, source: Path, directory: Path, content: bytes
) -> None:
    source.write_bytes(content)

    with pytest.raises(ArtifactChecksumMismatch) as caught:
        transfer(connection, source, directory)

    assert caught.value.data == {"artifacts": ["artifact.tar"], "errors": []}
    assert not directory.exists() or list(directory.iterdir()) == []


def test_a_source_cut_short_while_it_is_read(
    connection: Connection, source: Path, directory: Path
) -> None:
    def truncate(_: int) -> None:
        with source.open("r+b") as file:
            file.truncate(1_000_000)

    with pytest.raises(ArtifactChecksumMismatch):
        transfer(connection, source, directory, truncate)
    assert not (directory / SHA256).exists()


def test_a_host_that_can_not_store_it(connection: Connection, source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CommandFailed, match="Not a directory"):
        transfer(connection, source, tmp_path / "file" / "artifacts")
