"""A sound root, a bundle beside another, and the errors of those who require one. Roots that are
not sound: `test_hostile.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.core.errors import ArtifactChecksumMismatch, ArtifactMissing, BundleInvalid, NotFound
from environments.bundles.verify import require, verify
from tests.environments.bundles.hostile import INVALID, MISMATCH
from tests.environments.bundles.roots import (
    ARTIFACT,
    ARTIFACT_LINE,
    HOOK_LINE,
    INDEX,
    INDEX_TEXT,
    edit,
    sound_root,
    write,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


def test_a_sound_root_has_no_problems(root: Path) -> None:
    assert verify(root) == []
    assert require(root, "compose-test", "1.0").artifacts[0].path == ARTIFACT


def test_everything_is_told_at_once(root: Path) -> None:
    edit(root, INDEX, "timeout: 60", "timeout: 0, tries: 1")
    edit(root, INDEX, 'release: "13"', "release: 13")
    write(root, ARTIFACT, "b package\n")
    write(root, "extra", "x")
    told = [(p.code, p.path, p.line) for p in verify(root)]
    assert told == [
        (MISMATCH, ARTIFACT, ARTIFACT_LINE),
        (INVALID, "extra", 0),
        (INVALID, INDEX, 6),
        (INVALID, INDEX, HOOK_LINE),
        (INVALID, INDEX, HOOK_LINE),
    ]


def test_one_bundle_does_not_pay_for_another(root: Path) -> None:
    other = re.sub("(?s).*?  - name", "  - name", INDEX_TEXT, count=1).replace("-test", "-other")
    path = ARTIFACT.replace("-test", "-other")
    write(root, path, "another\n")
    edit(root, INDEX, "bundles:\n", "bundles:\n" + other.replace("DIGEST", "f" * 64))
    assert require(root, "compose-test", "1.0").name == "compose-test"
    assert {p.path for p in verify(root)} == {path}


def test_require_raises_what_is_wrong(root: Path) -> None:
    with pytest.raises(NotFound):
        require(root, "compose-test", "2.0")
    (root / ARTIFACT).unlink()
    with pytest.raises(ArtifactMissing) as missing:
        require(root, "compose-test", "1.0")
    assert missing.value.data["artifacts"] == [ARTIFACT]
    assert missing.value.data["errors"][0]["line"] == ARTIFACT_LINE
    write(root, ARTIFACT, "b package\n")
    with pytest.raises(ArtifactChecksumMismatch) as mismatch:
        require(root, "compose-test", "1.0")
    assert mismatch.value.data["artifacts"] == [ARTIFACT]
    edit(root, INDEX, "phase: install", "phase: later")
    with pytest.raises(BundleInvalid):
        require(root, "compose-test", "1.0")
