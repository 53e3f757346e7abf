"""How the API says no: Status objects, in the words of the real one (kube-apiserver 1.20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Served:
    """One kind of object that the API serves."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    parts: frozenset[str] = frozenset()  # subresources
    custom: bool = False

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def name(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def kind_name(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


@dataclass
class Refusal(Exception):
    """An answer that is not 2xx."""

    status: int
    reason: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
        told |= {"status": "Failure", "message": self.message}
        told |= {"reason": self.reason} if self.reason else {}
        told |= {"details": self.details} if self.details else {}
        return told | {"code": self.status}


class NoSuchPath(Exception):
    """Nothing is served there: a 404 in plain text, as of a group that doesn't exist."""


@dataclass(frozen=True)
class Cause:
    field: str
    message: str
    reason: str = "FieldValueInvalid"


def about(served: Served, name: str = "", kind: str = "") -> dict[str, Any]:
    told = {"name": name, "group": served.group, "kind": kind or served.plural}
    return {key: value for key, value in told.items() if value}


def not_found(served: Served, name: str) -> Refusal:
    return Refusal(404, "NotFound", f'{served.name} "{name}" not found', about(served, name))


def no_namespace(name: str) -> Refusal:
    details = {"name": name, "kind": "namespaces"}
    return Refusal(404, "NotFound", f'namespaces "{name}" not found', details)


def not_served() -> Refusal:
    return Refusal(404, "NotFound", "the server could not find the requested resource")


def exists(served: Served, name: str) -> Refusal:
    text = f'{served.name} "{name}" already exists'
    return Refusal(409, "AlreadyExists", text, about(served, name))


def modified(served: Served, name: str) -> Refusal:
    text = (
        f'Operation cannot be fulfilled on {served.name} "{name}": the object has been modified;'
        " please apply your changes to the latest version and try again"
    )
    return Refusal(409, "Conflict", text, about(served, name))


def another_uid(served: Served, name: str, asked: str, real: str) -> Refusal:
    text = (
        f'Operation cannot be fulfilled on {served.kind_name} "{name}": the UID in the precondition'
        f" ({asked}) does not match the UID in record ({real}). The object might have been deleted"
        " and then recreated"
    )
    return Refusal(409, "Conflict", text, about(served, name, served.kind))


def forbidden(served: Served, name: str, text: str) -> Refusal:
    what = f'{served.name} "{name}"' if name else served.name
    return Refusal(403, "Forbidden", f"{what} is forbidden: {text}", about(served, name))


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized", "Unauthorized")


def bad_request(text: str) -> Refusal:
    return Refusal(400, "BadRequest", text)


def not_typed(text: str) -> Refusal:
    """What the body holds is not of the kind's schema; the real API gives no reason either."""
    return Refusal(500, "", f"failed to create typed patch object: {text}")


def invalid(served: Served, name: str, causes: Iterable[Cause]) -> Refusal:
    listed = list(causes)
    told = [f"{cause.field}: {cause.message}" for cause in listed]
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details = about(served, name, served.kind) | {
        "causes": [
            {"reason": cause.reason, "message": cause.message, "field": cause.field}
            for cause in listed
        ]
    }
    return Refusal(422, "Invalid", f'{served.kind_name} "{name}" is invalid: {text}', details)


def fields_conflict(conflicts: Mapping[str, list[str]]) -> Refusal:
    """`conflicts`: the fields by who owns them, as in `"kubectl" using apps/v1`."""
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {owner}", "field": path}
        for owner, paths in conflicts.items()
        for path in paths
    ]
    if len(causes) == 1:
        told = f"1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        lines = [
            f"conflicts with {owner}:\n" + "\n".join(f"- {path}" for path in paths)
            for owner, paths in conflicts.items()
        ]
        told = f"{len(causes)} conflicts: " + "\n".join(lines)
    return Refusal(409, "Conflict", f"Apply failed with {told}", {"causes": causes})
