"""YAML for input that is not trusted: no aliases, no duplicate keys, bounded size, depth and nodes.

What a document means is what YAML 1.2 and Go's yaml.v3 (Kubernetes, Compose) read, not what
YAML 1.1 did: `on`, `yes` and `no` are text, `22:22` is text, a date is text, `0644` is octal.
A key is always the text that was written, so `on:` is the key "on" and `80:` the key "80".

Values are `None`, `bool`, `int`, `float`, `str`, `list` and `dict[str, …]`: always fit for JSON.
Framework-free: bundles and deployments both read through it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
Substitute = Callable[[str, Path, int], str]

# libyaml's parser where the wheel carries it: ten times faster, the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"


class StrictYAMLError(Exception):
    """The text is not YAML that this loader takes. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        self.message = message
        self.line = line
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True)
class Document:
    """One document's value, and where each part of it was written."""

    value: Any
    lines: Mapping[Path, int] = field(repr=False)

    def line_of(self, path: Path = ()) -> int:
        """The line (from 1) of the key or item at `path`, or of its nearest ancestor there is.

        `("bundles", 0, "name")` is the line of that key; `()` the line where the document starts.
        """
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load(
    text: str | bytes,
    *,
    max_bytes: int = 1 << 20,
    max_depth: int = 20,
    max_nodes: int = 100_000,
    substitute: Substitute | None = None,
) -> Document:
    """Read exactly one document; nothing but comments is a document whose value is None.

    `substitute(text, path, line)` gives each scalar's text, keys aside, before it gets its type:
    what it puts in can change a value and never the document's structure. Raises `StrictYAMLError`.
    """
    documents = load_all(
        text,
        max_bytes=max_bytes,
        max_depth=max_depth,
        max_nodes=max_nodes,
        substitute=substitute,
    )
    if len(documents) > 1:
        raise StrictYAMLError("only one document is allowed", documents[1].line_of())
    return documents[0] if documents else Document(None, {})


def load_all(
    text: str | bytes,
    *,
    max_bytes: int = 1 << 20,
    max_depth: int = 20,
    max_nodes: int = 100_000,
    substitute: Substitute | None = None,
) -> list[Document]:
    """Read every document of a `---` separated stream; the limits are for all of them together.

    Raises `StrictYAMLError`.
    """
    composer = _Composer(_decode(text, max_bytes), max_depth, max_nodes, substitute)
    try:
        return composer.documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise StrictYAMLError(problem, mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:  # a character YAML forbids: the reader knows no line
        raise StrictYAMLError(str(error).splitlines()[0], 1) from None


def _decode(text: str | bytes, max_bytes: int) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > max_bytes:
        raise StrictYAMLError(f"larger than {max_bytes} bytes", 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StrictYAMLError("not UTF-8", raw.count(b"\n", 0, error.start) + 1) from None


class _Composer:
    """Builds values straight from parser events, so that nothing is built before it is counted."""

    def __init__(
        self, text: str, max_depth: int, max_nodes: int, substitute: Substitute | None
    ) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._max_depth = max_depth
        self._max_nodes = max_nodes
        self._substitute = substitute
        self._nodes = 0
        self._lines: dict[Path, int] = {}

    def documents(self) -> list[Document]:
        found = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._lines = {}
                root = next(self._events)
                self._lines[()] = _line(root)
                found.append(Document(self._value(root, ()), self._lines))
        return found

    def _value(self, event: Any, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > self._max_nodes:
            raise StrictYAMLError(f"more than {self._max_nodes} values", _line(event))
        if isinstance(event, yaml.AliasEvent):
            raise StrictYAMLError("aliases are not allowed", _line(event))
        if isinstance(event, yaml.ScalarEvent):
            if self._substitute:
                event.value = self._substitute(event.value, path, _line(event))
            return _scalar(event)
        if len(path) >= self._max_depth:
            raise StrictYAMLError(f"nested deeper than {self._max_depth}", _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            _refuse_tag(event, "seq")
            return self._sequence(path)
        _refuse_tag(event, "map")
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self._lines[here] = _line(event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in entries:
                raise StrictYAMLError(f"duplicate key {key!r}", _line(event))
            here = (*path, key)
            self._lines[here] = _line(event)
            entries[key] = self._value(next(self._events), here)
        return entries

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.AliasEvent):
            raise StrictYAMLError("aliases are not allowed", _line(event))
        if not isinstance(event, yaml.ScalarEvent):
            raise StrictYAMLError("a key must be plain text", _line(event))
        if event.value == "<<" and event.implicit[0]:
            raise StrictYAMLError("merge keys (<<) are not allowed", _line(event))
        _refuse_tag(event, "str")
        return str(event.value)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_tag(event: Any, *allowed: str) -> None:
    if event.tag not in {None, "!", *(_CORE + name for name in allowed)}:
        raise StrictYAMLError(f"the tag {event.tag} is not allowed here", _line(event))


# --- scalars: the resolution of Go's yaml.v3 --------------------------------------------------

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS: tuple[tuple[re.Pattern[str], Callable[[str], int]], ...] = (
    (re.compile(r"[-+]?(0|[1-9][0-9_]*)"), lambda text: int(text, 10)),
    (re.compile(r"[-+]?0o[0-7_]+"), lambda text: int(text.replace("0o", ""), 8)),
    (re.compile(r"[-+]?0[0-7_]+"), lambda text: int(text, 8)),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?0b[01_]+"), lambda text: int(text, 2)),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MAX_DIGITS = 400  # far past any number that is meant as one; keeps int() and float() cheap


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.tag in {None, "!"}:
        return _plain(text) if event.implicit[0] else text
    _refuse_tag(event, "str", "int", "float", "bool", "null")
    if event.tag == _CORE + "str":
        return text
    value = _plain(text)
    if event.tag == _CORE + "float" and type(value) is int:
        return float(value)
    named = {"int": int, "float": float, "bool": bool, "null": type(None)}
    if type(value) is not named[event.tag.removeprefix(_CORE)]:
        raise StrictYAMLError(f"{text!r} is not what its tag says", _line(event))
    return value


def _plain(text: str) -> Any:
    """The value of an unquoted scalar; whatever is no number and no word of YAML is text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MAX_DIGITS or text[0] not in "+-.0123456789":
        return text
    for pattern, convert in _INTEGERS:
        if pattern.fullmatch(text):
            try:
                return convert(text.replace("_", ""))
            except ValueError:  # digits that were only underscores
                return text
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text  # `.inf` and `.nan` too: JSON has no such numbers
