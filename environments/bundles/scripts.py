"""The hooks of a root: are they POSIX shell that parses, and is what one sees what sh gets?"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from environments.bundles.problems import INVALID, Problem

SECONDS = 10

_LINE = re.compile(r"(?:line )?(\d+): (.*)")
_SHELL = re.compile(rb"#! ?(/usr)?/bin/(env )?sh( -[a-z]+)?")
# Characters that turn the direction of text: a reader sees another program than sh runs.
_TURNING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")  # U+202A to E, U+2066 to 9


def is_script(path: str) -> bool:
    """Every shell script under hooks/, libraries included."""
    return path.startswith("hooks/") and path.endswith(".sh")


def check(root: Path, found: Iterable[str]) -> list[Problem]:
    """What is wrong with the scripts among the files of `root`."""
    return [
        problem
        for path in sorted(found)
        if is_script(path)
        for problem in check_one(path, (root / path).read_bytes())
    ]


def check_one(path: str, content: bytes) -> list[Problem]:
    """What is wrong with the script `content`, which lies at `path`."""
    odd = [Problem(INVALID, path, line, text) for line, text in _oddities(content)]
    return odd or _parse(path, content)


def _oddities(content: bytes) -> Iterator[tuple[int, str]]:
    def line_at(offset: int) -> int:
        return content.count(b"\n", 0, offset) + 1

    first = content.partition(b"\n")[0].rstrip()
    if content.startswith(b"\xef\xbb\xbf"):
        yield 1, "begins with a byte order mark"
    elif first.startswith(b"#!") and not _SHELL.fullmatch(first):
        yield 1, "hooks are for sh: the first line names another interpreter"
    if b"\r" in content:
        yield line_at(content.index(b"\r")), "a line ends in CRLF"
    if b"\0" in content:
        yield line_at(content.index(b"\0")), "holds a NUL"
    if turning := _TURNING.search(content):
        yield line_at(turning.start()), "holds a character that turns the direction of text"


def _parse(path: str, content: bytes) -> list[Problem]:
    try:
        # Read from standard input: a name can't be taken for an option, messages stay short.
        parsed = subprocess.run(
            ["sh", "-n"],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return [Problem(INVALID, path, 0, f"is not parsed within {SECONDS} seconds")]
    if parsed.returncode == 0:
        return []
    message = parsed.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason"]
    match = _LINE.search(message[0])
    line, text = (int(match[1]), match[2]) if match else (0, message[0])
    return [Problem(INVALID, path, line, f"does not parse: {text}")]
