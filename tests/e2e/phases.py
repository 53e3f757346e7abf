"""Bundles to break things under: a hook in every phase that counts its runs on the host."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.environments.bundles.roots import INDEX, digest, sum_up, write
from tests.lab import Host

PHASES, AGAIN, LARGE = "e2e-phases", "e2e-again", "e2e-large"
PAYLOAD_BYTES, LARGE_BYTES = 24_000_000, 100_000_000
HOOK = "hooks/e2e-phases/work.sh"
HOOKS = {
    "check": "preflight",
    "work": "install",
    "settings": "configure",
    "proof": "verify",
    "removal": "uninstall",
}
ARTIFACTS = "/var/lib/slipway/artifacts"
# On the host: per mark a directory, in it per attempt a file, and in that per run a line.
EFFECTS = "/var/lib/e2e-phases"
# Who ignores TERM, and leaves its session by forking twice.
STUBBORN = "sh -c 'trap \"\" TERM; while :; do sleep 1; done'"
SCRIPT = rf"""#!/bin/sh
set -eu
mkdir -p "{EFFECTS}/$SLIPWAY_OPTION_MARK"
echo "$$" >>"{EFFECTS}/$SLIPWAY_OPTION_MARK/${{SLIPWAY_JOB##*/}}"
token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
printf 'no text: \377\376\000, text: \303\244\n::slipway secret TOKEN=%s\n' "$token"
if [ "$SLIPWAY_OPTION_STUBBORN" = true ]; then
    trap '' TERM
    (setsid {STUBBORN} &)
fi
tick=0
while [ "$tick" -lt "$SLIPWAY_OPTION_TICKS" ]; do
    tick=$((tick + 1))
    read -r now _ </proc/uptime
    line=0
    while [ "$line" -lt 20 ]; do
        line=$((line + 1))
        echo "tick $tick line $line at $now s of the host, the token being $token"
    done
    sleep 0.1
done
echo "last line"
"""
OPTIONS = [
    {"name": "mark", "type": "string", "default": "", "required": True},
    {"name": "ticks", "type": "integer", "default": 1},
    {"name": "stubborn", "type": "boolean", "default": False},
]


def make(root: Path) -> Path:
    """A root of three bundles: `PHASES`; `AGAIN`, whose hook may be run again by itself; and
    `LARGE`, whose artifact takes a while to send."""
    write(root, HOOK, SCRIPT)
    again = {**_hook("work", "install"), "idempotent": True, "retries": 1}
    bundles = [
        _bundle(root, PHASES, PAYLOAD_BYTES, [_hook(*each) for each in HOOKS.items()]),
        _bundle(root, AGAIN, 1_000, [again]),
        _bundle(root, LARGE, LARGE_BYTES, [_hook("work", "install")]),
    ]
    index = {"schema": "slipway.bundle/v1", "bundles": bundles}
    write(root, INDEX, yaml.safe_dump(json.loads(json.dumps(index))))  # without aliases
    sum_up(root)
    return root


def forget_artifact(root: Path, bundle: str, hosts: Sequence[Host]) -> str:
    """Has the hosts be sent the bundle's artifact again, from its beginning; its sha256."""
    sha256 = digest((root / _artifact(bundle)).read_bytes())
    for host in hosts:
        host.exec("rm", "-f", f"{ARTIFACTS}/{sha256}", f"{ARTIFACTS}/{sha256}.part")
    return sha256


def _artifact(bundle: str) -> str:
    return f"bin/linux-amd64/{bundle}/payload"


def _hook(name: str, phase: str) -> dict[str, Any]:
    return {"id": name, "phase": phase, "script": HOOK, "timeout": 120}


def _bundle(root: Path, name: str, size: int, hooks: list[dict[str, Any]]) -> dict[str, Any]:
    payload = random.Random(name).randbytes(size)  # noqa: S311 - any bytes, the same each time
    file = root / _artifact(name)
    file.parent.mkdir(parents=True)
    file.write_bytes(payload)
    return {
        "name": name,
        "version": "1",
        "runtime": "compose",
        "platforms": [{"os": "debian", "release": "13", "arch": "amd64"}],
        "options": OPTIONS,
        "artifacts": [{"path": _artifact(name), "sha256": digest(payload), "size": size}],
        "hooks": hooks,
    }
