"""Which Debian mirror this machine uses, read from apt's own sources."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.lab.docker import LabError

SOURCES = Path("/etc/apt")
SUITES = {"stable", "testing", "oldstable", "bullseye", "bookworm", "trixie", "forky"}
ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<parts>.+)$")


def debian_mirror(root: Path = SOURCES) -> str:
    """The first URI that apt takes a Debian release's `main` from.

    SLIPWAY_LAB_MIRROR overrides it, for machines whose apt is not Debian's.
    """
    if override := os.environ.get("SLIPWAY_LAB_MIRROR"):
        return override
    for uri, suites, components in _entries(root):
        if "main" in components and SUITES.intersection(suites):
            return uri
    raise LabError("apt on this machine has no Debian source; set SLIPWAY_LAB_MIRROR to one")


def proxy() -> dict[str, str]:
    """apt's HTTP proxy as the environment variable that debootstrap's wget reads."""
    if "http_proxy" in os.environ:
        return {}
    try:
        asked = subprocess.run(
            ["apt-config", "shell", "proxy", "Acquire::http::Proxy"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return {}
    value = asked.stdout.partition("=")[2].strip().strip("'")
    return {"http_proxy": value} if value and value != "DIRECT" else {}


def _entries(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    folder = root / "sources.list.d"
    for file in sorted(folder.glob("*.sources")):
        yield from _deb822(file.read_text())
    for file in (root / "sources.list", *sorted(folder.glob("*.list"))):
        if file.exists():
            yield from _one_line(file.read_text())


def _deb822(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields: dict[str, list[str]] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1].isspace():
                fields.setdefault(name, []).extend(line.split())
            else:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.split()
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for uri in fields.get("uris", []):
            yield uri, fields.get("suites", []), fields.get("components", [])


def _one_line(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for line in text.splitlines():
        if found := ONE_LINE.match(line.strip()):
            yield found["uri"], [found["suite"]], found["parts"].split()
