"""Append-only logs addressed by byte offset: what a page loaded and what a stream adds never gap or
overlap, and a worker that takes over knows where to go on.

A log is the output of one step (a row with `log_bytes`); its chunks are rows of a `Chunk` model.
"""

from __future__ import annotations

import codecs
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


def append(chunks: type[Chunk], step: models.Model, data: bytes, **guard: Any) -> bool:
    """Adds `data` at the step's end. False, and nothing stored, when `guard` (conditions on the
    step, such as its run's fence) no longer holds or somebody else wrote in between."""
    offset: int = step.log_bytes  # type: ignore[attr-defined]
    end = offset + len(data)
    with transaction.atomic():
        rows = type(step)._default_manager.filter(pk=step.pk, log_bytes=offset, **guard)
        if not rows.update(log_bytes=end):
            return False
        chunks._default_manager.create(step=step, offset=offset, length=len(data), data=data)  # type: ignore[misc]
    step.log_bytes = end  # type: ignore[attr-defined]
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
