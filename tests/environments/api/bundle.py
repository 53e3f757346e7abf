"""A bundle of one artifact and the hooks that a test asks for, made for this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.environments.bundles.roots import INDEX, digest, sum_up, write

ARTIFACT = "bin/linux-amd64/compose-test/payload"
PAYLOAD = "payload\n" * 100


class BundleRoot:
    """`compose-test 1.0`; every method writes the root anew, sound."""

    def __init__(self, root: Path, facts: dict[str, Any]) -> None:
        self.root = root
        names = ("os", "release", "arch")
        self.bundle: dict[str, Any] = {
            "name": "compose-test",
            "version": "1.0",
            "runtime": "compose",
            "platforms": [{name: facts[name] for name in names}],
            "options": [{"name": "mirror", "type": "url", "default": ""}],
            "artifacts": [{"path": ARTIFACT, "sha256": digest(PAYLOAD), "size": len(PAYLOAD)}],
            "hooks": [],
        }
        self.others: list[dict[str, Any]] = []  # beside it in the index
        write(root, ARTIFACT, PAYLOAD)
        self.hook("install", 'echo "hello from $SLIPWAY_NODE_NAME"')

    def hook(self, name: str, script: str, **terms: Any) -> None:
        """A hook of phase install, after those there are; or other terms for one there is."""
        path = f"hooks/compose/{name}.sh"
        write(self.root, path, f"#!/bin/sh\nset -eu\n{script}\n")
        entry = {"id": name, "phase": "install", "script": path, "timeout": 30, **terms}
        self.bundle["hooks"] = [h for h in self.bundle["hooks"] if h["id"] != name] + [entry]
        self.write()

    def write(self) -> None:
        index = {"schema": "slipway.bundle/v1", "bundles": [self.bundle, *self.others]}
        write(self.root, INDEX, yaml.safe_dump(index, sort_keys=False, width=10_000))
        sum_up(self.root)
