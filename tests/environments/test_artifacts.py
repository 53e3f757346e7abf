"""Verifying again touches only what changed: no byte hashed twice, no row written twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config.core.errors import ArtifactChecksumMismatch, NotFound
from environments import artifacts
from environments.bundles import inside
from environments.models import EnvironmentArtifact
from tests.environments.bundles.roots import ARTIFACT, INDEX, digest, edit, sound_root, write

pytestmark = pytest.mark.django_db

SECOND = ARTIFACT.replace("engine", "second")
ANOTHER = "another\n"
NAME, VERSION = "compose-test", "1.0"


@pytest.fixture
def root(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound root of two artifacts, whose files count as old at once."""
    monkeypatch.setattr(inside, "SETTLES", -(10**10))
    settings.BUNDLE_ROOT = sound_root(tmp_path / "root")
    write(settings.BUNDLE_ROOT, SECOND, ANOTHER)
    entry = f"{{path: {SECOND}, sha256: {digest(ANOTHER)}, size: 8}}"
    edit(settings.BUNDLE_ROOT, INDEX, "    hooks:\n", f"      - {entry}\n    hooks:\n")
    return Path(settings.BUNDLE_ROOT)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The artifacts that were hashed, in order."""
    paths: list[str] = []
    hashed = inside.hashed

    def watched(root: Path, path: str, size: int) -> inside.Hashed:
        paths.append(path)
        return hashed(root, path, size)

    monkeypatch.setattr(inside, "hashed", watched)
    return paths


def rows() -> dict[str, EnvironmentArtifact]:
    return {row.path: row for row in EnvironmentArtifact.objects.filter(bundle=NAME)}


def writes(queries: CaptureQueriesContext) -> list[str]:
    reads = ("SELECT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in queries if not query["sql"].startswith(reads)]


def test_the_first_time_writes_a_row_for_each_in_one_query(root: Path, read: list[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        sound = artifacts.require(NAME, VERSION)
    assert read == [ARTIFACT, SECOND]
    assert sound.bundle.name == NAME
    assert len(writes(queries)) == 1
    status = (root / ARTIFACT).stat()
    row = rows()[ARTIFACT]
    assert (row.sha256, row.size, row.version) == (digest("a package\n"), 10, VERSION)
    assert row.stamp == (
        f"{status.st_dev}:{status.st_ino}:10:{status.st_mtime_ns}:{status.st_ctime_ns}"
    )


@pytest.mark.usefixtures("root")
def test_where_nothing_changed_nothing_is_hashed_and_nothing_written(read: list[str]) -> None:
    artifacts.require(NAME, VERSION)
    before = rows()
    read.clear()
    with CaptureQueriesContext(connection) as queries:
        assert artifacts.verify(NAME, VERSION) == []
        artifacts.require(NAME, VERSION)
    assert read == []
    assert len(queries) == 2
    assert writes(queries) == []
    assert {p: r.verified_at for p, r in rows().items()} == {
        p: r.verified_at for p, r in before.items()
    }


@pytest.mark.parametrize("how", ["written again", "touched", "replaced"])
def test_only_what_changed_is_hashed_and_written(root: Path, read: list[str], how: str) -> None:
    artifacts.require(NAME, VERSION)
    before, file = rows(), root / SECOND
    read.clear()
    if how == "written again":
        file.write_bytes(file.read_bytes())
    elif how == "touched":
        os.utime(file, ns=(1, 1))
    else:
        other = file.with_name("other")
        other.write_bytes(file.read_bytes())
        status = file.stat()
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        other.replace(file)
    with CaptureQueriesContext(connection) as queries:
        artifacts.require(NAME, VERSION)
    assert read == [SECOND]
    assert len(writes(queries)) == 1
    after = rows()
    assert after[ARTIFACT].verified_at == before[ARTIFACT].verified_at
    assert after[SECOND].verified_at > before[SECOND].verified_at
    assert after[SECOND].stamp != before[SECOND].stamp
    assert after[SECOND].pk == before[SECOND].pk


def test_bytes_that_changed_behind_an_old_mtime_are_found(root: Path) -> None:
    artifacts.require(NAME, VERSION)
    file = root / SECOND
    status = file.stat()
    file.write_text("ANOTHER\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))  # the size is the same, too
    with pytest.raises(ArtifactChecksumMismatch) as mismatch:
        artifacts.require(NAME, VERSION)
    assert mismatch.value.data["artifacts"] == [SECOND]
    assert rows()[SECOND].sha256 == digest(ANOTHER)  # what was found sound, and when


def test_another_digest_in_the_index_is_not_taken_on_trust(root: Path, read: list[str]) -> None:
    artifacts.require(NAME, VERSION)
    read.clear()
    edit(root, INDEX, digest(ANOTHER), "f" * 64)
    assert {p.path for p in artifacts.verify(NAME, VERSION)} == {SECOND}
    assert read == [SECOND]


def test_what_is_sound_beside_a_bad_one_is_remembered(root: Path, read: list[str]) -> None:
    write(root, SECOND, "ANOTHER\n")
    assert [p.path for p in artifacts.verify(NAME, VERSION)] == [SECOND]
    assert set(rows()) == {ARTIFACT}
    read.clear()
    artifacts.verify(NAME, VERSION)
    assert read == [SECOND]


@pytest.mark.usefixtures("root")
def test_a_young_file_is_hashed_again(read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the file system's clock it could change, and its stamp would not."""
    monkeypatch.setattr(inside, "SETTLES", 10**11)
    artifacts.require(NAME, VERSION)
    assert {row.stamp for row in rows().values()} == {""}
    read.clear()
    artifacts.require(NAME, VERSION)
    assert read == [ARTIFACT, SECOND]


@pytest.mark.usefixtures("root")
def test_an_unknown_bundle_leaves_no_row() -> None:
    with pytest.raises(NotFound):
        artifacts.require("other", VERSION)
    assert not EnvironmentArtifact.objects.exists()
