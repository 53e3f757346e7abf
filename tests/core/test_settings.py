"""Keys are made once, for their owner alone; production does not start on half of its settings."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.settings.keys import generated_keys

REQUIRED = {
    "SLIPWAY_SECRET_KEY": "x" * 50,
    "SLIPWAY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SLIPWAY_DATABASE_URL": "postgres://localhost/none",
    "SLIPWAY_REDIS_URL": "redis://localhost/0",
}


def python(code: str, **environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_of_several_processes_all_get_the_same_keys(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    code = (
        "from pathlib import Path; from config.settings.keys import generated_keys as g; "
        f"import json; input(); print(json.dumps(g(Path({str(folder)!r}))))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=kept,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = {process.communicate(timeout=60)[0] for process in processes}
    assert len(printed) == 1
    assert json.loads(printed.pop()) == list(generated_keys(folder))
    assert [path.name for path in folder.iterdir()] == ["keys.json"]
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("missing", [None, *REQUIRED])
def test_production_needs_each_of_its_settings(tmp_path: Path, missing: str | None) -> None:
    given = {name: value for name, value in REQUIRED.items() if name != missing}
    process = python(
        "import config.settings.prod", SLIPWAY_DATA_DIR=str(tmp_path / "data"), **given
    )
    _, errors = process.communicate(timeout=60)
    if missing is None:
        assert process.returncode == 0, errors
        return
    assert process.returncode != 0
    assert missing in errors.splitlines()[-1]
    assert not list(tmp_path.glob("data/keys.json"))


@pytest.mark.parametrize(
    ("given", "module", "loopback"),
    [(None, "prod", True), (None, "dev", False), ("10.0.0.0/8", "prod", False)],
)
def test_only_production_denies_clusters_on_loopback(
    tmp_path: Path, given: str | None, module: str, *, loopback: bool
) -> None:
    code = (
        f"from config.settings.{module} import CLUSTER_DENIED_NETWORKS as n; "
        "from ipaddress import ip_address as a; print(any(a('127.0.0.1') in x for x in n))"
    )
    named = {} if given is None else {"SLIPWAY_CLUSTER_DENIED_NETWORKS": given}
    chosen = REQUIRED if module == "prod" else {}
    process = python(code, SLIPWAY_DATA_DIR=str(tmp_path / "data"), **chosen, **named)
    printed, errors = process.communicate(timeout=60)
    assert printed.strip() == str(loopback), errors
