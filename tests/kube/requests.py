"""What a request to the API is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_OF_NAMESPACES: Final = {"status", "finalize"}  # what may follow a namespace and isn't in it
_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclass(frozen=True)
class About:
    group: str
    version: str
    plural: str
    namespace: str
    name: str
    part: str  # subresource

    def verb(self, method: str) -> str:
        """As roles call it."""
        if method == "GET":
            return "get" if self.name else "list"
        if method == "DELETE":
            return "delete" if self.name else "deletecollection"
        return _VERBS[method]


def parsed(path: str) -> About | None:
    """None for what is not about objects: discovery, the version.

    Decoded before it is taken apart, as the real API does: a slash in a name is a slash.
    """
    root, *steps = unquote(path).strip("/").split("/")
    if root == "api" and len(steps) > 1:
        group, version, *rest = ["", *steps]
    elif root == "apis" and len(steps) > 2:
        group, version, *rest = steps
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _OF_NAMESPACES:
        namespace, rest = rest[1], rest[2:]
    plural, name, *parts = [*rest, ""]
    if plural == "namespaces":  # roles see a namespace as in itself
        namespace = name
    return About(group, version, plural, namespace, name, "/".join(parts).rstrip("/"))
