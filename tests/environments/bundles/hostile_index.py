"""Indexes that must be refused, each with one problem that must be told of it."""

from __future__ import annotations

from tests.environments.bundles.hostile import (
    INVALID,
    MISMATCH,
    Case,
    artifacts,
    bundles,
    file,
    index,
    index_is,
    linked_out,
    pipe,
    removed,
    repeated,
    sparse,
)
from tests.environments.bundles.roots import (
    ARTIFACT,
    ARTIFACT_LINE,
    HOOK,
    HOOK_LINE,
    INDEX,
    INDEX_TEXT,
    TEMPLATE,
    TEMPLATE_LINE,
)

LAST = INDEX_TEXT.count("\n")
OPTION_LINE = 9
HEAD = "schema: slipway.bundle/v1\n"
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BRAKE = f"{HEAD}#{'x' * ((1 << 20) - len(HEAD) - 1)}\n"  # one byte more than 1 MiB
OPTION = 'type: url, default: ""'


def invalid(spoil: object, line: int, words: str) -> Case:
    return Case(spoil, INVALID, INDEX, line, words)  # type: ignore[arg-type]  # read as a table


def in_hook(new: str, words: str) -> Case:
    """The hook's terms, with `new` for its timeout."""
    return invalid(index("timeout: 60", new), HOOK_LINE, words)


def in_artifact(old: str, new: str, words: str) -> Case:
    return invalid(index(old, new), ARTIFACT_LINE, words)


def in_path(path: str) -> Case:
    return in_artifact(f"path: {ARTIFACT}", f"path: {path}", "artifacts[0].path")


def in_option(new: str, words: str) -> Case:
    return invalid(index(OPTION, new), OPTION_LINE, words)


CASES: dict[str, Case] = {
    # --- the file
    "no index": invalid(removed(INDEX), 0, "no such file"),
    "index is a link": invalid(linked_out(INDEX), 0, "a link"),
    "index behind a link": Case(linked_out("manifests"), INVALID, INDEX, 0, "a link"),
    "index is a pipe": invalid(pipe(INDEX), 0, "no regular file"),
    "index of 1 TiB": invalid(sparse(INDEX), 1, "larger than 1048576 bytes"),
    "index of 1 MiB and a byte": invalid(index_is(BRAKE), 1, "larger than 1048576 bytes"),
    # --- as YAML
    "not UTF-8": invalid(index_is(b"schema: x\nname: \xff\n"), 2, "not UTF-8"),
    "UTF-16": invalid(index_is(HEAD.encode("utf-16")), 1, "not UTF-8"),
    "byte order mark": invalid(index_is("\ufeff" + INDEX_TEXT), 1, "byte order mark"),
    "NUL": invalid(index_is(f"{HEAD}a: \0\n"), 1, "not allowed"),
    "escape character": invalid(index_is(f"{HEAD}a: \x1b[2J\n"), 1, "not allowed"),
    "index is a list": invalid(index_is("- 1\n"), 1, "must be a mapping"),
    "index is empty": invalid(index_is(""), 1, "must be a mapping"),
    "no YAML": invalid(index_is(f"{HEAD}bundles: [\n"), 3, "flow"),
    "two documents": invalid(index_is(f"{HEAD}---\n{HEAD}"), 3, "only one document"),
    "nested deeper than 20": invalid(index_is(f"{HEAD}a: {'[' * 20}"), 2, "deeper than 20"),
    "nested without an end": invalid(index_is(f"{HEAD}a: {'[' * 500_000}"), 2, "deeper than 20"),
    "a tag that runs code": invalid(
        index_is(f"{HEAD}bundles: !!python/object/apply:os.system [id]\n"), 2, "is not allowed"
    ),
    "a tag of its own": invalid(index_is(f"{HEAD}bundles: !x [id]\n"), 2, "the tag !x"),
    "merge key": invalid(index_is(f"{HEAD}<<: {{bundles: []}}\n"), 2, "merge keys"),
    "billion laughs": invalid(index_is(LAUGHS), 2, "aliases are not allowed"),
    "an alias of itself": invalid(index_is(f"{HEAD}a: &a [*a]\n"), 2, "aliases are not allowed"),
    "alias": invalid(
        index('version: "1.0"', "version: &v x\n    runtime: *v"), 5, "aliases are not allowed"
    ),
    "a mapping as a key": invalid(index_is(f"{HEAD}? {{a: b}}\n: c\n"), 2, "key must be plain"),
    "duplicate key": invalid(
        index("    runtime: compose\n", "    runtime: compose\n" * 2), 6, "duplicate key 'runtime'"
    ),
    "too many values": invalid(
        index_is(f"{HEAD}a: [{'1,' * 100_001}]\n"), 2, "more than 100000 values"
    ),
    # --- limits and schema
    "index without a bundle": invalid(index_is(f"{HEAD}bundles: []\n"), 2, "at least one"),
    "another schema": invalid(index("bundle/v1", "bundle/v9"), 1, "slipway.bundle/v1"),
    "101 bundles": invalid(bundles(101), 2, "at most 100 are allowed, here are 101"),
    "201 hooks": invalid(
        repeated(r"^      - \{id: engine.*", 201), HOOK_LINE - 1, "at most 200 are allowed"
    ),
    "2001 artifacts": invalid(artifacts(2001), ARTIFACT_LINE - 1, "at most 2000 are allowed"),
    "more artifacts than hooks can be told of": invalid(
        artifacts(1500), ARTIFACT_LINE - 1, "too long for hooks"
    ),
    "unknown key": in_hook("timeout: 60, on: all", "hooks[0].on: unknown key"),
    "an unknown key that moves the cursor": in_hook('"\\e[2J": 1', r"\x1b[2J: unknown key"),
    "an unknown key without an end": in_hook(f"{'k' * 1_000}: 1", "kkk: unknown key"),
    "bundle that is no mapping": invalid(index_is(f"{HEAD}bundles: [1]\n"), 2, "a mapping"),
    "bundle without hooks": invalid(
        index(INDEX_TEXT.splitlines()[-1], "      []"), 14, "at least one"
    ),
    # --- what it says of bundles
    "version is a number": invalid(index('"1.0"', "1.0"), 4, "put it in quotes"),
    "name of two lines": invalid(index("name: compose-test", 'name: "a\\nb"'), 3, "matches"),
    "name that is a path": invalid(index("name: compose-test", "name: ../x"), 3, "matches"),
    "runtime nobody knows": invalid(index("runtime: compose", "runtime: nomad"), 5, "one of"),
    "release is a number": invalid(index('release: "13"', "release: 13"), 6, "put it in quotes"),
    "memory is negative": invalid(index("memory_mb: 512", "memory_mb: -1"), 7, "from 0"),
    "duplicate bundle": invalid(
        index_is(INDEX_TEXT + INDEX_TEXT.split("bundles:\n")[1]), LAST + 1, "is described twice"
    ),
    "a recipe beside artifacts": invalid(
        index("    artifacts:\n", "    build: {brought: true}\n    artifacts:\n"),
        12,
        "either artifacts or a recipe",
    ),
    # --- of artifacts
    "parent path": in_path("bin/../../etc/shadow"),
    "absolute path": in_path("/etc/shadow"),
    "path outside of bin and images": in_path("hooks/compose/install.sh"),
    "path of two lines": in_path('"bin/a\\nb"'),
    "path with a NUL": in_path('"bin/a\\0b"'),
    "path that turns around": in_path('"bin/\\u202edeb.x"'),
    "path with a space": in_path('"bin/a b"'),
    "path without an end": in_path(f"bin/{'a' * 240}"),
    "digest in capitals": in_artifact("sha256: ", "sha256: A", "artifacts[0].sha256"),
    "size is a flag": in_artifact("size: 10", "size: true", "a whole number"),
    "size is negative": in_artifact("size: 10", "size: -1", "a whole number"),
    "size is 1 EiB": in_artifact("size: 10", f"size: {1 << 60}", "a whole number"),
    "for whom nobody is": in_artifact("for: all", "for: everyone", "one of"),
    "duplicate artifact": invalid(
        repeated(r"^      - \{path: bin[^\n]*\n"), ARTIFACT_LINE + 1, "is there twice"
    ),
    "wrong size": Case(
        index("size: 10", "size: 11"), MISMATCH, ARTIFACT, ARTIFACT_LINE, "says 11 bytes"
    ),
    # --- of hooks
    "hook outside of hooks": invalid(index(HOOK, "manifests/run.sh"), HOOK_LINE, "script"),
    "hook that leaves hooks": invalid(index(HOOK, "hooks/../x.sh"), HOOK_LINE, "script"),
    "hook as an option of sh": invalid(index(HOOK, "hooks/-c.sh"), HOOK_LINE, "script"),
    "hook that is no script": invalid(index(HOOK, "hooks/compose/a.py"), HOOK_LINE, "script"),
    "hook that is not there": invalid(
        index(HOOK, "hooks/compose/other.sh"), HOOK_LINE, "hooks/compose/other.sh, which is not"
    ),
    "duplicate hook id": invalid(
        repeated(r"^      - \{id: engine.*"), HOOK_LINE + 1, "hook id engine is there twice"
    ),
    "unknown phase": invalid(index("phase: install", "phase: later"), HOOK_LINE, "phase"),
    "phase of the platform": invalid(index("phase: install", "phase: transfer"), HOOK_LINE, "ph"),
    "retry of what can't be": in_hook("timeout: 60, retries: 2", "idempotent"),
    "role of another runtime": in_hook("timeout: 60, run_on: worker", "never worker"),
    "endless timeout": in_hook("timeout: 999999", "from 1 to 7200"),
    "timeout is a flag": in_hook("timeout: true", "from 1 to 7200"),
    # --- of options and templates
    "default against its type": in_option("type: url, default: ftp://x", "http or https"),
    "default of what is required": in_option(
        "type: url, required: true, default: ftp://x", "http or https"
    ),
    "pattern that is none": in_option('type: string, pattern: "("', "no regular expression"),
    "pattern out of bounds": in_option(
        'type: string, pattern: "a{99999999999}"', "no regular expression"
    ),
    "default against its pattern": in_option(
        'type: string, pattern: "[a-f]+", default: mno', "Must match [a-f]+"
    ),
    "duplicate option": invalid(
        repeated(r"^      - \{name: mirror[^\n]*\n"), 10, "option mirror is there twice"
    ),
    "template that is not there": invalid(
        index("path: templates/d", "path: templates/x"), TEMPLATE_LINE, "is not there"
    ),
    "duplicate template": invalid(
        repeated(r"^      - \{path: templates[^\n]*\n"), TEMPLATE_LINE + 1, "is there twice"
    ),
    "template that hides a hook's inputs": invalid(
        index(TEMPLATE, "templates/inputs.json"), TEMPLATE_LINE, "another file of this name"
    ),
    "template that hides a library": invalid(
        lambda root: (
            file("templates/lib.sh", "exit 0\n")(root),
            index(TEMPLATE, "templates/lib.sh")(root),
        ),
        TEMPLATE_LINE,
        "has the name of a library",
    ),
}
