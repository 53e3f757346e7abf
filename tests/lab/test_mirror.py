"""The mirror is whatever apt uses for Debian itself."""

from pathlib import Path

import pytest

from tests.lab.docker import LabError
from tests.lab.mirror import debian_mirror


@pytest.fixture(autouse=True)
def _no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLIPWAY_LAB_MIRROR", raising=False)


def apt(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_deb822_sources_with_comments_and_other_archives(tmp_path: Path) -> None:
    apt(
        tmp_path,
        "sources.list.d/all.sources",
        "Types: deb\nURIs: http://other.example/node\nSuites: nodistro\nComponents: main\n\n"
        "# the archive\nTypes: deb deb-src\n# a comment inside\nURIs: http://mirror.example/debian\n"
        "Suites: bookworm\n bookworm-updates\nComponents: main contrib\n",
    )
    assert debian_mirror(tmp_path) == "http://mirror.example/debian"


def test_one_line_sources(tmp_path: Path) -> None:
    apt(
        tmp_path,
        "sources.list",
        "# deb http://off.example/debian trixie main\n"
        "deb http://security.example/debian-security trixie-security main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main\n",
    )
    assert debian_mirror(tmp_path) == "http://mirror.example/debian"


def test_a_disabled_source_is_none(tmp_path: Path) -> None:
    stanza = "Types: deb\nURIs: http://m.example\nSuites: trixie\nComponents: main\nEnabled: no\n"
    apt(tmp_path, "sources.list.d/off.sources", stanza)
    with pytest.raises(LabError, match="SLIPWAY_LAB_MIRROR"):
        debian_mirror(tmp_path)


def test_the_environment_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_LAB_MIRROR", "http://mine.example/debian")
    assert debian_mirror(tmp_path) == "http://mine.example/debian"
