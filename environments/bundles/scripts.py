"""The hooks of a root: do they parse, and are their lines ended as a POSIX shell expects?"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from environments.bundles.problems import INVALID, Problem

_LINE = re.compile(r"(?:line )?(\d+): (.*)")


def check(root: Path, found: Iterable[str]) -> list[Problem]:
    """What is wrong with every shell script under hooks/, libraries included."""
    problems = []
    for path in sorted(found):
        if path.startswith("hooks/") and path.endswith(".sh"):
            problems += _script(root, path)
    return problems


def _script(root: Path, path: str) -> list[Problem]:
    content = (root / path).read_bytes()
    if b"\r" in content:
        line = content.count(b"\n", 0, content.index(b"\r")) + 1
        return [Problem(INVALID, path, line, "a line ends in CRLF")]
    # Read from standard input: a name can't be taken for an option, and messages stay short.
    parsed = subprocess.run(
        ["sh", "-n"], input=content, capture_output=True, timeout=10, check=False
    )
    if parsed.returncode == 0:
        return []
    message = parsed.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason"]
    match = _LINE.search(message[0])
    line, text = (int(match[1]), match[2]) if match else (0, message[0])
    return [Problem(INVALID, path, line, f"does not parse: {text}")]
