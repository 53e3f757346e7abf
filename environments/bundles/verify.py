"""Is a bundle root sound? Every check of its files, and every problem at once.

`bundle verify`, the install preview and the installer (again, before it sends anything) run this
same code. Whether a bundle fits an environment is `planning.py`'s question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from config.core.errors import (
    ArtifactChecksumMismatch,
    ArtifactMissing,
    BundleInvalid,
    DomainError,
    NotFound,
)
from environments.bundles import inside, layout, manifest, tree
from environments.bundles.contents import Known, Reading
from environments.bundles.inside import Hashed
from environments.bundles.model import Bundle
from environments.bundles.problems import INVALID, MISMATCH, MISSING, Problem, as_data
from environments.bundles.sound import Sound

__all__ = ["Examined", "Problem", "Sound", "examine", "require", "require_sound", "verify"]

MAX_PROBLEMS = 5_000

_NOTHING: Final[Known] = MappingProxyType({})
_TEXTS = ("hooks/", "templates/")
_ARTIFACTS = ("bin/", "images/")


@dataclass(frozen=True)
class Examined:
    """What is wrong with a root, sorted, and what its examination found out beside that.

    `bundles` are those that were asked for; `hashed` and `texts` as of `Sound`.
    """

    root: Path
    problems: list[Problem]
    bundles: list[Bundle]
    hashed: Mapping[str, Hashed]
    texts: Mapping[str, str]


def verify(
    root: Path, name: str | None = None, version: str | None = None, *, known: Known = _NOTHING
) -> list[Problem]:
    """What is wrong with `root`, sorted; empty when all holds.

    With `name` (and `version`) only that bundle's own files are hashed; the index, the layout of
    the root and the hooks are checked whole all the same. Artifacts that are as `known` says are
    not read again.
    """
    return examine(root, name, version, known=known).problems


def require(root: Path, name: str, version: str) -> Bundle:
    """That bundle, sound. Raises as `require_sound`."""
    return require_sound(root, name, version).bundle


def require_sound(root: Path, name: str, version: str, *, known: Known = _NOTHING) -> Sound:
    """That bundle, and its hooks as they were verified: raises the error class of the worst
    problem, with all problems in it.

    `NotFound` when the index is sound and has no such bundle; else `ArtifactMissing` or
    `ArtifactChecksumMismatch` (`data.artifacts`, `data.errors`) when that is all that is wrong,
    and `BundleInvalid` for anything else.
    """
    return sound(examine(root, name, version, known=known))


def sound(examined: Examined) -> Sound:
    """The one bundle that was examined. Raises as `require_sound`."""
    if examined.problems:
        raise _error(examined.problems)
    [bundle] = examined.bundles
    return Sound(examined.root, bundle, examined.texts, examined.hashed)


def examine(
    root: Path, name: str | None = None, version: str | None = None, *, known: Known = _NOTHING
) -> Examined:
    """`verify`, with what was found. Raises `NotFound` when the index is sound and has no such
    bundle."""
    try:
        root = root.resolve(strict=True)  # a root may be a link; nothing in it may
        found, problems = tree.files(root)
    except OSError:
        problem = Problem(INVALID, ".", 0, f"there is no bundle root at {root}")
        return Examined(root, [problem], [], {}, {})
    bundles, complaints, digest = _index(root)
    chosen = [b for b in bundles if name in (None, b.name) and version in (None, b.version)]
    if name and not chosen and not complaints:
        raise NotFound(f"The bundle root has no bundle {name} {version or ''}".rstrip() + ".")
    sums, bad_lines = tree.read_sums(root)
    problems += complaints + bad_lines
    problems += layout.check(found, sums, bundles)
    problems += layout.listed(found, sums, chosen)
    reading = Reading(root, sums, bundles, known)
    if digest:
        reading.compare(manifest.INDEX, digest)
    _read(reading, found, sums, chosen, everything=not name)
    problems += reading.problems
    return Examined(root, _limited(problems), chosen, reading.hashed, reading.texts)


def _index(root: Path) -> tuple[list[Bundle], list[Problem], str]:
    """The bundles, what is wrong with them, and the digest of the bytes they were read from."""
    try:
        content = inside.read(root, manifest.INDEX, manifest.MAX_INDEX_BYTES + 1)
    except OSError as error:
        return [], [manifest.unreadable(error)], ""
    return *manifest.parse(content), hashlib.sha256(content).hexdigest()


def _read(
    reading: Reading,
    found: layout.Found,
    sums: layout.Sums,
    bundles: Iterable[Bundle],
    *,
    everything: bool,
) -> None:
    """Each file once. Not `everything`: the artifacts of `bundles`, and what is no artifact."""
    artifacts = {artifact.path: artifact for bundle in bundles for artifact in bundle.artifacts}
    for path, status in sorted(found.items()):
        if artifact := artifacts.get(path):
            reading.artifact(artifact, status)
        elif path.startswith(_TEXTS):
            reading.text(path, status)
        elif path == manifest.INDEX or path not in sums:
            continue
        elif everything or not path.startswith(_ARTIFACTS):
            reading.other(path, status)


def _limited(problems: Iterable[Problem]) -> list[Problem]:
    told = sorted(set(problems))
    if len(told) <= MAX_PROBLEMS:
        return told
    rest = Problem(INVALID, ".", 0, f"and {len(told) - MAX_PROBLEMS} further problems")
    return [*told[:MAX_PROBLEMS], rest]


def _error(problems: list[Problem]) -> DomainError:
    codes = {problem.code for problem in problems}
    errors = as_data(problems)
    if INVALID in codes:
        return BundleInvalid(errors=errors)
    # A tampered file is the worse news of the two.
    code, kind = (
        (MISMATCH, ArtifactChecksumMismatch) if MISMATCH in codes else (MISSING, ArtifactMissing)
    )
    artifacts = sorted({problem.path for problem in problems if problem.code == code})
    return kind(artifacts=artifacts, errors=errors)
