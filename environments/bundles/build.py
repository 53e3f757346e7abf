"""Building a bundle root from the project's `script/`: the tree, its artifacts, and their digests.

A root may hold bundles that were built before or brought by hand: those stay as they are, and
their lines of SHA256SUMS are taken over, not computed anew, so that a build never vouches for
bytes that it did not put there.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from config.core.errors import NotFound
from environments.bundles import debian, index_writer, manifest, tree
from environments.bundles.debian import BuildFailed
from environments.bundles.model import Artifact, Bundle, Recipe

__all__ = ["BuildFailed", "build"]

logger = logging.getLogger(__name__)

SOURCE_DIRECTORIES = ("hooks", "templates")


def build(
    name: str,
    *,
    root: Path,
    source: Path,
    source_dir: Path | None = None,
    cache: Path | None = None,
    say: Callable[[str], None] = logger.info,
) -> Bundle:
    """Put the bundle `name` of `source` (the project's script/) into `root`, complete.

    `source_dir` holds the files of a bundle that is brought by the operator; `cache` keeps what
    was fetched (default: beside the root); `say` is told what happens (default: the log). Building
    again, with nothing changed, changes nothing.

    Raises `NotFound`, `BundleInvalid` and `BuildFailed`.
    """
    bundle = _find(manifest.load(source), name)
    if bundle.recipe is None:
        raise BuildFailed(f"{name} has nothing to build: its artifacts are listed.")
    root.mkdir(parents=True, exist_ok=True)
    collected = _collect(
        bundle.name, bundle.recipe, source_dir, cache or root.parent / "bundle-cache", say
    )
    # The lock lies beside the root: in it, verification would find a file that nobody vouches for.
    with tree.locked(root.with_name(f".{root.name}.lock")):
        artifacts = [_place(root, path, file) for path, file in sorted(collected.items())]
        _remove_others(root, bundle.name, {artifact.path for artifact in artifacts})
        index = index_writer.write(source, root, bundle.name, artifacts)
        copied = {**_copy_source(source, root), manifest.INDEX: index}
        _sum_up(root, bundle.name, {**copied, **{a.path: a.sha256 for a in artifacts}})
    megabytes = sum(artifact.size for artifact in artifacts) / 1e6
    say(f"{name} {bundle.version}: {len(artifacts)} artifacts, {megabytes:.1f} MB, in {root}")
    return _find(manifest.load(root), name)


def _find(bundles: list[Bundle], name: str) -> Bundle:
    for bundle in bundles:
        if bundle.name == name:
            return bundle
    known = ", ".join(bundle.name for bundle in bundles)
    raise NotFound(f"There is no bundle {name}; there are: {known}.")


def _collect(
    name: str,
    recipe: Recipe,
    source_dir: Path | None,
    cache: Path,
    say: Callable[[str], None],
) -> dict[str, Path]:
    """The files to become artifacts, by their path in the root."""
    if recipe.brought:
        if source_dir is None:
            raise BuildFailed(
                f"{name} is made of files that you bring: name their directory (--from)."
            )
        if not source_dir.is_dir():
            raise BuildFailed(f"There is no directory {source_dir}.")
        if not (files := dict(_brought(name, source_dir))):
            raise BuildFailed(f"The directory {source_dir} has no files.")
        return files
    if source_dir is not None:
        raise BuildFailed(f"{name} is made of Debian's packages; it takes no directory.")
    packages = debian.collect(recipe.debian, cache, say)
    return {f"{_directories(name)[0]}{p.name}.deb": p.file for p in packages}


def _brought(name: str, directory: Path) -> Iterator[tuple[str, Path]]:
    files, problems = tree.files(directory)
    if problems:
        raise BuildFailed("\n".join(f"{problem.path}: {problem.message}" for problem in problems))
    binaries, images = _directories(name)
    for path in files:
        place = (
            images + path.removeprefix("images/") if path.startswith("images/") else binaries + path
        )
        yield place, directory / path


def _directories(name: str) -> tuple[str, str]:
    """Where the artifacts of a bundle lie, and nothing else: binaries, and images."""
    return f"bin/linux-amd64/{name}/", f"images/{name}/"


def _place(root: Path, path: str, file: Path) -> Artifact:
    """Make `root/path` a copy of `file`; one that is already there is kept."""
    digest, target = tree.sha256(file), root / path
    if not target.is_file() or target.is_symlink() or tree.sha256(target) != digest:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        shutil.copyfile(file, partial)
        if tree.sha256(partial) != digest:
            raise BuildFailed(f"{file} changed while it was copied.")
        partial.replace(target)
    return Artifact(path, digest, target.stat().st_size)


def _remove_others(root: Path, name: str, keep: set[str]) -> None:
    """Clear a bundle's own directories of what an earlier build left there."""
    for directory in _directories(name):
        for path in sorted((root / directory).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif str(path.relative_to(root)) not in keep:
                path.unlink()


def _copy_source(source: Path, root: Path) -> dict[str, str]:
    """Hooks and templates as they are in the source; answers their digests. A template of a bundle
    that is not in the root stays out: nothing there says what may stand in it."""
    sums = {}
    declared = {template.path for bundle in manifest.load(root) for template in bundle.templates}
    for directory in SOURCE_DIRECTORIES:
        files, problems = tree.files(source / directory)
        if problems:
            raise BuildFailed(
                "\n".join(f"{problem.path}: {problem.message}" for problem in problems)
            )
        for name in files:
            path = f"{directory}/{name}"
            if directory == "templates" and path not in declared:
                (root / path).unlink(missing_ok=True)  # an earlier build's
                continue
            tree.replace(root / path, (source / path).read_bytes())
            sums[path] = tree.sha256(root / path)
    return sums


def _sum_up(root: Path, name: str, ours: dict[str, str]) -> None:
    listed, _ = tree.read_sums(root)
    kept = {
        path: entry.sha256
        for path, entry in listed.items()
        if path not in ours
        and not path.startswith(_directories(name))
        and (not path.startswith("templates/") or (root / path).is_file())
    }
    tree.write_sums(root, {**kept, **ours})
