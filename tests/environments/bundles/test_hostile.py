"""Hostile bundle roots: each is refused wherever a bundle is looked at, and nothing is touched."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.core.errors import ArtifactChecksumMismatch, ArtifactMissing, BundleInvalid
from environments.bundles import patterns
from environments.bundles.problems import MAX_MESSAGE
from environments.bundles.verify import require, verify
from tests.environments.bundles import hostile_files, hostile_index
from tests.environments.bundles.hostile import INVALID, MISMATCH, MISSING, Case, index, outside
from tests.environments.bundles.roots import ARTIFACT, HOOK, INDEX, LIBRARY, sound_root
from tests.environments.bundles.watching import openings

CASES: dict[str, Case] = {**hostile_index.CASES, **hostile_files.CASES}
ALL = pytest.mark.parametrize("case", CASES)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


def assert_told(case: Case, errors: list[dict[str, Any]]) -> None:
    """The problem of the case is among them, and all are fit to be printed."""
    there = [e for e in errors if (e["code"], e["path"], e["line"]) == case[1:4]]
    assert [e for e in there if case.words in e["message"]], errors
    for error in errors:
        assert (error["path"] + error["message"]).isprintable()
        assert len(error["message"]) <= 10 * MAX_MESSAGE
        json.dumps(error).encode()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) == len(hostile_index.CASES) + len(hostile_files.CASES) > 150


@ALL
def test_the_command_tells_of_it(case: str, root: Path) -> None:
    CASES[case].spoil(root)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended, openings(outside(root)) as opened:
        call_command("bundle", "verify", "--json", "--root", str(root), stdout=out)
    assert ended.value.code == 1
    told = json.loads(out.getvalue())
    assert told["ok"] is False
    assert_told(CASES[case], told["errors"])
    assert opened == []


@ALL
def test_nobody_is_given_the_bundle(case: str, root: Path) -> None:
    CASES[case].spoil(root)
    with (
        pytest.raises((BundleInvalid, ArtifactMissing, ArtifactChecksumMismatch)) as refused,
        openings(outside(root)) as opened,
    ):
        require(root, "compose-test", "1.0")
    assert_told(CASES[case], refused.value.data["errors"])
    assert opened == []


def test_openings_outside_would_be_noticed(root: Path) -> None:
    folder = outside(root) / "inner"
    folder.mkdir()
    (folder / "secret").write_text("x")
    with openings(outside(root)) as opened:
        (folder / "secret").read_text()
    assert "secret" in opened


def test_several_are_told_at_once(root: Path) -> None:
    names = [
        "parent path", "endless timeout", "release is a number", "duplicate hook id",
        "CRLF in a library", "hook changed", "template is a pipe", "extra hidden file",
        "newline in a name", "another name outside", "link to nothing", "line in CRLF",
    ]  # fmt: skip
    for name in names:
        CASES[name].spoil(root)
    told = {(p.code, p.path) for p in verify(root)}
    assert {(CASES[name].code, CASES[name].path) for name in names} - told == set()
    lines = {p.line for p in verify(root) if p.path == INDEX}
    assert {CASES[name].line for name in names if CASES[name].path == INDEX} <= lines


def test_each_file_has_its_own_problem(root: Path) -> None:
    for path in (ARTIFACT, HOOK, LIBRARY):
        with (root / path).open("r+b") as stream:
            stream.write(b"S")
    assert [(p.code, p.path) for p in verify(root)] == [
        (MISMATCH, path) for path in (ARTIFACT, LIBRARY, HOOK)
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device needs root")
@pytest.mark.parametrize("path", ["bin/null", ARTIFACT, HOOK, INDEX])
def test_a_device_is_left_alone(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    os.mknod(root / path, 0o20666, os.makedev(240, 240))  # opening it would fail: there is none
    told = [p for p in verify(root) if p.path == path and "device" in p.message]
    assert [p.code for p in told] == [INVALID]
    assert not [p for p in verify(root) if "No such device" in p.message]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("path", [ARTIFACT, HOOK, INDEX, "bin"])
def test_what_may_not_be_read_is_told(root: Path, path: str) -> None:
    (root / path).chmod(0)
    try:
        assert [p for p in verify(root) if p.path == path and "can't be read" in p.message]
    finally:
        (root / path).chmod(0o755)


def test_a_pattern_without_an_end_has_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    option = f'type: string, pattern: "(a+)+b", default: {"a" * 200}'
    index('type: url, default: ""', option)(root)
    assert [(p.path, p.line) for p in verify(root) if "within 0.5 seconds" in p.message] == [
        (INDEX, 9)
    ]


def test_problems_have_an_end(root: Path) -> None:
    for number in range(5_100):
        (root / f"hooks/extra{number}").touch()
    problems = verify(root)
    assert len(problems) == 5_001
    assert problems[-1].message == "and 100 further problems"


def test_a_root_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(root)
    assert verify(tmp_path / "current") == []


@pytest.mark.parametrize("name", ["none", "file", "pipe"])
def test_a_root_that_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    assert [(p.code, p.path) for p in verify(tmp_path / name)] == [(INVALID, ".")]


def test_missing_has_a_code_of_its_own() -> None:
    assert {case.code for case in CASES.values()} == {INVALID, MISSING, MISMATCH}
