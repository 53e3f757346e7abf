"""Secrets don't show, and log bytes lose them without losing their place."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import logging
import pickle
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core.logging import JSONFormatter
from config.core.secrets import MASK, Redactor, Secret

CANARY = "canary-8d2f!secret"


@pytest.mark.parametrize(
    "shown",
    [
        lambda secret: str(secret),
        lambda secret: repr(secret),
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: f"{secret!s}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - how logging formats
        lambda secret: str([secret]),
        lambda secret: str({"password": secret}),
        lambda secret: json.dumps({"password": secret}, default=str, ensure_ascii=False),
        lambda secret: str(Exception(secret)),
    ],
)
def test_it_shows_as_a_mask(shown: Any) -> None:
    assert CANARY not in shown(Secret(CANARY))
    assert MASK in shown(Secret(CANARY))


def test_it_is_neither_json_nor_pickled_nor_copied_by_pickling() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(CANARY))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(Secret(CANARY), protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(CANARY))
    assert not hasattr(Secret(CANARY), "__dict__")


def test_a_log_line_has_the_mask() -> None:
    record = logging.makeLogRecord(
        {"msg": "signed in with %s", "args": (Secret(CANARY),), "password": Secret(CANARY)}
    )
    line = JSONFormatter().format(record)
    assert CANARY not in line
    assert json.loads(line)["password"] == MASK


def test_reveal_is_the_way_in() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret(CANARY) == Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert not Secret("")
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


def redact(redactor: Redactor, chunks: list[bytes]) -> bytes:
    """As the steps' runner does it: what is held back goes before what comes next."""
    found, pending = b"", b""
    for chunk in chunks:
        ready, taken = redactor.take(pending + chunk, final=False)
        assert len(ready) == taken
        pending = (pending + chunk)[taken:]
        found += ready
    return found + redactor.take(pending, final=True)[0]


@pytest.mark.parametrize("shift", range(3))
def test_cut_anywhere_plain_and_base64(shift: int) -> None:
    redactor = Redactor([Secret(CANARY)])
    encoded = base64.b64encode(b"x" * shift + CANARY.encode() + b"tail")
    text = b"before " + CANARY.encode() + b" between " + encoded + b" after"
    whole = redact(redactor, [text])
    assert CANARY.encode() not in whole
    assert base64.b64encode(CANARY.encode())[4:-4] not in whole
    assert encoded not in whole
    assert whole.startswith(b"before ******")
    assert whole.endswith(b" after")
    assert len(whole) == len(text)
    for cut in range(len(text) + 1):
        assert redact(redactor, [text[:cut], text[cut:]]) == whole
    assert redact(redactor, [bytes([byte]) for byte in text]) == whole


def test_the_lines_of_a_key_are_secrets_each() -> None:
    key = "-----BEGIN KEY-----\nQUJDREVGR0hJSktM\nTU5PUFFSU1RVVldY\n-----END KEY-----\n"
    stored = redact(Redactor([Secret(key)]), [b"> QUJDREVGR0hJSktM\n", b"> TU5PUFFSU1RVVldY\n"])
    assert stored == b"> ****************\n> ****************\n"


def test_short_texts_would_hide_everything() -> None:
    assert redact(Redactor([Secret("abc"), Secret("")]), [b"abc abc"]) == b"abc abc"


def test_nothing_is_held_back_without_secrets() -> None:
    assert Redactor([]).take(b"anything", final=False) == (b"anything", 8)


def test_what_cannot_be_a_secret_any_more_is_not_held_back() -> None:
    redactor = Redactor([Secret(CANARY)])
    assert redactor.take(b"a line\n", final=False) == (b"a line\n", 7)
    ready, taken = redactor.take(b"a line\ncanary-8", final=False)
    assert (ready, taken) == (b"a line\n", 7)


def test_json_values_are_masked_in_every_place() -> None:
    value = {"a": [CANARY, {"b": f"x {CANARY}"}], "n": 3, "none": None, "t": True}
    stars = "*" * len(CANARY)
    assert Redactor([Secret(CANARY)]).json(value) == {
        "a": [stars, {"b": f"x {stars}"}], "n": 3, "none": None, "t": True,
    }  # fmt: skip


# Few letters, so that secrets begin in each other and in themselves.
texts = st.text("ab=", min_size=4, max_size=9)


@given(
    secrets=st.lists(texts, min_size=1, max_size=3),
    parts=st.lists(st.one_of(texts, st.text("ab=c", max_size=12)), max_size=8),
    cuts=st.lists(st.integers(0, 80), max_size=6),
    encode=st.booleans(),
)
def test_chunking_changes_nothing(
    secrets: list[str],
    parts: list[str],
    cuts: list[int],
    encode: bool,  # noqa: FBT001 - hypothesis
) -> None:
    redactor = Redactor([Secret(text) for text in secrets])
    pieces = [*parts, *secrets]
    text = "".join(pieces).encode()
    if encode:
        text += base64.b64encode(text)
    whole = redact(redactor, [text])
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[a:b] for a, b in itertools.pairwise(edges)]
    assert len(whole) == len(text)
    assert redact(redactor, chunks) == whole
    for secret in secrets:
        assert secret.encode() not in whole


def test_a_large_secret_costs_no_more_than_its_size() -> None:
    large = "".join(f"{number:08x}" for number in range(8_192))
    redactor = Redactor([Secret(large)])
    text = b"before " + large.encode() + b" after"
    tracemalloc.start()
    first, taken = redactor.take(text[:40_000], final=False)
    rest, _ = redactor.take(text[taken:], final=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert first + rest == b"before " + b"*" * len(large) + b" after"
    assert peak < 16 * len(large)
