"""Matching text with patterns that a bundle brings.

A pattern can be written so that a short text keeps it busy for years, and nothing stops Python's
matcher from within: it runs in a process of its own, which has an end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache

SECONDS = 3.0

_PROGRAM = """
import json, re, sys
for pattern, text in json.load(sys.stdin):
    try:
        fits = re.compile(pattern).fullmatch(text) if text is not None else re.compile(pattern)
        answer = "" if fits else f"Must match {pattern}."
    except Exception as error:
        answer = f"The pattern is no regular expression: {error}."
    print(json.dumps(answer), flush=True)
"""


def complaint(pattern: str, text: str) -> str | None:
    """What keeps all of `text` from matching `pattern`; None when it does."""
    return complaints(((pattern, text),))[0]


@lru_cache(maxsize=256)
def complaints(pairs: tuple[tuple[str, str | None], ...]) -> Sequence[str | None]:
    """`complaint` for each (pattern, text), in SECONDS for all of them together; without a text
    only whether the pattern is one."""
    if not pairs:
        return ()
    try:
        answers = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps(pairs).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as expired:
        answers = expired.stdout or b""
    whole = answers[: answers.rfind(b"\n") + 1]  # it may have been ended within a line
    told = [json.loads(line) or None for line in whole.splitlines()]
    unsaid = f"Could not be matched with its pattern within {SECONDS:g} seconds."
    return (*told, *[unsaid] * (len(pairs) - len(told)))
