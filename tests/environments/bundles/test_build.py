"""Building roots from files that are brought: complete, repeatable, careful of what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.core.errors import NotFound
from environments.bundles.build import BuildFailed, build
from environments.bundles.manifest import load
from environments.bundles.verify import verify
from tests.environments.bundles.roots import FILES, HOOK, SUMS, TEMPLATE, digest, edit, write

ENTRY = """\
  - name: NAME
    version: "1"
    runtime: compose
    platforms: [{os: debian, release: "13", arch: amd64}]
    build: {brought: true}
    templates: [{path: templates/daemon.json, variables: [SLIPWAY_OPTION_MIRROR]}]
    hooks: [{id: engine, phase: install, script: hooks/compose/install.sh}]
"""


class Workshop:
    """A source with the bundles `one` and `two`, files to bring, and the root to build."""

    def __init__(self, directory: Path) -> None:
        self.source, self.root, self.files = (directory / n for n in ("script", "root", "brought"))
        entries = "".join(ENTRY.replace("NAME", name) for name in ("one", "two"))
        write(
            self.source, "manifests/index.yaml", f"schema: slipway.bundle/v1\nbundles:\n{entries}"
        )
        for path in FILES:
            if not path.startswith("bin/"):
                write(self.source, path, FILES[path])
        write(self.files, "kubeadm", "a program\n")
        write(self.files, "images/pause.tar", "an image\n")

    def build(self, name: str) -> None:
        build(name, root=self.root, source=self.source, source_dir=self.files)

    def contents(self) -> dict[str, tuple[bytes, int]]:
        files = [path for path in self.root.rglob("*") if path.is_file()]
        return {str(p.relative_to(self.root)): (p.read_bytes(), p.stat().st_ino) for p in files}


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_built_root_is_sound_and_complete(shop: Workshop) -> None:
    shop.build("one")
    assert verify(shop.root) == []
    (bundle,) = load(shop.root)
    assert [(a.path, a.sha256, a.size) for a in bundle.artifacts] == [
        ("bin/linux-amd64/one/kubeadm", digest("a program\n"), 10),
        ("images/one/pause.tar", digest("an image\n"), 9),
    ]
    assert bundle.recipe is None


def test_building_again_rewrites_nothing(shop: Workshop) -> None:
    shop.build("one")
    before = shop.contents()
    shop.build("one")
    assert shop.contents() == before


def test_another_bundle_stays(shop: Workshop) -> None:
    shop.build("one")
    shop.build("two")
    assert [bundle.name for bundle in load(shop.root)] == ["one", "two"]
    shop.build("one")
    assert [bundle.name for bundle in load(shop.root)] == ["one", "two"]
    assert verify(shop.root) == []


def test_a_bundle_that_the_source_does_not_know_stays(shop: Workshop) -> None:
    shop.build("one")
    edit(shop.root, "manifests/index.yaml", "name: one", "name: own")
    shop.build("two")
    assert [bundle.name for bundle in load(shop.root)] == ["two", "own"]
    assert verify(shop.root) == []


def test_what_is_no_longer_brought_is_removed(shop: Workshop) -> None:
    shop.build("one")
    (shop.files / "images/pause.tar").unlink()
    write(shop.files, "kubeadm", "a newer program\n")
    shop.build("one")
    assert verify(shop.root) == []
    assert not (shop.root / "images/one/pause.tar").exists()


def test_a_changed_hook_comes_along(shop: Workshop) -> None:
    shop.build("one")
    write(shop.source, HOOK, "exit 0\n")
    shop.build("one")
    assert (shop.root / HOOK).read_text() == "exit 0\n"
    assert verify(shop.root) == []


def test_a_build_vouches_for_nothing_that_it_did_not_put_there(shop: Workshop) -> None:
    shop.build("one")
    write(shop.root, "bin/linux-amd64/one/kubeadm", "b program\n")
    write(shop.root, "extra", "x")
    shop.build("two")
    assert {problem.path for problem in verify(shop.root)} == {
        "bin/linux-amd64/one/kubeadm",
        "extra",
    }
    shop.build("one")
    assert {problem.path for problem in verify(shop.root)} == {"extra"}


def test_a_template_comes_with_a_bundle_that_declares_it(shop: Workshop) -> None:
    index = shop.source / "manifests/index.yaml"
    one, two = index.read_text().split("  - name: two")
    own = two.replace("templates/daemon.json", "templates/own").replace("MIRROR", "OTHER")
    index.write_text(f"{one}  - name: two{own}")
    write(shop.source, "templates/own", "${SLIPWAY_OPTION_OTHER}\n")
    shop.build("one")
    assert not (shop.root / "templates/own").exists()
    assert verify(shop.root) == []
    shop.build("two")
    assert (shop.root / "templates/own").exists()
    assert verify(shop.root) == []
    index.write_text(f"{one}  - name: two{two}")
    shop.build("one")  # nothing declares it any more
    assert not (shop.root / "templates/own").exists()
    assert "templates/own" not in (shop.root / SUMS).read_text()


def test_the_sums_are_those_of_sha256sum(shop: Workshop) -> None:
    shop.build("one")
    line = f"{digest(FILES[TEMPLATE])}  {TEMPLATE}\n"
    assert line in (shop.root / SUMS).read_text()


def test_what_cannot_be_built(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="there are: one, two"):
        shop.build("three")
    with pytest.raises(BuildFailed, match="--from"):
        build("one", root=shop.root, source=shop.source)
    (shop.files / "link").symlink_to("/etc/passwd")
    with pytest.raises(BuildFailed, match="link: a link"):
        shop.build("one")
