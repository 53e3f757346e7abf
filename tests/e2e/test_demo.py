"""`manage.py demo`: told to its end, it leaves nothing; without Docker it says what to do."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import processes
from tests.e2e.demo import COMMAND, Demo, settings

# Four releases, each previewed, approved and run: three applied (one of them undoes the second
# release), one failed.
TRANSITIONS = {
    "release.previewed": 4,
    "release.pending_approval": 4,
    "release.approved": 4,
    "release.applying": 4,
    "release.applied": 3,
    "release.failed": 1,
    "release.rollback_requested": 1,
    "release.rollback_completed": 1,
}


@pytest.mark.lab
def test_told_to_its_end_it_leaves_nothing(demo: Demo) -> None:
    if demo.process is None:
        pytest.skip(f"no lab here: {demo.obstacle}")
    said, complaints = demo.process.communicate(timeout=400)
    assert demo.process.returncode == 0, said + complaints
    assert Counter(re.findall(r"^ +\S+ +(release\.\w+) ", said, re.M)) == TRANSITIONS
    assert "Traceback" not in (demo.data_dir / "demo/serve.log").read_text()
    assert not demo.left_over()
    assert not processes.mentioning(str(demo.data_dir))


def test_without_docker_it_says_so_and_offers_hosts_of_ones_own(tmp_path: Path) -> None:
    environment = settings(tmp_path, PATH=str(tmp_path))
    told = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "docker command is not installed" in told.stderr
    assert "--host" in told.stderr
    assert "Traceback" not in told.stderr
