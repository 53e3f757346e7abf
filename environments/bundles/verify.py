"""Is a bundle root sound? Every check of its files, and every problem at once.

`bundle verify`, the install preview and the installer (again, before it sends anything) run this
same code. Whether a bundle fits an environment is `planning.py`'s question.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config.core.errors import (
    ArtifactChecksumMismatch,
    ArtifactMissing,
    BundleInvalid,
    DomainError,
    NotFound,
)
from environments.bundles import manifest, scripts, templates, tree
from environments.bundles.model import Artifact, Bundle
from environments.bundles.problems import INVALID, MISMATCH, MISSING, Problem, as_data

__all__ = ["Problem", "require", "verify"]

MAX_TEXT_BYTES = 1 << 20


def verify(root: Path, name: str | None = None, version: str | None = None) -> list[Problem]:
    """What is wrong with `root`, sorted; empty when all holds.

    With `name` (and `version`) only that bundle's own files are hashed; the index, the layout of
    the root and the hooks are checked whole all the same.
    """
    return _examine(root, name, version)[1]


def require(root: Path, name: str, version: str) -> Bundle:
    """That bundle, sound: raises the error class of the worst problem, with all problems in it.

    `NotFound` when the index is sound and has no such bundle; else `ArtifactMissing` or
    `ArtifactChecksumMismatch` (`data.artifacts`, `data.errors`) when that is all that is wrong,
    and `BundleInvalid` for anything else.
    """
    bundles, problems = _examine(root, name, version)
    if problems:
        raise _error(problems)
    return next(iter(bundles))


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


def _examine(
    root: Path, name: str | None, version: str | None
) -> tuple[list[Bundle], list[Problem]]:
    if not root.is_dir():
        return [], [Problem(INVALID, ".", 0, f"there is no bundle root at {root}")]
    bundles, problems = manifest.read(root)
    chosen = [b for b in bundles if name in (None, b.name) and version in (None, b.version)]
    if name and not chosen and not problems:
        raise NotFound(f"The bundle root has no bundle {name} {version or ''}".rstrip() + ".")
    found, odd = tree.files(root)
    sums, bad_lines = tree.read_sums(root)
    problems += odd + bad_lines
    problems += _layout(found, sums, bundles)
    problems += _listed(found, sums, chosen)
    problems += _hashes(root, found, sums, chosen if name else bundles, everything=not name)
    texts = [path for path, size in found.items() if size <= MAX_TEXT_BYTES]
    problems += scripts.check(root, texts)
    problems += templates.check(root, texts, bundles)
    return chosen, sorted(set(problems))


def _layout(
    found: dict[str, int], sums: dict[str, tree.Sum], bundles: list[Bundle]
) -> list[Problem]:
    """Files that nobody vouches for, and lines of SHA256SUMS without their file."""
    named = {artifact.path for bundle in bundles for artifact in bundle.artifacts}
    known = {*sums, *named, tree.SUMS}
    problems = [
        Problem(INVALID, path, 0, "neither the index nor SHA256SUMS names this file")
        for path in found.keys() - known
    ]
    problems += [
        Problem(INVALID, path, 0, f"a hook or template of more than {MAX_TEXT_BYTES} bytes")
        for path, size in found.items()
        if size > MAX_TEXT_BYTES and path.startswith(("hooks/", "templates/"))
    ]
    if sums:
        problems += [
            Problem(INVALID, path, 0, "SHA256SUMS does not list this file")
            for path in sorted((named | {manifest.INDEX}) & found.keys() - sums.keys())
        ]
    problems += [
        Problem(MISSING, path, sums[path].line, "SHA256SUMS lists this file, but it is not there")
        for path in sums.keys() - found.keys() - named
    ]
    return problems


def _listed(
    found: dict[str, int], sums: dict[str, tree.Sum], bundles: Iterable[Bundle]
) -> list[Problem]:
    """What the index names: is it there, of that size, and does SHA256SUMS agree?"""
    problems = []
    for bundle in bundles:
        if bundle.recipe:
            text = f"{bundle.name} is not built: run bundle build {bundle.name}"
            problems.append(Problem(MISSING, manifest.INDEX, bundle.line, text))
        for hook in bundle.hooks:
            if hook.script not in found:
                text = f"the hook {hook.id} needs {hook.script}, which is not there"
                problems.append(Problem(INVALID, manifest.INDEX, hook.line, text))
        for template in bundle.templates:
            if template.path not in found:
                text = f"the template {template.path} is not there"
                problems.append(Problem(INVALID, manifest.INDEX, template.line, text))
        for artifact in bundle.artifacts:
            if complaint := _artifact(artifact, found, sums):
                code, text = complaint
                problems.append(Problem(code, artifact.path, artifact.line, text))
    return problems


def _artifact(
    artifact: Artifact, found: dict[str, int], sums: dict[str, tree.Sum]
) -> tuple[str, str] | None:
    if artifact.path not in found:
        return MISSING, "the artifact is not there"
    if found[artifact.path] != artifact.size:
        text = f"the index says {artifact.size} bytes, the file has {found[artifact.path]}"
        return MISMATCH, text
    if artifact.path in sums and sums[artifact.path].sha256 != artifact.sha256:
        return MISMATCH, "the index and SHA256SUMS name different digests"
    return None


def _hashes(
    root: Path,
    found: dict[str, int],
    sums: dict[str, tree.Sum],
    bundles: Iterable[Bundle],
    *,
    everything: bool,
) -> list[Problem]:
    """Files whose bytes are not what is written of them; each file is read once.

    Not `everything`: the artifacts of `bundles`, and all that is not an artifact.
    """
    artifacts = {artifact.path: artifact for bundle in bundles for artifact in bundle.artifacts}
    problems = []
    for path in sorted(found.keys() & {*sums, *artifacts}):
        if not (everything or path in artifacts or not path.startswith(("bin/", "images/"))):
            continue
        artifact = artifacts.get(path)
        if artifact and found[path] != artifact.size:
            continue  # told already, and reading a file of the wrong size proves nothing more
        line = artifact.line if artifact else sums[path].line
        expected = {s.sha256 for s in (artifact, sums.get(path)) if s}
        try:
            actual = tree.sha256(root / path)
        except OSError as error:
            problems.append(Problem(MISSING, path, line, f"can't be read: {error.strerror}"))
            continue
        if actual not in expected:  # where the two differ, that is told already
            problems.append(Problem(MISMATCH, path, line, f"the file's sha256 is {actual}"))
    return problems
