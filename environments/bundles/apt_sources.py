"""Which Debian mirror this machine uses, as its own apt sources (sources.list(5)) say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MIRROR = "SLIPWAY_DEBIAN_MIRROR"
SECURITY_MIRROR = "SLIPWAY_DEBIAN_SECURITY_MIRROR"

_RELEASES = {"bullseye", "bookworm", "trixie", "forky", "oldstable", "stable", "testing", "sid"}
_ONE_LINE = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(\S.*)")


@dataclass(frozen=True)
class Mirrors:
    """URIs in the form that apt takes; `security` is empty where none is known."""

    main: str
    security: str = ""


@dataclass(frozen=True)
class Source:
    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]


def find_mirrors(environ: Mapping[str, str], apt: Path = Path("/etc/apt")) -> Mirrors | None:
    """The mirrors to use: what the environment names, else the first that apt takes `main` from.

    With SLIPWAY_DEBIAN_MIRROR set, apt's sources are not looked at: security updates come from
    SLIPWAY_DEBIAN_SECURITY_MIRROR, or not at all. None when nothing is known.
    """
    if main := environ.get(MIRROR):
        return Mirrors(main, environ.get(SECURITY_MIRROR, ""))
    sources = [source for source in read_sources(apt) if "main" in source.components]
    security = {f"{release}-security" for release in _RELEASES}
    found = _first(sources, _RELEASES)
    return Mirrors(found, _first(sources, security)) if found else None


def read_sources(apt: Path) -> list[Source]:
    """Every enabled binary source, in apt's order."""
    sources: list[Source] = []
    for path in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))):
        if path.suffix in {".list", ".sources"} and path.is_file():
            text = path.read_text("utf-8", "replace")
            sources += _deb822(text) if path.suffix == ".sources" else _one_line(text)
    return sources


def _first(sources: Iterable[Source], suites: set[str]) -> str:
    return next((source.uri for source in sources if suites.intersection(source.suites)), "")


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        if match := _ONE_LINE.fullmatch(line.partition("#")[0].strip()):
            yield Source(match[1], (match[2],), tuple(match[3].split()))


def _deb822(text: str) -> Iterator[Source]:
    uncommented = re.sub(r"(?m)^#.*\n?", "", text)
    for stanza in re.split(r"\n\s*\n", uncommented):
        fields: dict[str, list[str]] = {}
        # A line that starts with white space goes on where the one before stopped.
        for line in re.sub(r"\n[ \t]+", " ", stanza).splitlines():
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.split()
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for uri in fields.get("uris", []):
            suites, components = fields.get("suites", []), fields.get("components", [])
            yield Source(uri, tuple(suites), tuple(components))
