"""`manage.py bundle`: exit codes and output of the contract."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.environments.bundles.roots import ARTIFACT, ARTIFACT_LINE, sound_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


def bundle(*arguments: object) -> str:
    out = io.StringIO()
    call_command("bundle", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_verify_of_a_sound_root(root: Path) -> None:
    assert json.loads(bundle("verify", "--root", root, "--json")) == {"ok": True, "errors": []}
    assert "all holds" in bundle("verify", "--root", root)


def test_verify_tells_every_problem_and_exits_1(root: Path) -> None:
    (root / ARTIFACT).unlink()
    (root / "extra").touch()
    out = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("bundle", "verify", "--root", str(root), "--json", stdout=out)
    assert caught.value.code == 1
    told = json.loads(out.getvalue())
    assert told["ok"] is False
    assert [(e["code"], e["path"], e["line"]) for e in told["errors"]] == [
        ("artifact_missing", ARTIFACT, ARTIFACT_LINE),
        ("bundle_invalid", "extra", 0),
    ]


def test_list(root: Path) -> None:
    assert bundle("list", "--root", root).split()[:3] == ["compose-test", "1.0", "compose"]


def test_build_of_what_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no bundle nonesuch; there are: compose-debian13"):
        bundle("build", "nonesuch", "--root", tmp_path)


def test_build_of_files_that_nobody_brought(tmp_path: Path) -> None:
    for source, said in ((tmp_path / "nonesuch", "no directory"), (tmp_path, "has no files")):
        with pytest.raises(CommandError, match=said):
            bundle("build", "kubeadm", "--root", tmp_path / "root", "--from", source)
