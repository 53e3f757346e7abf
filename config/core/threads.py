"""Work on many hosts at once: threads that give their database connections back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
R = TypeVar("R")


def each(function: Callable[[T], R], items: Iterable[T], *, at_once: int = 50) -> list[R]:
    """`function` of every item, in parallel; results in the items' order.

    Every call runs to its end before the first error, if any, is raised.
    """

    def call(item: T) -> R:
        try:
            return function(item)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        futures = [pool.submit(call, item) for item in items]
    return [future.result() for future in futures]
