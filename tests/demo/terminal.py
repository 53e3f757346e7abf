"""What the demo shows: chapters, findings, a host's log lines; colour on a terminal only."""

from __future__ import annotations

import time
from typing import TextIO


class Terminal:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = out.isatty()
        self._started = time.monotonic()
        self._chapter = 0

    def chapter(self, title: str) -> None:
        self._chapter += 1
        elapsed = time.monotonic() - self._started
        self._line(
            self._paint("1", f"\n{self._chapter}. {title}") + self._paint("2", f"  {elapsed:.0f} s")
        )

    def done(self, text: str) -> None:
        self._line(f"   {self._paint('32', '✓')} {text}")

    def refused(self, text: str) -> None:
        self._line(f"   {self._paint('33', '✗')} {text}")

    def log(self, host: str, text: str) -> None:
        for line in text.splitlines():
            if line.startswith("::slipway"):  # progress, for programs
                continue
            self._line(self._paint("2", f"     {host} │ {line[:150]}"))

    def plain(self, text: str) -> None:
        self._line(text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()
