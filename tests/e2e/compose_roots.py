"""Bundle roots of the engine: as built from the source, and with a next version of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from tests.demo.server import ROOT
from tests.environments.bundles.roots import INDEX, digest, sum_up, write

NAMES = ("compose-debian12", "compose-debian13")
NEXT, SUFFIX = "99.0", "+next1"
# What a release of the engine changes: the daemon, what it talks to, and how it is started.
REBUILT = ("docker.io.deb", "containerd.deb", "runc.deb")


def build(root: Path) -> Path:
    """Both bundles, from the source as it is now; packages come from the cache."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    for name in NAMES:
        command = [sys.executable, str(ROOT / "manage.py"), "bundle", "build", name]
        subprocess.run([*command, "--root", str(root)], check=True, env=environment)
    return root


def add_next(root: Path, name: str) -> None:
    """The bundle `name` once more, as its next version: rebuilt packages, everything else alike."""
    index = yaml.safe_load((root / INDEX).read_text())
    bundle = deepcopy(next(entry for entry in index["bundles"] if entry["name"] == name))
    artifacts = [_next(root, artifact) for artifact in bundle["artifacts"]]
    index["bundles"].append({**bundle, "version": NEXT, "artifacts": artifacts})
    write(root, INDEX, yaml.safe_dump(index, sort_keys=False, width=10_000))
    sum_up(root)


def _next(root: Path, artifact: dict[str, Any]) -> dict[str, Any]:
    file = root / artifact["path"]
    if file.name not in REBUILT:
        return artifact
    folder = file.parent.with_name(f"{file.parent.name}-next")
    rebuilt = _rebuild(file, folder / file.name)
    return {
        **artifact,
        "path": str(rebuilt.relative_to(root)),
        "sha256": digest(rebuilt.read_bytes()),
        "size": rebuilt.stat().st_size,
    }


def _rebuild(package: Path, target: Path) -> Path:
    """The package in a version above its own."""
    tree = target.with_suffix(".tree")
    target.parent.mkdir(exist_ok=True)
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = [
        f"{line}{SUFFIX}" if line.startswith("Version: ") else line
        for line in control.read_text().splitlines()
    ]
    control.write_text("\n".join([*lines, ""]))
    packed = ["dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", str(tree), str(target)]
    subprocess.run(packed, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return target
