"""State machines whose every edge is one conditional UPDATE and one event, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from config.core import timeline
from config.core.errors import InvalidTransition
from config.core.timeline import Actor


@dataclass(frozen=True)
class Lifecycle:
    """`edges`: {(from, to): actions that may tell of it, none for a silent edge}; `field`: the
    model's state column; `meaning`: the state that a stored word stands for, where rows of an older
    system may hold others."""

    edges: Mapping[tuple[str, str], Collection[str]]
    field: str = "status"
    meaning: Callable[[str], str] = str

    def move(
        self,
        row: models.Model,
        to: str,
        action: str | None,
        *,
        actor: Actor,
        detail: dict[str, Any] | None = None,
        fence: int | None = None,
        **changes: Any,
    ) -> None:
        """Moves `row` from the state it was read in, and records `action`.

        With `fence`, only the holder of that lease can. Raises InvalidTransition when the edge
        does not exist, the row has moved on since, or the lease is lost; nothing is changed then.
        """
        before = getattr(row, self.field)
        told_by = self.edges.get((self.meaning(before), to))
        silent = action is None and told_by is not None and not told_by
        if not silent and action not in (told_by or ()):
            raise InvalidTransition(**{"from": self.meaning(before), "to": to})
        guard: dict[str, Any] = {"pk": row.pk, self.field: before}
        if fence is not None:
            guard["fence"] = fence
        changes[self.field] = to
        manager = type(row)._default_manager
        with transaction.atomic():
            if not manager.filter(**guard).update(**changes):
                current = manager.values_list(self.field, flat=True).get(pk=row.pk)
                raise InvalidTransition(**{"from": self.meaning(current), "to": to})
            for name, value in changes.items():
                setattr(row, name, value)
            if action:
                timeline.record(action, row, actor=actor, status=to, detail=detail)
