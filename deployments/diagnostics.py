"""What is known of a failed run, in one shape for all runtimes (contract, `/diagnostics`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import jsonschema
from django.utils import timezone

from config.core.secrets import Redactor
from deployments.models import ReleaseStep
from environments.models import StepStatus

LOG_LINES: Final = 50  # the last ones of each failing container
LINE_CHARACTERS: Final = 2000

_TEXT: Final = {"type": "string"}
_RESOURCE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(
            ("kind", "name", "namespace", "node", "status", "reason", "message"), _TEXT
        ),
        "events": {"type": "array", "items": _TEXT},
        "log_tail": {"type": "array", "items": _TEXT, "maxItems": LOG_LINES},
    },
    "additionalProperties": False,
}
_RESOURCE["required"] = list(_RESOURCE["properties"])

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "schema": {"const": 1},
        "collected_at": _TEXT,
        "runtime_type": {"enum": ["compose", "k8s"]},
        "stage": _TEXT,
        "summary": {
            "type": "object",
            "properties": {"code": _TEXT, "message": _TEXT, "hint": _TEXT},
            "required": ["code", "message", "hint"],
            "additionalProperties": False,
        },
        "resources": {"type": "array", "items": _RESOURCE},
        "steps": {"type": "array", "items": {"type": "object"}},
        "raw": {"type": "object"},
    },
    "required": [
        "schema",
        "collected_at",
        "runtime_type",
        "stage",
        "summary",
        "resources",
        "steps",
        "raw",
    ],
    "additionalProperties": False,
}


def finished(made: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """What may be kept of it: nothing secret, no endless line, in the one shape."""
    found: dict[str, Any] = redactor.json(made)
    for resource in found["resources"]:
        for name in ("events", "log_tail"):
            resource[name] = [line[:LINE_CHARACTERS] for line in resource[name]]
    return checked(found)


def checked(found: dict[str, Any]) -> dict[str, Any]:
    """`found`, if it has the shape. Raises jsonschema.ValidationError."""
    jsonschema.validate(found, SCHEMA)
    return found


def report(
    *,
    runtime_type: str,
    stage: str,
    summary: tuple[str, str, str],
    resources: Sequence[dict[str, Any]] = (),
    steps: Sequence[ReleaseStep] = (),
    raw: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Diagnostics in their one shape, of now. `summary`: code, message, hint."""
    code, message, hint = summary
    return {
        "schema": 1,
        "collected_at": timezone.now().isoformat(),
        "runtime_type": runtime_type,
        "stage": stage,
        "summary": {"code": code, "message": message, "hint": hint},
        "resources": list(resources),
        "steps": [_step(step) for step in steps if step.status != StepStatus.PENDING],
        "raw": raw or {},
    }


def _step(step: ReleaseStep) -> dict[str, Any]:
    return {
        "hook": step.hook,
        "node": step.node.name if step.node else "",
        "status": step.status,
        "exit_code": step.exit_code,
        "reason_code": step.reason_code,
    }
