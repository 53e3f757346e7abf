"""What a bundle's user may set: the types of options, and the check of a value against one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from environments.bundles import patterns

_URL = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~/-]*)?"
)
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,4096}")


@dataclass(frozen=True)
class Option:
    """One setting. Empty text means "not set" and passes unless `required`."""

    name: str
    type: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None
    description: str = ""
    line: int = field(default=0, compare=False)

    @property
    def variable(self) -> str:
        """The environment variable under which hooks find the value."""
        return f"SLIPWAY_OPTION_{self.name.upper()}"

    def complaint(self, value: Any) -> str | None:
        """What is wrong with `value` as this option's, or None when nothing is."""
        if value in (None, ""):
            return "A value is required." if self.required else None
        return TYPES[self.type](self, value)


def _string(option: Option, value: Any) -> str | None:
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        return "Must be text on one line."
    if option.choices and value not in option.choices:
        return f"Must be one of: {', '.join(option.choices)}."
    return patterns.complaint(option.pattern, value) if option.pattern else None


def _integer(option: Option, value: Any) -> str | None:
    if type(value) is not int:
        return "Must be a whole number."
    if option.minimum is not None and value < option.minimum:
        return f"Must be {option.minimum} or more."
    if option.maximum is not None and value > option.maximum:
        return f"Must be {option.maximum} or less."
    return None


def _boolean(_option: Option, value: Any) -> str | None:
    return None if isinstance(value, bool) else "Must be true or false."


def _url(_option: Option, value: Any) -> str | None:
    if isinstance(value, str) and _URL.fullmatch(value):
        return None
    return "Must be an http or https URL, without a user, a query or a fragment."


def _address(_option: Option, value: Any) -> str | None:
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return "Must be an IP address."
    return None


def _cidr(_option: Option, value: Any) -> str | None:
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError:
        return "Must be a network, such as 10.0.0.0/16."
    return None


TYPES: dict[str, Callable[[Option, Any], str | None]] = {
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "url": _url,
    "address": _address,
    "cidr": _cidr,
}
