"""The scripts that hosts run are sound POSIX shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from deployments.runtimes.compose import apply

SCRIPTS = sorted((Path(apply.__file__).parent / "scripts").glob("*.sh"))


def test_there_are_some() -> None:
    assert {path.stem for path in SCRIPTS} >= {"lib", "stage", "gate", "switch", "restore"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.stem))
def test_it_parses(script: Path) -> None:
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.stem))
def test_shellcheck_finds_nothing(script: Path) -> None:
    done = subprocess.run(
        ["shellcheck", "-x", "-s", "sh", script.name],
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
