"""The bundle root of these tests: the built one, with a small bundle to watch and break."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.environments.bundles.roots import INDEX, digest, sum_up, write

NAME, VERSION = "e2e-steps", "1"
PAYLOAD = f"bin/linux-amd64/{NAME}/payload"
HOOK = f"hooks/{NAME}/work.sh"
EFFECTS = "/var/lib/e2e-effects"  # on the host: a file for each mark, a line for each run
# Bytes that are no text, to see that none is lost or changed on the way into the log.
SCRIPT = rf"""#!/bin/sh
set -eu
. "$SLIPWAY_HOOKS_DIR/lib.sh"
check_artifacts
mkdir -p {EFFECTS}
echo "$$" >>"{EFFECTS}/$SLIPWAY_OPTION_MARK"
printf 'no text: \377\376\000, text: \303\244\n'
line=0
while [ "$line" -lt "$SLIPWAY_OPTION_LINES" ]; do
    line=$((line + 1))
    echo "line $line"
    sleep 0.1
done
"""


def make(root: Path, built: Path) -> Path:
    """A copy of `built` with the small bundle in it."""
    shutil.copytree(built, root)
    payload = "payload\n" * 50_000
    write(root, PAYLOAD, payload)
    write(root, HOOK, SCRIPT)
    index = yaml.safe_load((root / INDEX).read_text())
    index["bundles"].append(
        {
            "name": NAME,
            "version": VERSION,
            "runtime": "compose",
            "platforms": [{"os": "debian", "release": "13", "arch": "amd64"}],
            "options": [
                {"name": "mark", "type": "string", "default": "", "required": True},
                {"name": "lines", "type": "integer", "default": 1},
            ],
            "artifacts": [{"path": PAYLOAD, "sha256": digest(payload), "size": len(payload)}],
            "hooks": [{"id": "work", "phase": "install", "script": HOOK, "timeout": 60}],
        }
    )
    write(root, INDEX, yaml.safe_dump(index, sort_keys=False, width=10_000))
    sum_up(root)
    return root
