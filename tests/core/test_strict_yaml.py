"""The strict loader: what it refuses, and on which line; what it reads, and as what."""

from __future__ import annotations

from typing import Any

import pytest

from config.core.strict_yaml import Document, StrictYAMLError, load, load_all

REFUSED = {
    "alias": ("a: &x 1\nb: *x\n", 2, "aliases"),
    "alias as a key": ("a: &x b\n*x : 1\n", 2, "aliases"),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a'"),
    "duplicate key in other spelling": ('80: 1\n"80": 2\n', 2, "duplicate key '80'"),
    "merge key": ("a: 1\n<<: {b: 2}\n", 2, "merge keys"),
    "mapping as a key": ("a: 1\n? {b: 1}\n: 2\n", 2, "plain text"),
    "tag that builds an object": ("a: 1\nb: !!python/name:os.system\n", 2, "tag"),
    "own tag on a mapping": ("a: !vault\n  b: 1\n", 1, "tag"),
    "tag that its text belies": ("a: !!int no\n", 1, "not what its tag says"),
    "second document": ("a: 1\n---\nb: 2\n", 3, "only one document"),
    "broken syntax": ("a: 1\nb: [1, 2\nc: 3\n", 3, ""),
    "control character": ("a: 1\nb: \x07\n", 1, ""),
    "not UTF-8": (b"a: 1\nb: \xff\n", 2, "UTF-8"),
}


@pytest.mark.parametrize(("text", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_refuses(text: str | bytes, line: int, message: str) -> None:
    with pytest.raises(StrictYAMLError) as caught:
        load(text)
    assert caught.value.line == line
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("text", "limits", "line"),
    [
        ("a: " + "x" * 100, {"max_bytes": 50}, 1),
        ("a:\n  b:\n    c: {d: 1}\n", {"max_depth": 3}, 3),
        ("[" * 100_000, {"max_depth": 20}, 1),
        ("- 1\n- 2\n- 3\n", {"max_nodes": 3}, 3),
    ],
    ids=["size", "depth", "depth without end", "nodes"],
)
def test_limits(text: str, limits: dict[str, Any], line: int) -> None:
    with pytest.raises(StrictYAMLError) as caught:
        load(text, **limits)
    assert caught.value.line == line


def test_limits_are_inclusive() -> None:
    assert load("a: {b: {c: 1}}", max_depth=3, max_nodes=4, max_bytes=14).value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("~", None),
        ("", None),
        ('""', ""),
        ("22:22", "22:22"),
        ("2025-01-02", "2025-01-02"),
        ("1_000", 1000),
        ("0644", 0o644),
        ("0o644", 0o644),
        ("0x1f", 31),
        ("-0b11", -3),
        ("089", 89.0),
        ("0_", 0),
        ("1e3", 1000.0),
        ("9e999", "9e999"),
        (".inf", ".inf"),
        ("-x", "-x"),
        ("1.2.3", "1.2.3"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars(written: str, value: object) -> None:
    read = load(f"a: {written}\n").value["a"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_the_text_as_written() -> None:
    assert load("{on: 1, yes: 2, 80: 3, null: 4, 1.0: 5}").value == {
        "on": 1, "yes": 2, "80": 3, "null": 4, "1.0": 5,
    }  # fmt: skip


def test_lines_of_keys_items_and_what_is_not_there() -> None:
    document = load("# head\na:\n  - b: 1\n    c: 2\n  - 7\n")
    assert document.line_of() == 2
    assert document.line_of(("a",)) == 2
    assert document.line_of(("a", 0, "c")) == 4
    assert document.line_of(("a", 1)) == 5
    assert document.line_of(("a", 0, "absent", 3)) == 3


@pytest.mark.parametrize("text", ["", "# only a comment\n", b"\xef\xbb\xbf"])
def test_nothing_is_none(text: str | bytes) -> None:
    assert load(text) == Document(None, {})


def test_all_documents_with_their_lines() -> None:
    first, second = load_all("a: 1\n---\nb: 2\n")
    assert (first.value, second.value) == ({"a": 1}, {"b": 2})
    assert second.line_of(("b",)) == 3
