"""A release's logs: of each host, its steps' output one after the other, as one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.core.errors import NotFound
from deployments.models import Release, ReleaseLog, ReleaseStep
from environments import streaming


def page(release: Release, *, node: int | None, after: int, tail: int | None) -> dict[str, Any]:
    """What `node` (else the first host) printed from byte `after` on, or the last `tail` bytes.

    Steps of a host run one after the other, so offsets into their output put together stay what
    they are. A page ends where a step does. Raises NotFound for a host that took no part.
    """
    steps = _steps_of(release, node)
    total = sum(step.log_bytes for step in steps)
    if tail is not None:
        after = max(0, total - tail)
    before = 0
    for step in steps:
        if after < before + step.log_bytes:
            break
        before += step.log_bytes
    else:
        step, before = steps[-1], total - steps[-1].log_bytes
    found = streaming.page(ReleaseLog, step, after=after - before)
    found["offset"] += before
    found["next_offset"] += before
    found["complete"] = release.finished_at is not None and found["next_offset"] >= total
    return found


def _steps_of(release: Release, node: int | None) -> Sequence[ReleaseStep]:
    steps = list(ReleaseStep.objects.filter(run=release).order_by("index"))
    chosen = node or (steps[0].node_id if steps else None)
    mine = [step for step in steps if step.node_id == chosen]
    if not mine:
        raise NotFound("Nothing of this release ran there.")
    return mine
