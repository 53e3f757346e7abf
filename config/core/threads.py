"""Work on many hosts at once, with few database connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from django.db import DatabaseError, close_old_connections, connections

T = TypeVar("T")
R = TypeVar("R")
_AT_MOST: Final = 100  # written together


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


class Scribe:
    """Context manager: a thread with one database connection, which writes for many others.

    What arrives while it writes it writes together: that costs little more than one of it alone,
    and hosts that do the same have their say at the same time.
    """

    def __init__(self) -> None:
        self._wanted: SimpleQueue[_Wish | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)

    def do(self, work: Callable[[], R]) -> R:
        """The result of `work`. What the scribe's own work asks for is done at once."""
        done: R = self._ask(_Wish(lambda _: work(), None, together=False))
        return done

    def put(self, write: Callable[[Sequence[T]], None], item: T) -> None:
        """Has `item` written by `write`, with others of the same `write`; raises what that does."""
        self._ask(_Wish(write, item, together=True))

    def _ask(self, wish: _Wish) -> Any:
        if threading.current_thread() is self._thread:
            return wish.write([wish.item])
        self._wanted.put(wish)
        return wish.done.result()

    def _work(self) -> None:
        wish = self._wanted.get()
        while wish is not None:
            batch, following = [wish], None
            while wish.together and len(batch) < _AT_MOST and not self._wanted.empty():
                following = self._wanted.get()
                if following is None or following.write != wish.write:
                    break
                batch.append(following)
                following = None
            _grant(batch)
            with suppress(DatabaseError):
                close_old_connections()  # a broken one: what comes next has a new one
            wish = following or self._wanted.get()
        connections.close_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wanted.put(None)
        self._thread.join()


@dataclass(frozen=True)
class _Wish:
    write: Callable[[Any], Any]
    item: Any
    together: bool
    done: Future[Any] = field(default_factory=Future)


def _grant(batch: Sequence[_Wish]) -> None:
    try:
        result = batch[0].write([wish.item for wish in batch])
    except BaseException as error:
        if len(batch) > 1:  # one must not spoil it for the others
            for wish in batch:
                _grant([wish])
        else:
            batch[0].done.set_exception(error)
    else:
        for wish in batch:
            wish.done.set_result(result)
