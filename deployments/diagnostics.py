"""What is known of a failed run, in one shape for all runtimes (contract, `/diagnostics`)."""

from __future__ import annotations

from typing import Any, Final

import jsonschema

_TEXT: Final = {"type": "string"}
_RESOURCE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(
            ("kind", "name", "namespace", "node", "status", "reason", "message"), _TEXT
        ),
        "events": {"type": "array", "items": _TEXT},
        "log_tail": {"type": "array", "items": _TEXT, "maxItems": 50},
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


def checked(found: dict[str, Any]) -> dict[str, Any]:
    """`found`, if it has the shape. Raises jsonschema.ValidationError."""
    jsonschema.validate(found, SCHEMA)
    return found


# (what the host says, code, hint): the first that is found in a failed run's output counts.
_HINTS: Final = (
    ("port is already allocated", "port_in_use", "Another container or program has the port."),
    ("no space left on device", "disk_full", "Free disk space on the host."),
    ("pull access denied", "image_pull", "The registry refused: check the image's name and login."),
    ("manifest unknown", "image_pull", "The registry has no such tag."),
    ("no such image", "image_pull", "The host doesn't have the image, and nothing was pulled."),
    ("oomkilled", "out_of_memory", "Raise the service's memory limit."),
    ("no such host", "dns", "A name did not resolve on the host."),
    ("x509:", "tls", "A certificate was not accepted."),
    ("executable file not found", "command_missing", "The image has no such program."),
    ("unhealthy", "probe_failing", "The health check fails: see its last answers and the log."),
    ("not healthy within", "probe_failing", "The health check did not pass in time."),
    ("is exited", "crash", "The container ended: see its exit code and the log."),
    ("is restarting", "crash_loop", "The container ends again and again: see its log."),
)


def hint_for(output: str) -> tuple[str, str]:
    """(code, hint) for what a failed run printed."""
    lowered = output.lower()
    for needle, code, hint in _HINTS:
        if needle in lowered:
            return code, hint
    return "step_failed", "See the log of the failed step."
