"""Reading one mapping of the index, key by key, without stopping at the first mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from config.core.strict_yaml import Document, Path

Report = Callable[[int, str], None]


class Section:
    """A mapping of a YAML document.

    What is wrong becomes a report with its line and the reader gets a harmless value, so that one
    run finds everything; `ok` says whether what was read can be trusted. Call `finish` last.
    """

    def __init__(self, document: Document, path: Path, report: Report) -> None:
        self._document = document
        self._path = path
        self._report = report
        self._values: dict[str, Any] = {}
        self._seen: set[str] = set()
        self.ok = True
        value = document.value
        for part in path:
            value = value[part]
        if isinstance(value, dict):
            self._values = value
        else:
            self.problem("must be a mapping")

    @property
    def line(self) -> int:
        return self._document.line_of(self._path)

    def line_of(self, key: str) -> int:
        """The line of `key`, or of this mapping when the key is not there."""
        return self._document.line_of((*self._path, key))

    def has(self, key: str) -> bool:
        return key in self._values

    def problem(self, message: str, key: str = "") -> None:
        self.ok = False
        where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self._path)
        name = f"{where}.{key[:64]}" if key else where
        self._report(self.line_of(key), f"{name.lstrip('.') or 'index'}: {message}")

    def problem_at(self, line: int, message: str) -> None:
        """A problem of the whole, said at the line of one of its parts."""
        self.ok = False
        self._report(line, message)

    def raw(self, key: str) -> Any:
        """Whatever stands at `key`; None when nothing does."""
        self._seen.add(key)
        return self._values.get(key)

    def text(self, key: str, pattern: str, *, default: str | None = None) -> str:
        """Text that matches all of `pattern`; required when there is no default."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        self.problem(self._complaint(value, "text", f"that matches {pattern}"), key)
        return ""

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in allowed:
            return value
        self.problem(self._complaint(value, "one of", ", ".join(allowed)), key)
        return ""

    def integer(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if type(value) is int and low <= value <= high:  # a bool is an int, but no number
            return value
        self.problem(self._complaint(value, "a whole number", f"from {low} to {high}"), key)
        return low

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem("must be true or false", key)
        return value is True

    def texts(self, key: str, pattern: str, *, limit: int) -> tuple[str, ...]:
        """A list of texts that each match all of `pattern`; absent is empty."""
        items = self._items(key, limit)
        good = [item for item in items if isinstance(item, str) and re.fullmatch(pattern, item)]
        if len(good) < len(items):
            self.problem(f"must be a list of texts that match {pattern}", key)
        return tuple(good)

    def sections(self, key: str, *, limit: int, required: bool = False) -> list[Section]:
        """The mappings of a list. What is wrong inside of one is not held against this section."""
        items = self._items(key, limit)
        if required and not items and self.ok:
            self.problem("at least one is needed", key)
        found = (
            Section(self._document, (*self._path, key, number), self._report)
            for number in range(len(items))
        )
        return [section for section in found if section.ok]

    def section(self, key: str) -> Section | None:
        """The mapping at `key`, or None; something else there is a problem."""
        if self.raw(key) is None:
            return None
        section = Section(self._document, (*self._path, key), self._report)
        self.ok = self.ok and section.ok
        return section if section.ok else None

    def finish(self) -> bool:
        """Report every key that nobody asked for; answers `ok`."""
        for key in self._values.keys() - self._seen:
            self.problem("unknown key", key)
        return self.ok

    def _items(self, key: str, limit: int) -> list[Any]:
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem("must be a list", key)
            return []
        if len(value) > limit:
            self.problem(f"at most {limit} are allowed, here are {len(value)}", key)
        return value[:limit]

    @staticmethod
    def _complaint(value: object, kind: str, detail: str) -> str:
        if value is None:
            return "is missing"
        if kind == "text" and not isinstance(value, str):
            return f"must be text, put it in quotes: {value!r}"
        return f"must be {kind} {detail}, not {str(value)[:80]!r}"
