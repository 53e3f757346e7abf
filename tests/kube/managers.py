"""`metadata.managedFields`: who applied or changed what, kept as server-side apply keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.kube import answers, fields
from tests.kube.fields import Paths

Object = dict[str, Any]


@dataclass(frozen=True, order=True)
class Manager:
    name: str
    operation: str  # Apply, Update
    api_version: str
    part: str = ""  # of an object's subresource

    def __str__(self) -> str:
        """As in a conflict's message."""
        using = f" using {self.api_version}" if self.operation == "Update" else ""
        return f'"{self.name}"{using}'


Managers = dict[Manager, Paths]


def of(obj: Object) -> Managers:
    found = {}
    for entry in obj.get("metadata", {}).get("managedFields") or []:
        manager = Manager(
            entry["manager"],
            entry["operation"],
            entry["apiVersion"],
            entry.get("subresource", ""),
        )
        found[manager] = fields.decoded(entry["fieldsV1"])
    return found


def write(obj: Object, managers: Managers, before: Object, now: str) -> None:
    """`before`: as it was; an entry that didn't change keeps its time."""
    old = of(before)
    times = {
        manager: entry["time"]
        for manager, entry in zip(
            old, before.get("metadata", {}).get("managedFields") or [], strict=True
        )
    }
    obj["metadata"]["managedFields"] = [
        {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": manager.api_version,
            "time": times[manager] if old.get(manager) == paths else now,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.encoded(paths),
            **({"subresource": manager.part} if manager.part else {}),
        }
        for manager, paths in sorted(managers.items(), key=lambda item: item[0].operation)
        if paths
    ]


def applied(
    live: Object, wanted: Object, manager: Manager, *, force: bool
) -> tuple[Object, Managers]:
    """What server-side apply makes of both, and who owns what then.

    Raises Refusal 409 where another manager owns a field that would change.
    """
    managers = of(live)
    kind = str(wanted.get("kind"))
    dropped = managers.get(manager, frozenset())
    managers[manager] = fields.owned(wanted)
    result = fields.merged(live, wanted, kind)
    if dropped:
        everyone: Paths = frozenset().union(*managers.values())
        result = fields.pruned(result, dropped, everyone)
    differs, gone = fields.changed(live, result)
    conflicts = {
        other: paths & differs
        for other, paths in managers.items()
        if other != manager and paths & differs
    }
    if conflicts and not force:
        raise answers.fields_conflict(
            {
                str(other): [fields.dotted(path) for path in sorted(paths)]
                for other, paths in conflicts.items()
            }
        )
    for other in managers:
        if other != manager:
            managers[other] -= gone | conflicts.get(other, frozenset())
    return result, managers


def updated(live: Object, new: Object, manager: Manager) -> Managers:
    """Who owns what after a write that is no apply: what it changed is the writer's."""
    managers = of(live)
    differs, gone = fields.changed(live, new)
    managers = {
        other: paths - gone - (differs if other != manager else frozenset())
        for other, paths in managers.items()
    }
    managers[manager] = managers.get(manager, frozenset()) - gone | differs
    return managers
