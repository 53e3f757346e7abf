"""What is wrong with a bundle, in the form of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

INVALID = "bundle_invalid"
MISSING = "artifact_missing"
MISMATCH = "artifact_checksum_mismatch"
INCOMPATIBLE = "bundle_incompatible"


@dataclass(frozen=True, order=True)
class Problem:
    """`path` is relative to the bundle root; `line` 0 means the whole file."""

    code: str
    path: str
    line: int
    message: str


def as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The problems as the contract's `errors`: [{code, path, line, message}]."""
    return [asdict(problem) for problem in problems]
