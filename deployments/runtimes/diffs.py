"""Changes in the one shape that previews show them in (contract, `diff`)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

ABSENT: Final = object()  # a part may be there and hold nothing: None is not it


@dataclass(frozen=True)
class Change:
    """One part of what a release consists of; `before`, `after`: secrets masked, or ABSENT.
    `action` where more is known than the two tell."""

    kind: str
    name: str
    before: object
    after: object
    namespace: str = ""
    action: str = ""

    @property
    def verb(self) -> str:
        if self.action:
            return self.action
        if self.before is ABSENT:
            return "create"
        if self.after is ABSENT:
            return "delete"
        return "unchanged" if self.before == self.after else "update"


def told(changes: Iterable[Change]) -> dict[str, Any]:
    """{summary, resources}: all counted, and those that differ as unified diffs of YAML."""
    summary = dict.fromkeys(("create", "update", "delete", "unchanged"), 0)
    resources = []
    for change in changes:
        summary[change.verb] += 1
        if change.verb != "unchanged":
            resources.append(
                {
                    "action": change.verb,
                    "kind": change.kind,
                    "name": change.name,
                    "namespace": change.namespace,
                    "unified": _unified(change) or f"  {change.name}\n",
                }
            )
    return {"summary": summary, "resources": resources}


def as_yaml(documents: Sequence[object]) -> str:
    """Keys in order, a document after the other. By libyaml: PyYAML's own writer takes most of the
    time of a preview."""
    return str(
        yaml.dump_all(
            documents,
            Dumper=yaml.CSafeDumper,
            sort_keys=True,
            allow_unicode=True,
            default_flow_style=False,
        )
    )


def _unified(change: Change) -> str:
    before, after = _lines(change.before), _lines(change.after)
    return "".join(difflib.unified_diff(before, after, "running", "previewed", n=3))


def _lines(value: object) -> list[str]:
    return [] if value is ABSENT else as_yaml([value]).splitlines(keepends=True)
