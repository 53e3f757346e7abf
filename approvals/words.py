"""Titles by their words: what a ticket is found by, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q, QuerySet

from approvals.models import ItemWord, TitleWord
from approvals.models.words import LONGEST

RUN: Final = re.compile(r"[^\W_]+")
ASKED: Final = 8  # words that are looked for; the database plans no more joins than these with care
NAMED: Final = 1000  # words that begin so; of more, the database finds them itself


def words_of(title: str) -> set[str]:
    """What a title is found by: each run of letters and digits, with what follows it up to a
    blank. `service-77.1` is found by `service-77.1`, `77.1`, `1`, and by the beginnings of these.
    Case doesn't count, nor what comes after 64 characters."""
    return {word for part in title.casefold().split() for word in _tails(part)}


def _tails(part: str) -> Iterator[str]:
    runs = list(RUN.finditer(part))
    for run in runs:
        yield part[run.start() : runs[-1].end()][:LONGEST]


def remember(
    titles: Mapping[int, str], words: Any = TitleWord.objects, items: Any = ItemWord.objects
) -> None:
    """Makes tickets, new ones, {id: title}, found by their titles. In the transaction that creates
    them; migrations pass their own managers."""
    found = {pk: words_of(title) for pk, title in titles.items()}
    # In one order: of two who add the same words one waits for the other, and never both.
    texts = sorted(set().union(*found.values()))
    known = words.in_bulk(texts, field_name="text")
    if missing := [text for text in texts if text not in known]:
        words.bulk_create((words.model(text=text) for text in missing), ignore_conflicts=True)
        known |= words.in_bulk(missing, field_name="text")
    items.bulk_create(
        items.model(item_id=pk, word_id=known[text].pk)
        for pk, texts_of in found.items()
        for text in sorted(texts_of)
    )


def having(text: str) -> list[QuerySet[ItemWord]] | None:
    """For each word of `text`, rows of the tickets whose titles have one that begins so; a ticket
    is found that all of them have. None: no ticket does. Of many words the longest eight count."""
    parts = {next(_tails(part), "") for part in text.casefold().split()} - {""}
    starts = sorted(parts, key=lambda start: (-len(start), start))[:ASKED]
    if not starts:
        return None
    beginning = reduce(or_, (Q(text__startswith=start) for start in starts))
    rows = TitleWord.objects.filter(beginning).order_by().values_list("pk", "text")
    words = dict(rows[: NAMED + 1])
    if len(words) > NAMED:
        return [ItemWord.objects.filter(word__text__startswith=start) for start in starts]
    # By their ids: what is one word is planned as one, and read in the order of the list.
    found = [[pk for pk, word in words.items() if word.startswith(start)] for start in starts]
    return [ItemWord.objects.filter(word__in=ids) for ids in found] if all(found) else None
