"""Files that change between check and use, or while they are checked: what runs is what was
verified, or nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.core.errors import ArtifactChecksumMismatch
from environments.bundles import inside, tree
from environments.bundles.sound import Sound
from environments.bundles.verify import require_sound, verify
from tests.environments.bundles.hostile import linked_out, outside, pipe
from tests.environments.bundles.roots import (
    ARTIFACT,
    FILES,
    HOOK,
    INDEX,
    LIBRARY,
    TEMPLATE,
    sound_root,
    write,
)
from tests.environments.bundles.watching import openings

MISMATCH = "artifact_checksum_mismatch"
Change = Callable[[Path], object]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


@pytest.fixture
def sound(root: Path) -> Sound:
    return require_sound(root, "compose-test", "1.0")


def test_what_was_verified_can_be_read(sound: Sound) -> None:
    assert sound.read(HOOK) == FILES[HOOK].encode()
    assert sound.support_files() == {
        "lib.sh": FILES[LIBRARY].encode(),
        "daemon.json": FILES[TEMPLATE].encode(),
    }


CHANGES: dict[str, Change] = {
    "other bytes": lambda root: write(root, HOOK, "rm -r /\n"),
    "a byte more": lambda root: write(root, HOOK, FILES[HOOK] + "\n"),
    "gone": lambda root: (root / HOOK).unlink(),
    "a link to the same": linked_out(HOOK),
    "behind a link to the same": linked_out("hooks"),
    "a pipe": pipe(HOOK),
    "replaced by another hook": lambda root: (root / LIBRARY).rename(root / HOOK),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_hook_that_changed_since_is_not_handed_out(root: Path, sound: Sound, change: str) -> None:
    CHANGES[change](root)
    with openings(outside(root)) as opened, pytest.raises(ArtifactChecksumMismatch) as refused:
        sound.read(HOOK)
    assert refused.value.data["artifacts"] == [HOOK]
    assert opened == []


@pytest.mark.parametrize("path", [LIBRARY, TEMPLATE])
def test_what_lies_beside_hooks_is_checked_as_they_are(root: Path, sound: Sound, path: str) -> None:
    write(root, path, "changed\n")
    with pytest.raises(ArtifactChecksumMismatch):
        sound.support_files()


def test_a_library_added_since_is_none(root: Path, sound: Sound) -> None:
    before = sound.support_files()
    write(root, "hooks/common/new.sh", "rm -r /\n")
    assert sound.support_files() == before


@pytest.mark.parametrize("path", ["hooks/other.sh", "../outside/secret", ARTIFACT])
def test_only_what_was_verified_as_text_is_read(root: Path, sound: Sound, path: str) -> None:
    (outside(root) / "secret").write_text("secret")
    with pytest.raises(ArtifactChecksumMismatch):
        sound.read(path)


def test_a_root_that_moves_on_is_not_followed(root: Path, tmp_path: Path) -> None:
    """`current -> v1` becomes `current -> v2`: a run stays with what it began with."""
    current = tmp_path / "current"
    current.symlink_to(root)
    sound = require_sound(current, "compose-test", "1.0")
    other = sound_root(tmp_path / "v2")
    write(other, HOOK, "rm -r /\n")
    current.unlink()
    current.symlink_to(other)
    assert sound.read(HOOK) == FILES[HOOK].encode()


# --- while it is verified ----------------------------------------------------------------------


@pytest.fixture
def once_listed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """Does something to the root after its files were listed, and before one is read."""

    def arrange(change: Change) -> None:
        files = tree.files

        def listing(root: Path) -> object:
            found = files(root)
            change(root)
            return found

        monkeypatch.setattr(tree, "files", listing)

    return arrange


SWAPS: dict[str, tuple[Change, str]] = {
    "artifact for a link": (linked_out(ARTIFACT), ARTIFACT),
    "artifact for a pipe": (pipe(ARTIFACT), ARTIFACT),
    "artifact behind a link": (linked_out("bin"), ARTIFACT),
    "artifact for other bytes": (lambda r: write(r, ARTIFACT, "b package\n"), ARTIFACT),
    "artifact for a larger one": (lambda r: os.truncate(r / ARTIFACT, 1 << 40), ARTIFACT),
    "hook for a link": (linked_out(HOOK), HOOK),
    "hook for a pipe": (pipe(HOOK), HOOK),
    "hook for a larger one": (lambda r: os.truncate(r / HOOK, 1 << 40), HOOK),
    "index for a link": (linked_out(INDEX), INDEX),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_file_swapped_once_it_was_listed_is_found(
    root: Path, once_listed: Callable[[Change], None], swap: str
) -> None:
    change, path = SWAPS[swap]
    once_listed(change)
    with openings(outside(root)) as opened:
        problems = verify(root)
    assert path in {problem.path for problem in problems}
    assert opened == []


def test_an_artifact_written_while_it_is_read_is_found(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same bytes, even: what was read may be of two states, of which none was verified."""
    os.utime(root / ARTIFACT, ns=(1, 1))

    class Digest:
        """SHA-256 that is slow enough for somebody to write in between."""

        def __init__(self) -> None:
            self._digest = hashlib.sha256()

        def update(self, chunk: bytes) -> None:
            write(root, ARTIFACT, FILES[ARTIFACT])
            self._digest.update(chunk)

        def hexdigest(self) -> str:
            return self._digest.hexdigest()

    monkeypatch.setattr(inside, "hashlib", SimpleNamespace(sha256=Digest))
    assert [(p.code, p.path, p.message) for p in verify(root)] == [
        (MISMATCH, ARTIFACT, "can't be read: it changed while it was read")
    ]
