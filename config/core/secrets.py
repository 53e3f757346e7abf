"""A type for values that must not be seen, and the filter that keeps them out of log bytes."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterable
from typing import Any, Final

MASK: Final = "••••••"
_SHORTEST: Final = 4  # shorter values would mask half of every log
_SHORTEST_ENCODED: Final = 8


class Secret:
    """Text that shows as a mask wherever it is printed or logged; `reveal()` is the one way in."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not pickled")


class Redactor:
    """Masks known secrets in a stream of bytes, also base64-encoded or cut by a chunk's end.

    A secret becomes as many `*` as it has bytes: a byte keeps its offset, so what is stored can be
    compared and resumed by offset with what the host wrote.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._lock = threading.Lock()
        self._needles: list[bytes] = []
        self._pattern: re.Pattern[bytes] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[Secret]) -> None:
        """Masks these as well from now on. Other threads may be using it."""
        needles: set[bytes] = set()
        for secret in secrets:
            raw = secret.reveal().encode()
            # A secret of several lines is printed a line at a time.
            for part in {raw, *raw.splitlines()}:
                if len(part) >= _SHORTEST:
                    needles |= {part, *_base64_cores(part)}
        with self._lock:
            if needles <= set(self._needles):
                return
            self._needles = sorted(needles.union(self._needles), key=len, reverse=True)
            self._pattern = re.compile(b"|".join(map(re.escape, self._needles)))

    def take(self, pending: bytes, *, final: bool) -> tuple[bytes, int]:
        """What of `pending` can be stored now, masked, and how many bytes of `pending` that is.

        The rest may be the beginning of a secret: call again with it and what follows. Nothing is
        held back when `final`.
        """
        cut = len(pending) if final else len(pending) - self._unfinished(pending)
        pattern = self._pattern
        # Mostly there is none, and to look for one after the other is ten times as fast.
        if pattern is None or not any(needle in pending for needle in self._needles):
            return pending[:cut], cut
        masked = bytearray(pending)
        for match in pattern.finditer(pending):
            start, end = match.span()
            if start >= cut:
                break
            masked[start:end] = b"*" * (end - start)
            cut = max(cut, end)
        return bytes(masked[:cut]), cut

    def _unfinished(self, pending: bytes) -> int:
        """How many of the last bytes may be the beginning of a secret."""
        longest = 0
        for needle in self._needles:
            at = pending.find(needle[:1], max(0, len(pending) - len(needle) + 1))
            while at >= 0 and not needle.startswith(pending[at:]):
                at = pending.find(needle[:1], at + 1)
            if at >= 0:
                longest = max(longest, len(pending) - at)
        return longest

    def json(self, value: Any) -> Any:
        """A JSON value with every text in it masked, and fit for a database: without NUL."""
        if isinstance(value, dict):
            return {name: self.json(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.json(inner) for inner in value]
        if not isinstance(value, str):
            return value
        masked = self.take(value.encode(), final=True)[0].decode(errors="replace")
        return masked.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _base64_cores(raw: bytes) -> set[bytes]:
    """What `raw` looks like in base64, whatever stands around it: one form per alignment."""
    cores = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        first = (0, 2, 3)[shift]
        last = len(encoded) - (0, 3, 2)[(shift + len(raw)) % 3]
        core = encoded[first:last]
        if len(core) >= _SHORTEST_ENCODED:
            cores.add(core)
    return cores
