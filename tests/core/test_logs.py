"""Logs are bytes at offsets: pages and appends neither gap nor overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.core import logs
from deployments.models import ReleaseLog, ReleaseStep
from tests.factories.deployments import ReleaseFactory
from tests.factories.environments import NodeFactory

TEXT = "äöü € 漢字 🚢 plain"


def new_step() -> ReleaseStep:
    release = ReleaseFactory.make()
    node = NodeFactory.make(environment=release.environment)
    return ReleaseStep.objects.create(run=release, node=node, index=0, phase="a", hook="a")


@pytest.mark.django_db
class TestAppending:
    def test_chunks_follow_each_other(self) -> None:
        step = new_step()
        for data in (b"one\n", b"two", b"\0\xff"):
            assert logs.append(ReleaseLog, [(step, data)])
        assert step.log_bytes == 9
        assert list(ReleaseLog.objects.order_by("offset").values_list("offset", "length")) == [
            (0, 4), (4, 3), (7, 2),
        ]  # fmt: skip
        assert logs.read_bytes(ReleaseLog, step.pk, 0) == b"one\ntwo\0\xff"

    def test_somebody_else_wrote_in_between(self) -> None:
        step = new_step()
        stale = ReleaseStep.objects.get(pk=step.pk)
        assert logs.append(ReleaseLog, [(step, b"first")])
        assert not logs.append(ReleaseLog, [(stale, b"second")])
        assert stale.log_bytes == 0
        assert logs.read_bytes(ReleaseLog, step.pk, 0) == b"first"

    def test_several_at_once_or_none(self) -> None:
        one, two, stale = new_step(), new_step(), new_step()
        assert logs.append(ReleaseLog, [(one, b"1"), (two, b"22")])
        assert logs.append(ReleaseLog, [(one, b"3"), (two, b"4")])
        assert logs.append(ReleaseLog, [(ReleaseStep.objects.get(pk=stale.pk), b"first")])
        assert not logs.append(ReleaseLog, [(one, b"5"), (stale, b"second")])
        assert [one.log_bytes, two.log_bytes, stale.log_bytes] == [2, 3, 0]
        assert logs.read_bytes(ReleaseLog, one.pk, 0) == b"13"
        assert logs.read_bytes(ReleaseLog, two.pk, 0) == b"224"
        assert logs.read_bytes(ReleaseLog, stale.pk, 0) == b"first"


@pytest.mark.django_db
class TestReading:
    def test_from_any_offset_over_any_chunks(self) -> None:
        step, whole = new_step(), bytes(range(250))
        for start in range(0, 250, 7):
            assert logs.append(ReleaseLog, [(step, whole[start : start + 7])])
        for after in (0, 1, 6, 7, 8, 100, 249, 250, 300):
            for limit in (1, 5, 7, 50, 1000):
                assert (
                    logs.read_bytes(ReleaseLog, step.pk, after, limit)
                    == whole[after : after + limit]
                )

    def test_a_character_cut_by_the_page_is_left_for_the_next(self) -> None:
        step, raw = new_step(), TEXT.encode()
        logs.append(ReleaseLog, [(step, raw)])
        for limit in range(4, len(raw) + 2):
            after, text = 0, ""
            while after < len(raw):
                page = logs.read(ReleaseLog, step.pk, after, end=True, limit=limit)
                assert page.offset == after
                assert page.next_offset > after
                after, text = page.next_offset, text + page.text
            assert (after, text) == (len(raw), TEXT)

    def test_a_character_that_is_not_there_yet_is_waited_for(self) -> None:
        step = new_step()
        logs.append(ReleaseLog, [(step, "fine €".encode()[:-1])])
        page = logs.read(ReleaseLog, step.pk, 0, end=False)
        assert (page.text, page.next_offset) == ("fine ", 5)
        logs.append(ReleaseLog, [(step, "€".encode()[-1:])])
        page = logs.read(ReleaseLog, step.pk, page.next_offset, end=False)
        assert (page.text, page.next_offset) == ("€", 8)

    def test_at_the_end_nothing_is_waited_for(self) -> None:
        step = new_step()
        logs.append(ReleaseLog, [(step, "fine €".encode()[:-1])])
        page = logs.read(ReleaseLog, step.pk, 0, end=True)
        assert (page.text, page.next_offset) == ("fine \ufffd", 7)


class ChunksInMemory:
    """Stands in for the table, to try many logs: `read_bytes` of a text."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __call__(self, _chunks: object, _step: int, after: int, limit: int) -> bytes:
        return self.raw[after : after + limit]


@given(
    raw=st.one_of(st.binary(max_size=60), st.text(max_size=30).map(str.encode)),
    limit=st.integers(4, 20),
)
def test_pages_put_together_are_the_whole_text(raw: bytes, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "read_bytes", ChunksInMemory(raw))
        after, text = 0, ""
        while after < len(raw):
            page = logs.read(ReleaseLog, 1, after, end=True, limit=limit)
            assert after < page.next_offset <= len(raw)
            after, text = page.next_offset, text + page.text
    assert text == raw.decode(errors="replace")
