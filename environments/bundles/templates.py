"""Templates are text with `${NAME}`: a name that nothing sets is found before a host sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from environments.bundles.model import Bundle
from environments.bundles.problems import INVALID, Problem

# What every hook has in its environment; `planning.hook_environment` sets it.
HOOK_VARIABLES = frozenset(
    {
        "SLIPWAY_BUNDLE",
        "SLIPWAY_BUNDLE_VERSION",
        "SLIPWAY_RUNTIME",
        "SLIPWAY_NODE_NAME",
        "SLIPWAY_NODE_ROLE",
        "SLIPWAY_NODE_ADDRESS",
        "SLIPWAY_FIRST_CONTROL_PLANE",
        "SLIPWAY_PEERS",
        "SLIPWAY_REQUIRES_MEMORY_MB",
        "SLIPWAY_REQUIRES_DISK_MB",
        "SLIPWAY_ARTIFACT_DIR",
        "SLIPWAY_ARTIFACTS",
        "SLIPWAY_HOOKS_DIR",
    }
)
_PLACEHOLDER = re.compile(r"\$\{([^}\n]*)\}?")


def is_template(path: str) -> bool:
    return path.startswith("templates/")


def check(root: Path, found: Iterable[str], bundles: Sequence[Bundle]) -> list[Problem]:
    """Placeholders of every template of `root` that no hook environment or bundle defines."""
    return [
        problem
        for path in sorted(found)
        if is_template(path)
        for problem in check_one(path, (root / path).read_bytes(), bundles)
    ]


def check_one(path: str, content: bytes, bundles: Sequence[Bundle]) -> list[Problem]:
    """The same of the one template `content`, which lies at `path`."""
    known = _known(path, bundles)
    return [
        Problem(INVALID, path, number, f"nothing sets ${{{name}}}")
        for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1)
        for name in _PLACEHOLDER.findall(line)
        if name not in known
    ]


def _known(path: str, bundles: Sequence[Bundle]) -> set[str]:
    """Names that may be used in the template `path`: what every bundle that declares it has."""
    declared = [
        {*template.variables, *(option.variable for option in bundle.options)}
        for bundle in bundles
        for template in bundle.templates
        if template.path == path
    ]
    return {*HOOK_VARIABLES, *(set.intersection(*declared) if declared else ())}
