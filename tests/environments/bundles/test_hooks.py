"""The project's own hooks: well-formed, and their library does what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from environments.bundles import manifest, scripts, templates, tree
from tests.environments.bundles.roots import digest

SOURCE = Path(__file__).resolve().parents[3] / "script"
HOOKS = sorted(SOURCE.glob("hooks/*/*.sh"))


def run(snippet: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-euc", f". {SOURCE}/hooks/common/lib.sh\n{snippet}"],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_source_is_sound() -> None:
    found, problems = tree.files(SOURCE)
    bundles = manifest.load(SOURCE)
    assert problems + scripts.check(SOURCE, found) + templates.check(SOURCE, found, bundles) == []
    named = {hook.script for bundle in bundles for hook in bundle.hooks}
    assert named <= found.keys()


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    checked = subprocess.run(
        ["shellcheck", "-x", "-P", "SCRIPTDIR", *map(str, HOOKS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout == ""


@pytest.mark.parametrize("hook", HOOKS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_hooks_stop_at_the_first_failure(hook: Path) -> None:
    if hook.parent.name != "common":
        assert "\nset -eu\n" in hook.read_text()


def test_artifacts_are_checked_on_the_host(tmp_path: Path) -> None:
    sums = {name: digest(name) for name in ("good", "bad", "away")}
    (tmp_path / sums["good"]).write_text("good")
    (tmp_path / sums["bad"]).write_text("changed")
    listed = " ".join(f"bin/{name}={value}" for name, value in sums.items())
    inputs = {"SLIPWAY_ARTIFACT_DIR": str(tmp_path)}
    done = run("check_artifacts; echo installed", SLIPWAY_ARTIFACTS=listed, **inputs)
    assert done.returncode == 1
    assert "artifact checksum mismatch: bin/bad" in done.stdout
    assert "artifact missing: bin/away" in done.stdout
    assert "installed" not in done.stdout
    only_good = run("check_artifacts", SLIPWAY_ARTIFACTS=f"bin/good={sums['good']}", **inputs)
    assert (only_good.returncode, only_good.stdout) == (0, "")


def test_render_fills_in_names_and_runs_nothing(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.write_text("a=${NAME} b=${NAME}${EMPTY}. $(id) `id` $NAME ${lower}\n")
    done = run(f"render {template}", NAME=r"$(id) & \1", EMPTY="")
    assert done.stdout == "a=$(id) & \\1 b=$(id) & \\1. $(id) `id` $NAME ${lower}\n"


def test_render_refuses_what_nothing_sets(tmp_path: Path) -> None:
    (tmp_path / "template").write_text("${ABSENT}\n")
    done = run(f"render {tmp_path}/template")
    assert done.returncode == 1
    assert "nothing sets ABSENT" in done.stderr


def test_put_file_replaces_at_once(tmp_path: Path) -> None:
    done = run(f"echo new | put_file {tmp_path}/etc/file 0600")
    assert done.returncode == 0
    assert (tmp_path / "etc/file").read_text() == "new\n"
    assert (tmp_path / "etc/file").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "etc").iterdir()] == ["file"]
