"""The manifest of a bundle root: `manifests/index.yaml` as values, or every mistake in it at once.

The schema is described at the top of `script/manifests/index.yaml`.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from config.core.errors import BundleInvalid
from config.core.strict_yaml import Document, StrictYAMLError
from config.core.strict_yaml import load as load_yaml
from environments.bundles import inside, patterns
from environments.bundles.model import (
    PHASES,
    RUN_ON,
    RUNTIMES,
    Artifact,
    Bundle,
    DebianPackages,
    Hook,
    Platform,
    Recipe,
    Requirements,
    Template,
)
from environments.bundles.options import TYPES, Option
from environments.bundles.problems import INVALID, Problem, as_data
from environments.bundles.section import Section

__all__ = [
    "INDEX", "PHASES", "RUNTIMES", "RUN_ON", "Artifact", "Bundle", "Hook", "Option", "Platform",
    "Recipe", "Requirements", "Template", "load", "parse", "read",
]  # fmt: skip

SCHEMA = "slipway.bundle/v1"
INDEX = "manifests/index.yaml"

MAX_INDEX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_BUNDLES, MAX_HOOKS, MAX_ARTIFACTS = 100, 200, 2_000
# Linux takes no environment variable over 128 KiB, and hooks get the artifact list in one.
MAX_ARTIFACT_LIST_BYTES = 120_000

# What the runner puts where hooks find their templates.
BESIDE_HOOKS = ("script", "inputs.json")

# A component starts with a letter or digit: no `..`, nothing hidden, nothing a shell takes apart.
_PART = r"[A-Za-z0-9][A-Za-z0-9._+~-]*"
_NAME = r"[a-z0-9][a-z0-9.-]{0,63}"
_ID = r"[a-z][a-z0-9_-]{0,63}"
_VERSION = r"[A-Za-z0-9][A-Za-z0-9.+~-]{0,63}"
_WORD = r"[a-z0-9][a-z0-9.+_-]{0,63}"


Part = TypeVar("Part")


def _path_in(*tops: str) -> str:
    return rf"(?=.{{1,240}}$)(?:{'|'.join(tops)})(?:/{_PART})+"


def load(root: Path) -> list[Bundle]:
    """The bundles of `root`. Raises `BundleInvalid` with every problem of the index at once."""
    bundles, problems = read(root)
    if problems:
        raise BundleInvalid(problems[0].message, errors=as_data(problems))
    return bundles


def read(root: Path) -> tuple[list[Bundle], list[Problem]]:
    """The bundles that could be read, and what is wrong with the others."""
    try:
        return parse(inside.read(root, INDEX, MAX_INDEX_BYTES + 1))
    except OSError as error:
        return [], [unreadable(error)]


def unreadable(error: OSError) -> Problem:
    """Why there is no index to read."""
    absent = error.errno == errno.ENOENT
    text = "there is no such file" if absent else f"can't be read: {error.strerror}"
    return Problem(INVALID, INDEX, 0, text)


def parse(text: bytes | str) -> tuple[list[Bundle], list[Problem]]:
    """As `read`, of an index's text."""
    if text[:3] == b"\xef\xbb\xbf":
        return [], [Problem(INVALID, INDEX, 1, "begins with a byte order mark")]
    try:
        document = load_yaml(text, max_bytes=MAX_INDEX_BYTES, max_depth=MAX_DEPTH)
    except StrictYAMLError as error:
        return [], [Problem(INVALID, INDEX, error.line, error.message)]
    problems: list[Problem] = []
    bundles = _index(
        document, lambda line, message: problems.append(Problem(INVALID, INDEX, line, message))
    )
    return bundles, sorted(problems)


def _index(document: Document, report: Callable[[int, str], None]) -> list[Bundle]:
    index = Section(document, (), report)
    if not index.ok:
        return []
    index.choice("schema", (SCHEMA,))
    sections = index.sections("bundles", limit=MAX_BUNDLES, required=True)
    index.finish()
    bundles = [_bundle(section) for section in sections]
    named = [(b.line, f"{b.name} {b.version}") for b in bundles if b.name and b.version]
    for line, key in _repeated(named):
        report(line, f"the bundle {key} is described twice")
    for line, message in _patterns(bundles):
        report(line, message)
    return bundles


def _patterns(bundles: Iterable[Bundle]) -> list[tuple[int, str]]:
    """Patterns of options that are none, and defaults that don't match theirs."""
    options = [option for bundle in bundles for option in bundle.options if option.pattern]
    defaults = [o.default if isinstance(o.default, str) and o.default else None for o in options]
    pairs = tuple(zip((option.pattern for option in options), defaults, strict=True))
    return [
        (option.line, f"the option {option.name}: {complaint}")
        for option, complaint in zip(options, patterns.complaints(pairs), strict=True)
        if complaint
    ]


def _bundle(section: Section) -> Bundle:
    runtime = section.choice("runtime", RUNTIMES)
    bundle = Bundle(
        name=section.text("name", _NAME),
        version=section.text("version", _VERSION),
        runtime=runtime,
        platforms=_all(section.sections("platforms", limit=20, required=True), _platform),
        requires=_requirements(section.section("requires")),
        options=_all(section.sections("options", limit=100), _option),
        artifacts=_all(section.sections("artifacts", limit=MAX_ARTIFACTS), _artifact),
        hooks=_all(section.sections("hooks", limit=MAX_HOOKS, required=True), _hook),
        templates=_all(section.sections("templates", limit=100), _template),
        recipe=_recipe(section.section("build")),
        line=section.line,
    )
    _check_whole(section, bundle)
    section.finish()
    return bundle


def _check_whole(section: Section, bundle: Bundle) -> None:
    """What no part can say of itself: repetition, and parts that don't go together."""
    kinds: dict[str, Iterable[tuple[int, str]]] = {
        "hook id": ((hook.line, hook.id) for hook in bundle.hooks),
        "artifact": ((artifact.line, artifact.path) for artifact in bundle.artifacts),
        "option": ((option.line, option.name) for option in bundle.options),
        # Hooks find them in one flat directory, without the path that they have here.
        "template": ((t.line, PurePosixPath(t.path).name) for t in bundle.templates),
    }
    for kind, items in kinds.items():
        for line, key in _repeated(items):
            section.problem_at(line, f"the {kind} {key} is there twice")
    if sum(len(a.path) + 66 for a in bundle.artifacts) > MAX_ARTIFACT_LIST_BYTES:
        section.problem("the artifact list is too long for hooks to be given", "artifacts")
    if bundle.recipe and bundle.artifacts:
        section.problem("a bundle has either artifacts or a recipe to build them", "build")
    if bundle.runtime == "compose":
        parts: tuple[Hook | Artifact, ...] = (*bundle.hooks, *bundle.artifacts)
        for part in parts:
            if part.run_on != "all":
                section.problem_at(part.line, f"a compose host is never {part.run_on}")


def _repeated(items: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each key that comes again, with the line of its last coming."""
    listed = list(items)
    counts = Counter(key for _, key in listed)
    return sorted((line, key) for key, line in {k: n for n, k in listed}.items() if counts[key] > 1)


def _all(sections: Iterable[Section], read_one: Callable[[Section], Part]) -> tuple[Part, ...]:
    """The parts that were read without a complaint."""
    parts = ((section, read_one(section)) for section in sections)
    return tuple(part for section, part in parts if section.finish())


def _platform(section: Section) -> Platform:
    return Platform(
        os=section.text("os", _WORD),
        release=section.text("release", _WORD),
        arch=section.choice("arch", ("amd64", "arm64")),
    )


def _requirements(section: Section | None) -> Requirements:
    if section is None:
        return Requirements()
    needs = Requirements(
        memory_mb=section.integer("memory_mb", 0, 1 << 30, default=0),
        disk_mb=section.integer("disk_mb", 0, 1 << 30, default=0),
    )
    section.finish()
    return needs


def _artifact(section: Section) -> Artifact:
    return Artifact(
        path=section.text("path", _path_in("bin", "images")),
        sha256=section.text("sha256", "[0-9a-f]{64}"),
        size=section.integer("size", 0, 1 << 40),
        run_on=section.choice("for", RUN_ON, default="all"),
        line=section.line,
    )


def _hook(section: Section) -> Hook:
    hook = Hook(
        id=section.text("id", _ID),
        phase=section.choice("phase", [phase for phase in PHASES if phase != "transfer"]),
        script=section.text("script", _path_in("hooks") + r"(?<=\.sh)"),
        run_on=section.choice("run_on", RUN_ON, default="all"),
        timeout=section.integer("timeout", 1, 7_200, default=300),
        retries=section.integer("retries", 0, 10, default=0),
        idempotent=section.flag("idempotent", default=False),
        max_parallel=section.integer("max_parallel", 0, 1_000, default=0),
        line=section.line,
    )
    if hook.retries and not hook.idempotent:
        section.problem("only an idempotent hook may be retried", "retries")
    return hook


def _template(section: Section) -> Template:
    template = Template(
        path=section.text("path", r"(?!.*[+~])" + _path_in("templates")),
        variables=section.texts("variables", "[A-Z][A-Z0-9_]*", limit=100),
        line=section.line,
    )
    if PurePosixPath(template.path).name in BESIDE_HOOKS:
        section.problem("another file of this name lies beside every hook", "path")
    return template


def _option(section: Section) -> Option:
    option = Option(
        name=section.text("name", r"[a-z][a-z0-9_]{0,63}"),
        type=section.choice("type", TYPES),
        default=section.raw("default"),
        required=section.flag("required", default=False),
        choices=section.texts("choices", r"[^\x00-\x1f]{1,200}", limit=100),
        pattern=section.text("pattern", r"[^\x00-\x1f]{1,200}", default=""),
        minimum=section.integer("minimum", -(1 << 53), 1 << 53) if section.has("minimum") else None,
        maximum=section.integer("maximum", -(1 << 53), 1 << 53) if section.has("maximum") else None,
        description=section.text("description", r"[^\x00-\x1f]{1,500}", default=""),
        line=section.line,
    )
    plain = replace(option, pattern="")  # patterns are matched all at once, when all are read
    given = option.default not in (None, "")
    if section.ok and given and (complaint := plain.complaint(option.default)):
        section.problem(complaint, "default")
    return option


def _recipe(section: Section | None) -> Recipe | None:
    if section is None:
        return None
    sources = section.sections("debian", limit=5)
    recipe = Recipe(
        debian=_all(sources, _debian_packages), brought=section.flag("brought", default=False)
    )
    if bool(recipe.debian) == recipe.brought:
        section.problem("needs either debian or brought")
    section.finish()
    return recipe


def _debian_packages(section: Section) -> DebianPackages:
    return DebianPackages(
        release=section.text("release", "[a-z]+"),
        packages=section.texts("packages", r"[a-z0-9][a-z0-9+.-]+", limit=200),
    )
