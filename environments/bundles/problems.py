"""What is wrong with a bundle, in the form of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

INVALID = "bundle_invalid"
MISSING = "artifact_missing"
MISMATCH = "artifact_checksum_mismatch"
INCOMPATIBLE = "bundle_incompatible"

MAX_MESSAGE = 500


@dataclass(frozen=True, order=True)
class Problem:
    """`path` is relative to the bundle root; `line` 0 means the whole file.

    A message may quote what a hostile file says: it is kept short, and nothing in it steers a
    terminal or turns text around.
    """

    code: str
    path: str
    line: int
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _plain(self.message))


def as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The problems as the contract's `errors`: [{code, path, line, message}]."""
    return [asdict(problem) for problem in problems]


def _plain(text: str) -> str:
    cut = text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}…"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
