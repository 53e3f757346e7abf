"""Broken and hostile bundle roots: each is told by code, path and line, and all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from config.core.errors import ArtifactChecksumMismatch, ArtifactMissing, BundleInvalid, NotFound
from environments.bundles.verify import require, verify
from tests.environments.bundles.roots import (
    ARTIFACT,
    ARTIFACT_LINE,
    HOOK,
    HOOK_LINE,
    INDEX,
    INDEX_TEXT,
    LIBRARY,
    SUMS,
    TEMPLATE,
    TEMPLATE_LINE,
    edit,
    sound_root,
    sum_up,
    write,
)

Break = Callable[[Path], object]
INVALID, MISSING, MISMATCH = "bundle_invalid", "artifact_missing", "artifact_checksum_mismatch"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return sound_root(tmp_path / "root")


def index(old: str, new: str) -> Break:
    return lambda root: edit(root, INDEX, old, new)


def sums(old: str, new: str) -> Break:
    return lambda root: write(root, SUMS, re.sub(old, new, (root / SUMS).read_text(), flags=re.M))


def file(path: str, content: str) -> Break:
    def put(root: Path) -> None:
        write(root, path, content)
        sum_up(root)

    return put


def link(path: str, target: str) -> Break:
    def put(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        (root / path).symlink_to(target)

    return put


def repeated(pattern: str, times: int = 2) -> Break:
    """The index with the lines that match `pattern` written again."""
    text = re.search(pattern, INDEX_TEXT, re.M | re.S)
    assert text
    return lambda root: edit(root, INDEX, text[0], text[0] * times)


IN_BIN = "bin/linux-amd64/compose-test"
LAST = INDEX_TEXT.count("\n")
# what breaks it: (how, code, path, line, words of the message)
CASES: dict[str, tuple[Break, str, str, int, str]] = {
    # --- the index as YAML
    "no index": (lambda r: (r / INDEX).unlink(), INVALID, INDEX, 0, "no such file"),
    "index is a link": (link(INDEX, "../SUMS"), INVALID, INDEX, 0, "link"),
    "index too large": (file(INDEX, "#" * (1 << 20) + "\n"), INVALID, INDEX, 1, "larger"),
    "index too deep": (file(INDEX, "a:\n " + "[" * 30), INVALID, INDEX, 2, "deeper"),
    "index is a list": (file(INDEX, "- 1\n"), INVALID, INDEX, 1, "must be a mapping"),
    "index without a bundle": (
        file(INDEX, "schema: slipway.bundle/v1\nbundles: []\n"), INVALID, INDEX, 2, "at least one",
    ),
    "another schema": (index("bundle/v1", "bundle/v9"), INVALID, INDEX, 1, "slipway.bundle/v1"),
    "duplicate key": (index("    runtime: compose\n", "    runtime: compose\n" * 2),
                      INVALID, INDEX, 6, "duplicate key 'runtime'"),
    "alias": (index('version: "1.0"', "version: &v x\n    runtime: *v"),
              INVALID, INDEX, 5, "aliases are not allowed"),
    "unknown key": (index("timeout: 60", "timeout: 60, on: all"),
                    INVALID, INDEX, HOOK_LINE, "hooks[0].on: unknown key"),
    # --- what the index says
    "version is a number": (index('"1.0"', "1.0"), INVALID, INDEX, 4, "put it in quotes"),
    "bundle without hooks": (index(INDEX_TEXT.splitlines()[-1], "      []"),
                             INVALID, INDEX, 14, "at least one"),
    "parent path": (index(f"path: {ARTIFACT}", "path: bin/../../etc/shadow"),
                    INVALID, INDEX, ARTIFACT_LINE, "artifacts[0].path"),
    "absolute path": (index(f"path: {ARTIFACT}", "path: /etc/shadow"),
                      INVALID, INDEX, ARTIFACT_LINE, "artifacts[0].path"),
    "hook outside of hooks": (index(HOOK, "manifests/run.sh"),
                              INVALID, INDEX, HOOK_LINE, "hooks[0].script"),
    "hook as an option of sh": (index(HOOK, "hooks/-c.sh"), INVALID, INDEX, HOOK_LINE, "script"),
    "hook that is not there": (index(HOOK, "hooks/compose/other.sh"),
                               INVALID, INDEX, HOOK_LINE, "hooks/compose/other.sh, which is not"),
    "template that is not there": (index("path: templates/d", "path: templates/x"),
                                   INVALID, INDEX, TEMPLATE_LINE, "is not there"),
    "unknown phase": (index("phase: install", "phase: later"), INVALID, INDEX, HOOK_LINE, "phase"),
    "phase of the platform": (index("phase: install", "phase: transfer"),
                              INVALID, INDEX, HOOK_LINE, "phase"),
    "retry of what can't be": (index("timeout: 60", "timeout: 60, retries: 2"),
                               INVALID, INDEX, HOOK_LINE, "idempotent"),
    "role of another runtime": (index("timeout: 60", "timeout: 60, run_on: worker"),
                                INVALID, INDEX, HOOK_LINE, "never worker"),
    "endless timeout": (index("timeout: 60", "timeout: 999999"),
                        INVALID, INDEX, HOOK_LINE, "from 1 to 7200"),
    "default against its type": (index('default: ""', "default: ftp://x"),
                                 INVALID, INDEX, 9, "http or https"),
    "duplicate hook id": (repeated(r"^      - \{id: engine.*"),
                          INVALID, INDEX, HOOK_LINE + 1, "hook id engine is there twice"),
    "duplicate option": (repeated(r"^      - \{name: mirror[^\n]*\n"),
                         INVALID, INDEX, 10, "option mirror is there twice"),
    "duplicate bundle": (file(INDEX, INDEX_TEXT + INDEX_TEXT.split("bundles:\n")[1]),
                         INVALID, INDEX, LAST + 1, "compose-test 1.0 is described twice"),
    "too many hooks": (repeated(r"^      - \{id: engine.*", 201),
                       INVALID, INDEX, HOOK_LINE - 1, "at most 200"),
    "a bundle that is not built": (
        index("    artifacts:\n", "    build: {brought: true}\n    artifacts:\n"),
        INVALID, INDEX, 12, "either artifacts or a recipe",
    ),
    # --- artifacts
    "artifact away": (lambda r: (r / ARTIFACT).unlink(),
                      MISSING, ARTIFACT, ARTIFACT_LINE, "not there"),
    "wrong size": (index("size: 10", "size: 11"), MISMATCH, ARTIFACT, ARTIFACT_LINE, "11 bytes"),
    "artifact changed": (lambda r: write(r, ARTIFACT, "b package\n"),
                         MISMATCH, ARTIFACT, ARTIFACT_LINE, "the file's sha256 is"),
    "artifact and sums changed": (file(ARTIFACT, "b package\n"),
                                  MISMATCH, ARTIFACT, ARTIFACT_LINE, "different digests"),
    "artifact is a link": (link(ARTIFACT, "/etc/passwd"), INVALID, ARTIFACT, 0, "a link"),
    # --- the layout
    "link to a directory": (link("images", "/etc"), INVALID, "images", 0, "a link"),
    "pipe": (lambda r: os.mkfifo(r / IN_BIN / "pipe"), INVALID, f"{IN_BIN}/pipe", 0, "pipe"),
    "newline in a name": (lambda r: write(r, "hooks/a\nb.sh", "exit 0\n"),
                          INVALID, r"hooks/a\nb.sh", 0, "unsafe characters"),
    "extra file": (lambda r: write(r, f"{IN_BIN}/extra.deb", "x"),
                   INVALID, f"{IN_BIN}/extra.deb", 0, "neither the index nor SHA256SUMS"),
    # --- SHA256SUMS
    "no SHA256SUMS": (lambda r: (r / SUMS).unlink(), MISSING, SUMS, 0, "no such file"),
    "malformed line": (sums(r"\A[0-9a-f]{4}", ""), INVALID, SUMS, 1, "not a line"),
    "line listed twice": (sums(r"\A(.*\n)", r"\1\1"), INVALID, SUMS, 2, "listed twice"),
    "line that leaves the root": (sums("  manifests/", "  ../manifests/"),
                                  INVALID, SUMS, 4, "leaves the root"),
    "line without its file": (lambda r: (r / LIBRARY).unlink(), MISSING, LIBRARY, 2, "not there"),
    "artifact not in the sums": (sums(f".*{ARTIFACT}\n", ""),
                                 INVALID, ARTIFACT, 0, "does not list"),
    "index not in the sums": (sums(f".*{INDEX}\n", ""), INVALID, INDEX, 0, "SHA256SUMS does not"),
    "hook changed": (lambda r: write(r, HOOK, "exit 0\n"), MISMATCH, HOOK, 3, "sha256 is"),
    # --- hooks and templates
    "CRLF in a hook": (file(HOOK, "set -eu\nexit 0\r\n"), INVALID, HOOK, 2, "CRLF"),
    "hook that does not parse": (file(HOOK, "set -eu\n\nif true; then (\n"),
                                 INVALID, HOOK, 4, "does not parse"),
    "library that does not parse": (file(LIBRARY, "say() {\n"), INVALID, LIBRARY, 2, "not parse"),
    "undefined variable": (file(TEMPLATE, "{\n ${SLIPWAY_NODE_NAME} ${OTHER}\n}\n"),
                           INVALID, TEMPLATE, 2, "nothing sets ${OTHER}"),
    "option nobody declares it for": (file("templates/x", "\n${SLIPWAY_OPTION_MIRROR}\n"),
                                      INVALID, "templates/x", 2, "SLIPWAY_OPTION_MIRROR"),
    "placeholder left open": (file(TEMPLATE, "${SLIPWAY_NODE\n"), INVALID, TEMPLATE, 1, "nothing"),
    "huge template": (file(TEMPLATE, "x" * ((1 << 20) + 1)), INVALID, TEMPLATE, 0, "more than"),
}  # fmt: skip


def test_a_sound_root_has_no_problems(root: Path) -> None:
    assert verify(root) == []
    assert require(root, "compose-test", "1.0").artifacts[0].path == ARTIFACT


@pytest.mark.parametrize("case", CASES)
def test_tells(case: str, root: Path) -> None:
    how, code, path, line, words = CASES[case]
    how(root)
    problems = verify(root)
    assert [p for p in problems if (p.code, p.path, p.line) == (code, path, line)], problems
    assert [p for p in problems if p.path == path and words in p.message], problems


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device needs root")
def test_a_device_is_refused(root: Path) -> None:
    os.mknod(root / "bin/null", 0o20666, os.makedev(1, 3))
    assert [(p.code, p.path) for p in verify(root)] == [(INVALID, "bin/null")]


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    assert [p.code for p in verify(tmp_path / "none")] == [INVALID]


def test_everything_is_told_at_once(root: Path) -> None:
    edit(root, INDEX, "timeout: 60", "timeout: 0, tries: 1")
    edit(root, INDEX, 'release: "13"', "release: 13")
    write(root, ARTIFACT, "b package\n")
    write(root, "extra", "x")
    told = [(p.code, p.path, p.line) for p in verify(root)]
    assert told == [
        (MISMATCH, ARTIFACT, ARTIFACT_LINE),
        (INVALID, "extra", 0),
        (INVALID, INDEX, 6),
        (INVALID, INDEX, HOOK_LINE),
        (INVALID, INDEX, HOOK_LINE),
    ]


def test_one_bundle_does_not_pay_for_another(root: Path) -> None:
    other = re.sub("(?s).*?  - name", "  - name", INDEX_TEXT, count=1).replace("-test", "-other")
    path = ARTIFACT.replace("-test", "-other")
    write(root, path, "another\n")
    edit(root, INDEX, "bundles:\n", "bundles:\n" + other.replace("DIGEST", "f" * 64))
    assert require(root, "compose-test", "1.0").name == "compose-test"
    assert {p.path for p in verify(root)} == {path}


def test_require_raises_what_is_wrong(root: Path) -> None:
    with pytest.raises(NotFound):
        require(root, "compose-test", "2.0")
    (root / ARTIFACT).unlink()
    with pytest.raises(ArtifactMissing) as missing:
        require(root, "compose-test", "1.0")
    assert missing.value.data["artifacts"] == [ARTIFACT]
    assert missing.value.data["errors"][0]["line"] == ARTIFACT_LINE
    write(root, ARTIFACT, "b package\n")
    with pytest.raises(ArtifactChecksumMismatch) as mismatch:
        require(root, "compose-test", "1.0")
    assert mismatch.value.data["artifacts"] == [ARTIFACT]
    edit(root, INDEX, "phase: install", "phase: later")
    with pytest.raises(BundleInvalid):
        require(root, "compose-test", "1.0")
