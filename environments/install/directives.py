"""What a hook tells Slipway in its output: lines that begin with `::slipway` (see index.yaml)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PREFIX: Final = b"::slipway "
LONGEST: Final = 1 << 20  # bytes of a line; what is longer says nothing, and is masked
_FACT: Final = re.compile(rb"(set|secret) ([A-Z][A-Z0-9_]{0,63})=([^\0]*)")
_PROGRESS: Final = re.compile(rb"progress (\d{1,3})(?: (.*))?")


@dataclass(frozen=True)
class Directive:
    """`verb`: set, secret or progress; of progress, `name` is the percentage."""

    verb: str
    name: str
    value: str


class Directives:
    """Finds them in bytes that come in pieces. A line is taken whole or not at all, so that no
    piece of a secret is stored before it is known to be one."""

    def __init__(self, *, at_line_start: bool) -> None:
        self._at_line_start = at_line_start
        self._masking = False

    def take(self, pending: bytes, *, final: bool) -> tuple[bytes, int, list[Directive]]:
        """What of `pending` was read, the values of secrets masked; how many bytes of it; and what
        it says. Call again with the rest and what follows; nothing is left when `final`."""
        text = bytearray(pending)
        found: list[Directive] = []
        read = len(text)
        if self._masking:
            self._masking = not _mask(text, 0)
        at = 0 if self._at_line_start and text.startswith(PREFIX) else _next(text, 0)
        while at >= 0:
            end = text.find(b"\n", at)
            if (end if end >= 0 else read) - at > LONGEST:
                self._masking = not _mask(text, at + len(PREFIX))
            elif end < 0 and not final:
                read = at
            elif directive := _parsed(text, at + len(PREFIX), end if end >= 0 else read):
                found.append(directive)
            at = _next(text, end) if end >= 0 else -1
        if not final and read == len(text):
            read = self._before_a_beginning(text)
        if read:
            self._at_line_start = text[read - 1] == ord("\n")
        return bytes(text[:read]), read, found

    def _before_a_beginning(self, text: bytearray) -> int:
        """Where the last line begins, if it may become a directive; else the end."""
        line = text.rfind(b"\n") + 1
        fresh = line > 0 or self._at_line_start
        short = len(text) - line < len(PREFIX)
        return line if fresh and short and PREFIX.startswith(bytes(text[line:])) else len(text)


def is_directive(line: bytes) -> bool:
    return line.startswith(PREFIX)


def _next(text: bytearray, start: int) -> int:
    at = text.find(b"\n" + PREFIX, start)
    return at + 1 if at >= 0 else -1


def _mask(text: bytearray, start: int) -> bool:
    """Masks to the end of the line; whether that is here."""
    end = text.find(b"\n", start)
    size = (end if end >= 0 else len(text)) - start
    text[start : start + size] = b"*" * size
    return end >= 0


def _parsed(text: bytearray, start: int, end: int) -> Directive | None:
    """Masks a secret in place. What is none of the forms stays log."""
    line = bytes(text[start:end])
    if fact := _FACT.fullmatch(line):
        verb, name, value = (part.decode(errors="replace") for part in fact.groups())
        if verb == "secret":
            text[end - len(fact[3]) : end] = b"*" * len(fact[3])
        return Directive(verb, name, value)
    if said := _PROGRESS.fullmatch(line):
        message = (said[2] or b"").decode(errors="replace").replace("\0", "")
        return Directive("progress", str(min(100, int(said[1]))), message)
    return None
