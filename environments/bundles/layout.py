"""Is everything in a root where the index and SHA256SUMS say, and nothing else? Reads no file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from environments.bundles import manifest, scripts, templates, tree
from environments.bundles.model import Artifact, Bundle
from environments.bundles.problems import INVALID, MISMATCH, MISSING, Problem

__all__ = ["LIBRARIES", "MAX_TEXT_BYTES", "check", "listed"]

MAX_TEXT_BYTES = 1 << 20
LIBRARIES = "hooks/common"

_FLAT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")

Found = Mapping[str, os.stat_result]
Sums = Mapping[str, tree.Sum]


def check(found: Found, sums: Sums, bundles: Iterable[Bundle]) -> list[Problem]:
    """What is wrong with the root as a whole; `bundles` are all of its index."""
    bundles = list(bundles)
    artifacts = {artifact.path for bundle in bundles for artifact in bundle.artifacts}
    named = artifacts | {manifest.INDEX, tree.SUMS}
    for bundle in bundles:
        named |= {hook.script for hook in bundle.hooks} | {t.path for t in bundle.templates}
    return [
        *_unnamed(found, sums, named),
        *_unsummed(found, sums, named),
        *_alone(found),
        *_libraries(found, bundles),
        *(
            Problem(MISSING, path, sums[path].line, "SHA256SUMS lists this file; it is not there")
            for path in sums.keys() - found.keys() - artifacts
        ),
    ]


def listed(found: Found, sums: Sums, bundles: Iterable[Bundle]) -> list[Problem]:
    """What the index names: is it there, of that size, and does SHA256SUMS agree?"""
    return [problem for bundle in bundles for problem in _of_bundle(found, sums, bundle)]


def _unnamed(found: Found, sums: Sums, named: set[str]) -> Iterator[Problem]:
    for path in found.keys() - sums.keys() - named:
        yield Problem(INVALID, path, 0, "neither the index nor SHA256SUMS names this file")


def _unsummed(found: Found, sums: Sums, named: set[str]) -> Iterator[Problem]:
    if tree.SUMS not in found:  # which is told already
        return
    for path in (named & found.keys()) - sums.keys() - {tree.SUMS}:
        yield Problem(INVALID, path, 0, "SHA256SUMS does not list this file")


def _alone(found: Found) -> Iterator[Problem]:
    for path, status in found.items():
        if status.st_nlink > 1:
            text = "a link: the file has another name, by which it can be changed from elsewhere"
            yield Problem(INVALID, path, 0, text)
        if status.st_size > MAX_TEXT_BYTES and (
            path.startswith("hooks/") or templates.is_template(path)
        ):
            text = f"a hook or template of more than {MAX_TEXT_BYTES} bytes"
            yield Problem(INVALID, path, 0, text)


def _libraries(found: Found, bundles: Iterable[Bundle]) -> Iterator[Problem]:
    """Libraries and templates lie side by side on a host, without the path that they have here."""
    names = {
        PurePosixPath(path).name
        for path in found
        if scripts.is_script(path) and str(PurePosixPath(path).parent) == LIBRARIES
    }
    for name in names:
        if not _FLAT.fullmatch(name):
            yield Problem(INVALID, f"{LIBRARIES}/{name}", 0, "no name for a library of hooks")
    for bundle in bundles:
        for template in bundle.templates:
            if PurePosixPath(template.path).name in names:
                text = f"the template {template.path} has the name of a library of hooks"
                yield Problem(INVALID, manifest.INDEX, template.line, text)


def _of_bundle(found: Found, sums: Sums, bundle: Bundle) -> Iterator[Problem]:
    if bundle.recipe:
        text = f"{bundle.name} is not built: run bundle build {bundle.name}"
        yield Problem(MISSING, manifest.INDEX, bundle.line, text)
    for hook in bundle.hooks:
        if hook.script not in found:
            text = f"the hook {hook.id} needs {hook.script}, which is not there"
            yield Problem(INVALID, manifest.INDEX, hook.line, text)
    for template in bundle.templates:
        if template.path not in found:
            text = f"the template {template.path} is not there"
            yield Problem(INVALID, manifest.INDEX, template.line, text)
    for artifact in bundle.artifacts:
        if complaint := _artifact(artifact, found, sums):
            code, text = complaint
            yield Problem(code, artifact.path, artifact.line, text)


def _artifact(artifact: Artifact, found: Found, sums: Sums) -> tuple[str, str] | None:
    if artifact.path not in found:
        return MISSING, "the artifact is not there"
    size = found[artifact.path].st_size
    if size != artifact.size:
        return MISMATCH, f"the index says {artifact.size} bytes, the file has {size}"
    if artifact.path in sums and sums[artifact.path].sha256 != artifact.sha256:
        return MISMATCH, "the index and SHA256SUMS name different digests"
    return None
