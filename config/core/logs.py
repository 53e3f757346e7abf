"""Append-only logs addressed by byte offset: what a page loaded and what a stream adds never gap or
overlap, and a worker that takes over knows where to go on.

A log is the output of one step (a row with `log_bytes`); its chunks are rows of a `Chunk` model.
"""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

PAGE_BYTES: Final = 256 * 1024


class Chunk(models.Model):
    """Bytes `offset … offset + length` of a step's output. Subclasses add the `step` relation."""

    offset = models.PositiveBigIntegerField()
    length = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Page:
    """`text` decoded from bytes `offset … next_offset`; whole characters only, until the end."""

    offset: int
    next_offset: int
    text: str


def append(chunks: type[Chunk], said: Sequence[tuple[Any, bytes]]) -> bool:
    """Adds to the end of each step, all of one model, what it said. False, and nothing stored, when
    somebody else wrote to one of them in between."""
    alike: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for step, data in said:
        alike[step.log_bytes, step.log_bytes + len(data)].append(step)
    with transaction.atomic():
        for (offset, end), steps in alike.items():
            pks = [step.pk for step in steps]
            rows = type(steps[0])._default_manager.filter(pk__in=pks, log_bytes=offset)
            if rows.update(log_bytes=end) != len(steps):
                transaction.set_rollback(True)
                return False
        chunks._default_manager.bulk_create(
            chunks(step=step, offset=step.log_bytes, length=len(data), data=data)  # type: ignore[misc]
            for step, data in said
        )
    for (_, end), steps in alike.items():
        for step in steps:
            step.log_bytes = end
    return True


def read_bytes(chunks: type[Chunk], step_id: int, after: int, limit: int = PAGE_BYTES) -> bytes:
    """At most `limit` bytes from offset `after` on."""
    stored = (
        chunks._default_manager.filter(models.Q(step_id=step_id), offset__lt=after + limit)
        .annotate(end=models.F("offset") + models.F("length"))
        .filter(end__gt=after)
        .order_by("offset")
    )
    found = bytearray()
    for chunk in stored.iterator(chunk_size=16):
        found += bytes(chunk.data)[max(0, after - chunk.offset) :]
        if len(found) >= limit:
            break
    return bytes(found[:limit])


def read(
    chunks: type[Chunk], step_id: int, after: int, *, end: bool, limit: int = PAGE_BYTES
) -> Page:
    """A page of text. A character cut by the page's end is left for the next one, unless `end`."""
    raw = read_bytes(chunks, step_id, after, limit)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = decoder.decode(raw, final=end and len(raw) < limit)
    held_back = len(decoder.getstate()[0])
    return Page(after, after + len(raw) - held_back, text)
