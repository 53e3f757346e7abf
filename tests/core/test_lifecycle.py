"""A transition is one conditional UPDATE and one event, or nothing at all."""

from __future__ import annotations

import pytest

from config.core import leases, timeline
from config.core.errors import InvalidTransition
from config.core.lifecycle import Lifecycle
from config.core.models import TimelineEvent
from config.core.timeline import SYSTEM
from deployments.models import Release
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db
MACHINE = Lifecycle({("new", "done"): {"release.applied"}, ("new", "quiet"): set()})


@pytest.fixture
def row() -> Release:
    return ReleaseFactory.make(status="new")


def test_it_moves_the_row_and_what_comes_with_it(row: Release) -> None:
    MACHINE.move(
        row, "done", "release.applied", actor=SYSTEM, detail={"why": "so"}, reason="because"
    )
    stored = Release.objects.get(pk=row.pk)
    assert (row.status, row.reason) == (stored.status, stored.reason) == ("done", "because")
    event = TimelineEvent.objects.get()
    assert (event.action, event.resource_type, event.resource_id, event.status, event.detail) == (
        "release.applied", "release", row.pk, "done", {"why": "so"},
    )  # fmt: skip
    assert (event.project_id, event.environment_id, event.correlation_id) == (
        row.project_id, row.environment_id, row.correlation_id,
    )  # fmt: skip


def test_a_silent_edge_has_no_event(row: Release) -> None:
    MACHINE.move(row, "quiet", None, actor=SYSTEM)
    assert row.status == "quiet"
    assert not TimelineEvent.objects.exists()


@pytest.mark.parametrize(
    ("to", "action"),
    [
        ("gone", "release.applied"),
        ("new", "release.applied"),
        ("done", "release.failed"),
        ("done", None),
        ("quiet", "release.applied"),
    ],
)
def test_what_is_no_edge(row: Release, to: str, action: str | None) -> None:
    with pytest.raises(InvalidTransition) as refused:
        MACHINE.move(row, to, action, actor=SYSTEM)
    assert refused.value.data == {"from": "new", "to": to}
    assert Release.objects.get(pk=row.pk).status == "new"
    assert not TimelineEvent.objects.exists()


def test_a_lost_race_says_where_the_row_is_now(row: Release) -> None:
    Release.objects.filter(pk=row.pk).update(status="quiet")
    with pytest.raises(InvalidTransition) as refused:
        MACHINE.move(row, "done", "release.applied", actor=SYSTEM, reason="late")
    assert refused.value.data == {"from": "quiet", "to": "done"}
    stored = Release.objects.get(pk=row.pk)
    assert (stored.status, stored.reason) == ("quiet", "")
    assert not TimelineEvent.objects.exists()


def test_only_the_leases_holder(row: Release) -> None:
    stale = leases.claim(Release, row.pk)
    assert stale is not None
    stale.give_back()
    lease = leases.claim(Release, row.pk)
    assert lease is not None
    with pytest.raises(InvalidTransition):
        MACHINE.move(row, "done", "release.applied", actor=SYSTEM, fence=stale.fence)
    assert row.status == "new"
    assert not TimelineEvent.objects.exists()
    MACHINE.move(row, "done", "release.applied", actor=SYSTEM, fence=lease.fence)
    assert row.status == "done"


def test_without_its_event_there_is_no_transition(
    row: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(timeline, "record", full)
    with pytest.raises(OSError, match="disk full"):
        MACHINE.move(row, "done", "release.applied", actor=SYSTEM)
    assert Release.objects.get(pk=row.pk).status == "new"
