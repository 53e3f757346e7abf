"""Packages from Debian: real apt against a real, tiny, signed archive; and apt's sources."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from environments.bundles import debian
from environments.bundles.apt_sources import Mirrors, find_mirrors
from environments.bundles.model import DebianPackages
from tests.environments.bundles.archive import HOST, Archive

MISSING_TOOLS = [tool for tool in ("apt-get", "dpkg-deb", "gpg") if not shutil.which(tool)]
needs_apt = pytest.mark.skipif(bool(MISSING_TOOLS), reason=f"needs {', '.join(MISSING_TOOLS)}")

ENGINE = (DebianPackages("trixie", ("engine",)),)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    archive.publish("trixie", {**HOST, "engine": "libshared, libengine", "libengine": ""})
    archive.publish("bookworm", {**HOST, "engine": "libshared"}, version="0.9")
    archive.publish("trixie-updates", {})
    archive.publish("bookworm-updates", {})
    return archive


@pytest.fixture
def archive(published: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("SLIPWAY_DEBIAN_MIRROR", published.uri)
    monkeypatch.setattr(debian, "KEYRING", published.keyring)
    return published


def collect(
    cache: Path, sources: tuple[DebianPackages, ...] = ENGINE
) -> list[tuple[str, str, Path]]:
    return [(p.name, p.version, p.file) for p in debian.collect(sources, cache, lambda _line: None)]


@needs_apt
@pytest.mark.usefixtures("archive")
def test_takes_what_a_host_lacks(tmp_path: Path) -> None:
    found = collect(tmp_path)
    assert [(name, version) for name, version, _ in found] == [
        ("engine", "1.0"),
        ("libengine", "1.0"),
    ]
    assert collect(tmp_path) == found


@needs_apt
@pytest.mark.usefixtures("archive")
def test_a_package_of_another_release_comes_alone(tmp_path: Path) -> None:
    sources = (DebianPackages("bookworm", ("engine",)), DebianPackages("trixie", ("libengine",)))
    assert [(name, version) for name, version, _ in collect(tmp_path, sources)] == [
        ("engine", "0.9"),
        ("libengine", "1.0"),
    ]


@needs_apt
@pytest.mark.usefixtures("archive")
def test_a_cached_file_that_was_changed_is_fetched_again(tmp_path: Path) -> None:
    first = collect(tmp_path)[0][2]
    sound = first.read_bytes()
    first.write_bytes(bytes(len(sound)))
    assert collect(tmp_path)[0][2].read_bytes() == sound


@needs_apt
@pytest.mark.usefixtures("archive")
def test_an_unknown_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(debian.BuildFailed, match="Unable to locate package nonesuch"):
        collect(tmp_path, (DebianPackages("trixie", ("nonesuch",)),))


@needs_apt
def test_an_archive_signed_by_another_key_is_refused(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Archive(tmp_path / "stranger")
    monkeypatch.setattr(debian, "KEYRING", stranger.keyring)
    with pytest.raises(debian.BuildFailed, match=r"(?s)apt-get update failed.*not signed"):
        collect(tmp_path / "cache")
    assert archive.keyring != stranger.keyring


DEB822 = """\
# of the machine
Types: deb deb-src
URIs: http://mirror.test/debian
Suites: trixie
 trixie-updates
Components: main

Types: deb
URIs: http://mirror.test/security
Suites: trixie-security
Components: main
"""
SOURCES = {
    "one line": (
        "sources.list",
        "deb-src http://x.test/debian trixie main\n"
        "# deb http://x.test/debian trixie main\n"
        "deb [arch=amd64 signed-by=/k] http://mirror.test/debian trixie main contrib # ours\n"
        "deb http://mirror.test/security trixie-security main\n",
    ),
    "deb822": ("sources.list.d/debian.sources", DEB822),
    "other vendors first": (
        "sources.list.d/z.list",
        "deb http://vendor.test/apt stable-vendor main\n"
        "deb http://vendor.test/apt trixie contrib\n"
        "deb http://mirror.test/debian stable main\n"
        "deb http://mirror.test/security stable-security main\n",
    ),
}


@pytest.mark.parametrize(("name", "text"), SOURCES.values(), ids=SOURCES)
def test_the_mirror_is_the_machines_own(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert find_mirrors({}, tmp_path) == Mirrors(
        "http://mirror.test/debian", "http://mirror.test/security"
    )


def test_a_disabled_source_is_none(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/a.sources").write_text("Enabled: no\n" + DEB822.split("\n\n")[0])
    assert find_mirrors({}, tmp_path) is None


def test_the_environment_overrides(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(SOURCES["one line"][1])
    assert find_mirrors({"SLIPWAY_DEBIAN_MIRROR": "http://own.test"}, tmp_path) == Mirrors(
        "http://own.test"
    )
