"""Lines by which a hook tells facts, however its output is cut into pieces."""

from __future__ import annotations

import pytest

from environments.install.directives import LONGEST, Directive, Directives

SAID = (
    b"plain\n::slipway set ADDRESS=10.0.0.1 x=y\n"
    b"::slipway secret TOKEN=abcdef.0123\nnot ::slipway set A=1\n"
    b"::slipway progress 40 half of it\n::slipway set lower=1\n::slipway nonsense\nend"
)
MASKED = SAID.replace(b"abcdef.0123", b"*" * 11)
FACTS = [
    Directive("set", "ADDRESS", "10.0.0.1 x=y"),
    Directive("secret", "TOKEN", "abcdef.0123"),
    Directive("progress", "40", "half of it"),
]


def heard(pieces: list[bytes], *, at_line_start: bool = True) -> tuple[bytes, list[Directive]]:
    reader = Directives(at_line_start=at_line_start)
    stored, found, pending = b"", [], b""
    for number, piece in enumerate(pieces, start=1):
        pending += piece
        text, read, directives = reader.take(pending, final=number == len(pieces))
        pending = pending[read:]
        stored += text
        found += directives
    return stored, found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 64, 1000])
def test_any_cut_gives_the_same(size: int) -> None:
    pieces = [SAID[at : at + size] for at in range(0, len(SAID), size)]
    assert heard(pieces) == (MASKED, FACTS)


def test_in_the_middle_of_a_line_nothing_begins() -> None:
    line = b"::slipway set A=1\n"
    assert heard([line], at_line_start=False) == (line, [])
    assert heard([line]) == (line, [Directive("set", "A", "1")])


def test_a_last_line_without_its_end_counts() -> None:
    assert heard([b"::slipway secret A=12"]) == (
        b"::slipway secret A=**",
        [Directive("secret", "A", "12")],
    )


def test_no_piece_of_a_secret_is_given_before_its_line_is_whole() -> None:
    reader = Directives(at_line_start=True)
    assert reader.take(b"a\n::slipway secret TOKEN=abc", final=False) == (b"a\n", 2, [])


@pytest.mark.parametrize("ended", [b"\n", b""])
def test_a_line_beyond_measure_says_nothing_and_shows_nothing(ended: bytes) -> None:
    pieces = [b"::slipway secret A=", *[b"s" * 65_536] * (LONGEST // 65_536 + 2), b"sss" + ended]
    stored, found = heard([*pieces, b"tail" if ended else b""])
    assert found == []
    assert b"s" not in stored.removeprefix(b"::slipway ")
    assert len(stored) == sum(map(len, pieces)) + (4 if ended else 0)


def test_bytes_that_are_no_text() -> None:
    text = b"\xff\xfe\n::slipway set A=\xff\n"
    assert heard([text]) == (text, [Directive("set", "A", "\N{REPLACEMENT CHARACTER}")])
