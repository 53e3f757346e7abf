"""The logs of a run's steps, as pages and as a stream. Cursor of a stream: `step:offset,…`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from config.core import logs
from config.core.api.streams import Batch, Event
from config.core.errors import ValidationFailed
from config.core.logs import Chunk
from environments.models import HostStep

_DIGITS = 18  # of an offset, at most


def page(
    chunks: type[Chunk], step: HostStep, *, after: int = 0, tail: int | None = None
) -> dict[str, Any]:
    """One step's log from byte `after` on, or its last `tail` bytes."""
    if tail is not None:
        after = max(0, step.log_bytes - tail)
    found = logs.read(chunks, step.pk, after, end=step.is_over)
    return {
        "step_id": step.pk,
        "node_id": step.node_id,
        "offset": found.offset,
        "next_offset": found.next_offset,
        "text": found.text,
        "complete": step.is_over and found.next_offset >= step.log_bytes,
    }


def poll(
    chunks: type[Chunk],
    steps: Callable[[], Sequence[HostStep]],
    run_state: Callable[[], tuple[str, bool]],
    cursor: str,
) -> Batch:
    """What is new since `cursor`: `log` events per step, and a `run` event when its state changed.

    `run_state` answers the run's state and whether it is over. It is asked before the logs are
    read, so that a run that is over has all of its log read.
    """
    seen = _parse(cursor)
    state, over = run_state()
    events = []
    for step in steps():
        offset = int(seen.get(str(step.pk), "0"))
        found = page(chunks, step, after=offset) if offset < step.log_bytes else None
        if found and found["next_offset"] > found["offset"]:
            seen[str(step.pk)] = str(found["next_offset"])
            names = ("step_id", "node_id", "offset", "text")
            events.append(Event("log", {name: found[name] for name in names}, _format(seen)))
        if seen.get(f"s{step.pk}") != step.status:
            seen[f"s{step.pk}"] = step.status
            told = {"step_id": step.pk, "node_id": step.node_id, "status": step.status}
            events.append(Event("step", told, _format(seen)))
    if seen.get("run") != state:
        seen["run"] = state
        events.append(Event("task", {"status": state}, _format(seen)))
    return Batch(events, _format(seen), over and not events)


def _format(seen: dict[str, str]) -> str:
    return ",".join(f"{name}:{value}" for name, value in seen.items())


def _parse(cursor: str) -> dict[str, str]:
    """Raises ValidationFailed for what no stream has sent."""
    if not cursor:
        return {}
    pairs = [part.partition(":") for part in cursor.split(",")]
    seen = {name: value for name, _, value in pairs}
    offsets = [value for name, value in seen.items() if name.isdigit()]
    if any(not value.isdigit() or len(value) > _DIGITS for value in offsets):
        raise ValidationFailed(fields={"Last-Event-ID": ["Not a cursor of this stream."]})
    return seen
