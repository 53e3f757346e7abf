"""Variables into manifests: a table of what becomes what, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.core.errors import ManifestInvalid, RenderFailed
from config.core.secrets import MASK, Secret
from deployments.rendering import hide, mask, parse, render

VALUES = {"NAME": "web", "N": "3", "EMPTY": "", "YES": "true", "NOTHING": "null"}


def value_of(text: str, values: dict[str, Any] | None = None) -> Any:
    [document] = render(f"key: {text}\n", VALUES if values is None else values).documents
    return document["key"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${NAME}", "web"),
        ("a-${NAME}-b", "a-web-b"),
        ("${NAME}${N}", "web3"),
        ("${NAME:-other}", "web"),
        ("${GONE:-other}", "other"),
        ("${EMPTY:-other}", "other"),
        ("${GONE:-}", ""),
        ("${GONE:-a b:c}", "a b:c"),
        ("${NAME:?needed}", "web"),
        ("${EMPTY}x", "x"),
        ("$$", "$"),
        ("$${NAME}", "${NAME}"),
        ("$$$${N}", "$${N}"),
        ("a$$b", "a$b"),
        # An unquoted scalar gets its type after the value is in it, a quoted one stays text.
        ("${N}", 3),
        ('"${N}"', "3"),
        ("'${N}'", "3"),
        ("${YES}", True),
        ('"${YES}"', "true"),
        ("${NOTHING}", None),
        ("1${N}", 13),
        ("${N}.5", 3.5),
        ('["${NAME}", "${N}"]', ["web", "3"]),
        ('{a: "${NAME}"}', {"a": "web"}),
        ("|\n  ${NAME}\n  line\n", "web\nline\n"),
    ],
)
def test_what_becomes_what(text: str, value: Any) -> None:
    found = value_of(text) if text != "${GONE:-}" else value_of(f'"{text}"')
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${GONE}", "GONE has no value"),
        ("${GONE:?say it}", "GONE: say it"),
        ("${GONE:?}", "GONE: is required"),
        ("${EMPTY:?say it}", "EMPTY: say it"),
        ("$NAME", "A dollar sign is written $$, a variable ${NAME}."),
        ("a$", "A dollar sign is written $$, a variable ${NAME}."),
        ("${1NAME}", "A dollar sign is written $$, a variable ${NAME}."),
        ("${NAME-x}", "A dollar sign is written $$, a variable ${NAME}."),
        ("${NAME", "A dollar sign is written $$, a variable ${NAME}."),
        ("${}", "A dollar sign is written $$, a variable ${NAME}."),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(RenderFailed) as refused:
        render(f"first: line\nkey: '{text}'\n", VALUES)
    assert refused.value.data == {"errors": [{"path": "manifest", "line": 2, "message": message}]}


def test_every_mistake_at_once_with_its_line() -> None:
    with pytest.raises(RenderFailed) as refused:
        render("a: ${A}\nb:\n  - ok\n  - ${B}\nc: $\n---\nd: ${D}\n", {})
    assert [error["line"] for error in refused.value.data["errors"]] == [1, 4, 5, 7]


def test_keys_are_not_rendered() -> None:
    rendered = render("${NAME}: 1\n", VALUES)
    assert rendered.documents == [{"${NAME}": 1}]
    assert rendered.used == frozenset()


def test_names_that_are_used() -> None:
    text = "a: ${A:-1}\nb:\n  - ${B:-2}\n  - $${C}\n"
    assert parse(text) == {"A", "B"}
    assert render(text, {"A": "1"}).used == {"A", "B"}


def test_secrets_are_masked_in_what_is_shown() -> None:
    secret = Secret("s3cr3t-value")
    rendered = render("a: x-${S}-y\nn: ${N}\n", {"S": secret, "N": Secret("1234")})
    assert rendered.documents == [{"a": "x-s3cr3t-value-y", "n": 1234}]
    [shown] = rendered.masked
    assert "s3cr3t" not in str(shown)
    assert "1234" not in str(shown)
    assert MASK in shown["a"]


def test_a_mask_tells_two_secrets_apart_and_nothing_else() -> None:
    one, other = mask(Secret("one-secret")), mask(Secret("other-secret"))
    assert one == mask(Secret("one-secret")) != other
    assert one.startswith(MASK)
    assert len(one) == len(MASK) + 4


def test_hide() -> None:
    secrets = {"s3cr3t": "M1", "42": "M2", "s3cr3t-longer": "M3"}
    value = {"a": ["x s3cr3t", 42, "42", "1425", None, True], "b": "s3cr3t-longer", "s3cr3t": 0}
    assert hide(value, secrets) == {
        "a": ["x M1", "M2", "M2", "1425", None, True],
        "b": "M3",
        "M1": 0,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# only a comment\n", 1),
        ("a: 1\na: 2\n", 2),
        ("a: &x 1\nb: *x\n", 2),
        ("a: [1\n", 2),
        ("a: !!python/object:os.system 1\n", 1),
        ("a: b: c\n", 1),
        ("a: [${IN_A_FLOW_IT_IS_QUOTED}]\n", 1),
        ("\ta: 1\n", 1),
        ("[" * 100 + "]" * 100, 1),
        ("a: [" + "1, " * 60_000 + "1]\n", 1),
        ("a: '" + "x" * (1 << 20) + "'\n", 1),
    ],
)
def test_yaml_that_is_not_taken(text: str, line: int) -> None:
    for read in (parse, lambda text: render(text, {})):
        with pytest.raises(ManifestInvalid) as refused:
            read(text)
        [error] = refused.value.data["errors"]
        assert (error["path"], error["line"]) == ("manifest", line)


@pytest.mark.parametrize(
    "value",
    [
        "a: b",
        "x\ny: 1",
        "- 1\n- 2",
        "{a: 1}",
        "[1]",
        "# no",
        "'",
        '"',
        "&a",
        "*a",
        "!!int 1",
        "| x",
        "---\n",
    ],
)
def test_no_value_changes_the_structure(value: str) -> None:
    for text in ("k: ${V}\nnext: 1\n", 'k: "${V}"\nnext: 1\n', "k:\n  - ${V}\nnext: 1\n"):
        [document] = render(text, {"V": value}).documents
        assert set(document) == {"k", "next"}
        found = document["k"][0] if isinstance(document["k"], list) else document["k"]
        assert found == value
        assert isinstance(found, str)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_value_stays_one_scalar(value: str) -> None:
    [document] = render('k: "a${V}"\nplain: ${V}\nnext: [1]\n', {"V": value}).documents
    assert document["k"] == "a" + value
    assert document["next"] == [1]
    assert not isinstance(document["plain"], dict | list)
