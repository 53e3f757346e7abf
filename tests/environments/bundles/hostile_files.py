"""Files that must be refused beside a sound index, each with one problem that must be told."""

from __future__ import annotations

import stat

from tests.environments.bundles.hostile import (
    IN_BIN,
    INVALID,
    MISMATCH,
    MISSING,
    Case,
    deep,
    directory,
    extra,
    file,
    hard_link,
    link,
    linked_out,
    pipe,
    removed,
    renamed,
    sparse,
    special,
    sums,
    sums_with,
    swapped,
    with_artifact,
)
from tests.environments.bundles.roots import (
    ARTIFACT,
    ARTIFACT_LINE,
    HOOK,
    INDEX,
    LIBRARY,
    SUMS,
    TEMPLATE,
)

# SHA256SUMS of the sound root: bin/…, hooks/common/…, hooks/compose/…, manifests/…, templates/…
AFTER = 6
ZEROS = "0" * 64


def invalid(spoil: object, path: str, line: int, words: str) -> Case:
    return Case(spoil, INVALID, path, line, words)  # type: ignore[arg-type]  # read as a table


def line(text: str | bytes, words: str) -> Case:
    return invalid(sums_with(text), SUMS, AFTER, words)


def no_artifact(spoil: object) -> Case:
    return Case(spoil, MISSING, ARTIFACT, ARTIFACT_LINE, "not there")  # type: ignore[arg-type]


def changed(spoil: object, words: str) -> Case:
    return Case(spoil, MISMATCH, ARTIFACT, ARTIFACT_LINE, words)  # type: ignore[arg-type]


CASES: dict[str, Case] = {
    # --- artifacts
    "artifact away": no_artifact(removed(ARTIFACT)),
    "artifact by another case": no_artifact(renamed(ARTIFACT, "Engine.deb")),
    "artifact is a directory": no_artifact(directory(ARTIFACT)),
    "artifact changed": changed(with_artifact("b package\n"), "the file's sha256 is"),
    "artifact cut short": changed(with_artifact("a package"), "the file has 9"),
    "artifact emptied": changed(with_artifact(""), "the file has 0"),
    "artifact of 1 TiB": changed(sparse(ARTIFACT), "the file has 1099511627776"),
    "artifact and sums changed": changed(file(ARTIFACT, "b package\n"), "different digests"),
    "artifact not in the sums": invalid(sums(f".*{ARTIFACT}\n", ""), ARTIFACT, 0, "does not list"),
    # --- links, and whatever else is no file
    "artifact is a link": invalid(linked_out(ARTIFACT), ARTIFACT, 0, "a link"),
    "artifact is a link in the root": invalid(
        link(f"{IN_BIN}/same.deb", "engine.deb"), f"{IN_BIN}/same.deb", 0, "a link"
    ),
    "artifact behind a link": no_artifact(linked_out(IN_BIN)),
    "bin is a link": invalid(linked_out("bin"), "bin", 0, "a link"),
    "images is a link": invalid(link("images", "/etc"), "images", 0, "a link"),
    "hooks is a link": invalid(linked_out("hooks"), "hooks", 0, "a link"),
    "templates is a link": invalid(linked_out("templates"), "templates", 0, "a link"),
    "checksums is a link": invalid(linked_out("checksums"), SUMS, 0, "a link"),
    "hook is a link": invalid(linked_out(HOOK), HOOK, 0, "a link"),
    "link to nothing": invalid(link("hooks/x.sh", "none"), "hooks/x.sh", 0, "a link"),
    "link to itself": invalid(link("hooks/x.sh", "x.sh"), "hooks/x.sh", 0, "a link"),
    "link to the root": invalid(link("bin/again", ".."), "bin/again", 0, "a link"),
    "another name outside": invalid(hard_link(ARTIFACT), ARTIFACT, 0, "has another name"),
    "a hook's other name outside": invalid(hard_link(HOOK), HOOK, 0, "has another name"),
    "another name in the root": invalid(
        hard_link(HOOK, other="hooks/x.sh"), "hooks/x.sh", 0, "has another name"
    ),
    "pipe": invalid(pipe(f"{IN_BIN}/pipe"), f"{IN_BIN}/pipe", 0, "pipe"),
    "artifact is a pipe": invalid(pipe(ARTIFACT), ARTIFACT, 0, "pipe"),
    "hook is a pipe": invalid(pipe(HOOK), HOOK, 0, "pipe"),
    "library is a pipe": invalid(pipe(LIBRARY), LIBRARY, 0, "pipe"),
    "template is a pipe": invalid(pipe(TEMPLATE), TEMPLATE, 0, "pipe"),
    "sums are a pipe": invalid(pipe(SUMS), SUMS, 0, "no regular file"),
    "socket": invalid(special("bin/socket", stat.S_IFSOCK), "bin/socket", 0, "socket"),
    # --- names
    "newline in a name": invalid(extra("hooks/a\nb.sh"), r"hooks/a\nb.sh", 0, "unsafe"),
    "newline in a directory's name": invalid(extra("hooks/a\nb/c.sh"), r"hooks/a\nb", 0, "unsafe"),
    "control character in a name": invalid(extra("bin/\x1b[2J"), r"bin/\x1b[2J", 0, "unsafe"),
    "name that turns around": invalid(extra("bin/\u202ebed.x"), r"bin/\u202ebed.x", 0, "unsafe"),
    "name of no width": invalid(extra("bin/a\u200bb"), r"bin/a\u200bb", 0, "unsafe"),
    "name that looks like another": invalid(extra("bin/\u0435"), r"bin/\u0435", 0, "unsafe"),
    "name that is no UTF-8": invalid(extra(b"bin/\xff\xfe"), r"bin/\udcff\udcfe", 0, "unsafe"),
    "name with a space": invalid(extra("bin/a b"), "bin/a b", 0, "unsafe"),
    "name with a backslash": invalid(extra("bin/a\\b"), r"bin/a\\b", 0, "unsafe"),
    "library nobody can source": invalid(
        file("hooks/common/-x.sh", "exit 0\n"), "hooks/common/-x.sh", 0, "no name for a library"
    ),
    "deep": invalid(deep(300), f"{IN_BIN}/{'d/' * 18}d", 0, "deeper than 20 directories"),
    "name without an end": invalid(extra(f"bin/{'a' * 250}"), f"bin/{'a' * 236}", 0, "more than"),
    # --- what nobody vouches for
    "extra package": invalid(extra(f"{IN_BIN}/extra.deb"), f"{IN_BIN}/extra.deb", 0, "neither"),
    "extra hook": invalid(extra("hooks/extra.sh", b"exit 0\n"), "hooks/extra.sh", 0, "neither"),
    "extra file at the top": invalid(extra("README"), "README", 0, "neither"),
    "extra hidden file": invalid(extra(".hidden"), ".hidden", 0, "neither"),
    "extra index": invalid(extra("manifests/old.yaml"), "manifests/old.yaml", 0, "neither"),
    "extra sums": invalid(extra(f"{SUMS}.old"), f"{SUMS}.old", 0, "neither"),
    "extra file of 1 TiB": invalid(sparse("bin/sparse"), "bin/sparse", 0, "neither"),
    # --- SHA256SUMS
    "no SHA256SUMS": Case(removed(SUMS), MISSING, SUMS, 0, "no such file"),
    "SHA256SUMS is a directory": invalid(directory(SUMS), SUMS, 0, "no regular file"),
    "SHA256SUMS of 1 TiB": invalid(sparse(SUMS), SUMS, 0, "larger than"),
    "empty SHA256SUMS": invalid(sums("(?s).*", ""), ARTIFACT, 0, "does not list"),
    "malformed line": invalid(sums(r"\A[0-9a-f]{4}", ""), SUMS, 1, "not a line"),
    "line in capitals": invalid(
        lambda root: (root / SUMS).write_text((root / SUMS).read_text().upper()), SUMS, 1, "not a l"
    ),
    "line with one space": line(f"{ZEROS} hooks/x.sh", "not a line"),
    "line without a name": line(f"{ZEROS}  ", "not a line"),
    "line of nothing": line("", "not a line"),
    "line of a comment": line("# comment", "not a line"),
    "line with an escaped name": line(f"\\{ZEROS}  hooks/a\\nb.sh", "not a line"),
    "line in CRLF": line(f"{ZEROS}  hooks/x.sh\r", "CRLF"),
    "line with a NUL": line(f"{ZEROS}  hooks/x\0.sh", "unsafe characters"),
    "line that is no UTF-8": line(ZEROS.encode() + b"  hooks/\xff", "unsafe characters"),
    "line that turns around": line(f"{ZEROS}  hooks/\u202ehs.x", r"hooks/\u202ehs.x"),
    "line without an end": line(f"{ZEROS}  {'x' * 3_000_000}", "longer than"),
    "line of another hash": line(f"{'0' * 128}  hooks/x.sh", "not a line"),
    "line listed twice": invalid(sums(r"\A(.*\n)", r"\1\1"), SUMS, 2, "listed twice"),
    "line of itself": line(f"{ZEROS}  {SUMS}", "lists itself"),
    "line that leaves the root": line(f"{ZEROS}  ../x", "leaves the root"),
    "line of an absolute path": line(f"{ZEROS}  /etc/passwd", "leaves the root"),
    "line that is not plain": line(f"{ZEROS}  ./hooks/x.sh", "plain form"),
    "line without its file": Case(removed(LIBRARY), MISSING, LIBRARY, 2, "not there"),
    "sums with a byte order mark": invalid(sums(r"\A", "\ufeff"), SUMS, 1, "not a line"),
    "index not in the sums": invalid(sums(f".*{INDEX}\n", ""), INDEX, 0, "SHA256SUMS does not"),
    "hook not in the sums": invalid(sums(f".*{HOOK}\n", ""), HOOK, 0, "SHA256SUMS does not"),
    "index changed": Case(
        lambda root: (root / INDEX).open("a").write("#\n"), MISMATCH, INDEX, 4, "sha256 is"
    ),
    "hook changed": Case(extra(HOOK, b"exit 0\n"), MISMATCH, HOOK, 3, "sha256 is"),
    "library changed": Case(extra(LIBRARY, b"exit 0\n"), MISMATCH, LIBRARY, 2, "sha256 is"),
    "template changed": Case(extra(TEMPLATE, b"{}\n"), MISMATCH, TEMPLATE, 5, "sha256 is"),
    "hooks that changed places": Case(swapped(HOOK, LIBRARY), MISMATCH, LIBRARY, 2, "sha256 is"),
    # --- hooks and templates
    "CRLF in a hook": invalid(file(HOOK, "set -eu\nexit 0\r\n"), HOOK, 2, "CRLF"),
    "CRLF in a library": invalid(file(LIBRARY, "a() {\r\n:\r\n}\r\n"), LIBRARY, 1, "CRLF"),
    "carriage return in a hook": invalid(file(HOOK, "ls\n# \rrm -r /\n"), HOOK, 2, "CRLF"),
    "NUL in a hook": invalid(file(HOOK, "ls\n\n\0\n"), HOOK, 3, "holds a NUL"),
    "byte order mark in a hook": invalid(file(HOOK, "\ufeff#!/bin/sh\n"), HOOK, 1, "byte order"),
    "hook that reads otherwise": invalid(
        file(HOOK, "ls\nrm -r / # \u202e olleh\n"), HOOK, 2, "turns the direction"
    ),
    "hook for another interpreter": invalid(
        file(HOOK, "#!/usr/bin/python3\nprint()\n"), HOOK, 1, "another interpreter"
    ),
    "hook that does not parse": invalid(
        file(HOOK, "set -eu\n\nif true; then (\n"), HOOK, 4, "does not parse"
    ),
    "quote without an end": invalid(file(HOOK, "echo 'x\n"), HOOK, 2, "does not parse"),
    "shell without an end": invalid(file(HOOK, "(" * 200_000), HOOK, 0, "does not parse"),
    "library that does not parse": invalid(file(LIBRARY, "say() {\n"), LIBRARY, 2, "not parse"),
    "huge hook": invalid(file(HOOK, "#" * ((1 << 20) + 1)), HOOK, 0, "more than"),
    "hook of 1 TiB": invalid(sparse(HOOK), HOOK, 0, "more than"),
    "huge template": invalid(file(TEMPLATE, "x" * ((1 << 20) + 1)), TEMPLATE, 0, "more than"),
    "undefined variable": invalid(
        file(TEMPLATE, "{\n ${SLIPWAY_NODE_NAME} ${OTHER}\n}\n"), TEMPLATE, 2, "sets ${OTHER}"
    ),
    "option nobody declares it for": invalid(
        file("templates/x", "\n${SLIPWAY_OPTION_MIRROR}\n"), "templates/x", 2, "_OPTION_MIRROR"
    ),
    "placeholder left open": invalid(file(TEMPLATE, "${SLIPWAY_NODE\n"), TEMPLATE, 1, "nothing"),
    "placeholder that moves the cursor": invalid(
        file(TEMPLATE, "${\x1b[2J}\n"), TEMPLATE, 1, r"nothing sets ${\x1b[2J}"
    ),
}
