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


def check(root: Path, found: Iterable[str], bundles: Sequence[Bundle]) -> list[Problem]:
    """Placeholders of every file under templates/ that no hook environment or bundle defines."""
    problems = []
    for path in sorted(found):
        if not path.startswith("templates/"):
            continue
        known = _known(path, bundles)
        text = (root / path).read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            problems += [
                Problem(INVALID, path, number, f"nothing sets ${{{name}}}")
                for name in _PLACEHOLDER.findall(line)
                if name not in known
            ]
    return problems


def _known(path: str, bundles: Sequence[Bundle]) -> set[str]:
    """Names that may be used in the template `path`: those of the bundles that declare it."""
    known = set(HOOK_VARIABLES)
    for bundle in bundles:
        for template in bundle.templates:
            if template.path == path:
                known |= {*template.variables, *(option.variable for option in bundle.options)}
    return known
