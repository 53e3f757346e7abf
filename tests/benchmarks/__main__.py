"""`python -m tests.benchmarks [NAME …]`: runs all benchmarks, or those named; prints a table."""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module

from tests import benchmarks
from tests.benchmarks import Row, Unavailable

HEADINGS = ("work", "ours", "peer", "ratio", "goal", "")
Line = tuple[str, ...]


def names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name for name in found if not name.startswith("_"))


def line_of(row: Row) -> Line:
    verdict = "reached" if row.reached else "MISSED"
    figures = (f"{row.ours:.3g} {row.unit}", f"{row.peer:.3g} {row.unit}")
    return (row.work, *figures, f"{row.ratio:.2f}", f"≤ {row.goal:.2f}", verdict)


def measured(name: str) -> Iterator[Line]:
    """The lines of one benchmark. One that breaks is a line too, and the others still run."""
    sys.stderr.write(f"{name} …\n")
    try:
        for row in import_module(f"{benchmarks.__name__}.{name}").main():
            yield line_of(row)
    except Unavailable as missing:
        yield (name, "", "", "", "", f"skipped: {missing}")
    except Exception as error:  # whatever it stumbles over
        traceback.print_exc()
        yield (name, "", "", "", "", f"FAILED: {type(error).__name__}")


def table(lines: list[Line]) -> str:
    widths = [max(map(len, column)) for column in zip(HEADINGS, *lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (HEADINGS, *lines)
    )
    return "\n".join(padded) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Exit status 1 when a goal is missed or a benchmark breaks, else 0; skipped is neither."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()) or "none yet")
    wanted = parser.parse_args(argv).names or names()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    lines = [line for name in wanted for line in measured(name)]
    sys.stdout.write(table(lines))
    return 1 if any(line[-1].startswith(("MISSED", "FAILED")) for line in lines) else 0


if __name__ == "__main__":
    raise SystemExit(main())
