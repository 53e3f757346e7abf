"""What is still allowed, right below the limits; and what a large bundle costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from environments.bundles import manifest, patterns
from environments.bundles.verify import verify
from tests.environments.bundles.hostile import artifacts, bundles, deep, index, index_is, repeated
from tests.environments.bundles.roots import (
    ARTIFACT,
    FILES,
    INDEX,
    INDEX_TEXT,
    SUMS,
    digest,
    edit,
    sound_root,
    sum_up,
)

MEGABYTES = 300


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


def test_an_index_of_1_mib(root: Path) -> None:
    text = INDEX_TEXT.replace("DIGEST", digest(FILES[ARTIFACT]))
    index_is(f"{text}#{'x' * ((1 << 20) - len(text) - 2)}\n")(root)
    assert (root / INDEX).stat().st_size == 1 << 20
    assert verify(root) == []


def test_20_levels() -> None:
    _, problems = manifest.parse("a: " + "[" * 19 + "]" * 19)
    assert [p.message for p in problems if "deeper" in p.message] == []


def test_100_bundles(root: Path) -> None:
    bundles(100)(root)
    assert verify(root) == []
    assert len(manifest.load(root)) == 100


def test_200_hooks(root: Path) -> None:
    repeated(r"^      - \{id: engine.*", 200)(root)
    text = (root / INDEX).read_text()
    for number in range(200):
        text = text.replace("{id: engine,", f"{{id: engine{number},", 1)
    index_is(text)(root)
    assert verify(root) == []


def test_many_artifacts(root: Path) -> None:
    artifacts(1_000)(root)
    text = (root / INDEX).read_text().replace("f" * 64, digest("x"))
    index_is(text)(root)
    for number in range(999):
        (root / ARTIFACT).with_name(f"a{number}").write_text("x")
    sum_up(root)
    assert verify(root) == []


def test_a_path_of_20_directories(root: Path) -> None:
    deep(17)(root)
    sum_up(root)
    assert verify(root) == []


@pytest.mark.parametrize("mark", ["  ", " *"])
def test_both_forms_of_sha256sum(root: Path, mark: str) -> None:
    sums = root / SUMS
    sums.write_text(sums.read_text().replace("  ", mark).removesuffix("\n"))
    assert verify(root) == []
    checked = ["sha256sum", "--check", "--quiet", "--strict", SUMS]
    assert subprocess.run(checked, cwd=root, check=False).returncode == 0


def test_a_pattern_and_a_default_that_matches_it(root: Path) -> None:
    index('type: url, default: ""', 'type: string, pattern: "[a-f]+", default: abc')(root)
    assert verify(root) == []
    option = manifest.load(root)[0].options[0]
    assert option.complaint("abcdef") is None
    assert option.complaint("xyz") == "Must match [a-f]+."


def test_a_value_that_keeps_a_pattern_busy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    complaint = patterns.complaint("(a|a)+b", "a" * 100)
    assert complaint == "Could not be matched with its pattern within 0.5 seconds."


MEASURE = """
import resource, sys
from pathlib import Path
from environments.bundles.verify import verify
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
verify(Path(sys.argv[2]))
before = peak()
assert verify(Path(sys.argv[1])) == []
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_files(root: Path, tmp_path: Path) -> None:
    """Peak memory of a process that has verified a small root, and then verifies a large one."""
    small = sound_root(tmp_path / "small")
    block = bytes(range(256)) * 4096
    with (root / ARTIFACT).open("wb") as stream:
        for _ in range(MEGABYTES):
            stream.write(block)
    size = MEGABYTES << 20
    sum_up(root)
    edit(root, INDEX, digest(FILES[ARTIFACT]), _listed(root))
    edit(root, INDEX, "size: 10,", f"size: {size},")
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(root), str(small)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(measured.stdout) < 20_000  # KiB
    (root / ARTIFACT).unlink()


def _listed(root: Path) -> str:
    line = next(line for line in (root / SUMS).read_text().splitlines() if ARTIFACT in line)
    return line.split()[0]
