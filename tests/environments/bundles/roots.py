"""A small sound bundle root on disk, for tests to break."""

from __future__ import annotations

import hashlib
from pathlib import Path

ARTIFACT = "bin/linux-amd64/compose-test/engine.deb"
HOOK = "hooks/compose/install.sh"
LIBRARY = "hooks/common/lib.sh"
TEMPLATE = "templates/daemon.json"
INDEX = "manifests/index.yaml"
SUMS = "checksums/SHA256SUMS"

FILES = {
    ARTIFACT: "a package\n",
    HOOK: '#!/bin/sh\nset -eu\n. "$SLIPWAY_HOOKS_DIR/lib.sh"\n',
    LIBRARY: "say() { echo hello; }\n",
    TEMPLATE: '{\n "mirror": "${SLIPWAY_OPTION_MIRROR}",\n "node": "${SLIPWAY_NODE_NAME}"\n}\n',
}
INDEX_TEXT = """\
schema: slipway.bundle/v1
bundles:
  - name: compose-test
    version: "1.0"
    runtime: compose
    platforms: [{os: debian, release: "13", arch: amd64}]
    requires: {memory_mb: 512, disk_mb: 2048}
    options:
      - {name: mirror, type: url, default: ""}
    templates:
      - {path: templates/daemon.json}
    artifacts:
      - {path: bin/linux-amd64/compose-test/engine.deb, sha256: DIGEST, size: 10, for: all}
    hooks:
      - {id: engine, phase: install, script: hooks/compose/install.sh, timeout: 60}
"""
ARTIFACT_LINE, HOOK_LINE, TEMPLATE_LINE = 13, 15, 11


def digest(content: str | bytes) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()


def write(root: Path, path: str, content: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content.encode())


def sum_up(root: Path) -> None:
    """SHA256SUMS anew, for what is in the root now."""
    paths = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    lines = [
        f"{digest(path.read_bytes())}  {path.relative_to(root)}\n"
        for path in paths
        if path != root / SUMS
    ]
    write(root, SUMS, "".join(lines))


def sound_root(root: Path) -> Path:
    for path, content in FILES.items():
        write(root, path, content)
    write(root, INDEX, INDEX_TEXT.replace("DIGEST", digest(FILES[ARTIFACT])))
    sum_up(root)
    return root


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace text in a file and bring SHA256SUMS up to date: a mistake, not an attack."""
    text = (root / path).read_text()
    assert old in text
    write(root, path, text.replace(old, new))
    sum_up(root)
