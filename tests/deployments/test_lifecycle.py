"""The table of states: its edges, and no others; and the older system's words for them."""

from __future__ import annotations

import pytest

from config.core.errors import InvalidTransition
from config.core.models import TimelineEvent
from config.core.timeline import ACTIONS, SYSTEM
from deployments.lifecycle import HISTORICAL, RELEASE, STATES, canonical, words_for
from deployments.models import Release
from tests.callers import Api
from tests.factories.core import AdminFactory
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db

# The contract's table, written down once more.
EDGES = {
    ("preview", "pending_approval", "release.pending_approval"),
    ("preview", "approved", "release.approved"),
    ("pending_approval", "approved", "release.approved"),
    ("pending_approval", "failed", "release.rejected"),
    ("pending_approval", "failed", "release.failed"),
    ("pending_approval", "failed", "release.cancelled"),
    ("approved", "applying", "release.applying"),
    ("approved", "failed", "release.cancelled"),
    ("applying", "applied", "release.applied"),
    ("applying", "failed", "release.failed"),
    ("applying", "failed", "release.cancelled"),
    ("applied", "rollback", "release.rollback_completed"),
    ("failed", "rollback", "release.rollback_completed"),
}
TOLD = [None, *sorted(action for action in ACTIONS if action.startswith("release."))]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_only_the_tables_edges_exist(before: str, after: str) -> None:
    release = ReleaseFactory.make(status=before)
    for action in TOLD:
        Release.objects.filter(pk=release.pk).update(status=before, reason_code="")
        release.refresh_from_db()
        events = TimelineEvent.objects.count()
        if (before, after, action) in EDGES:
            RELEASE.move(release, after, action, actor=SYSTEM, reason_code="moved")
            moved, told, reason = after, 1, "moved"
        else:
            with pytest.raises(InvalidTransition) as refused:
                RELEASE.move(release, after, action, actor=SYSTEM, reason_code="moved")
            assert refused.value.data == {"from": before, "to": after}
            moved, told, reason = before, 0, ""
        assert (release.status, release.reason_code) == (moved, reason)
        stored = Release.objects.get(pk=release.pk)
        assert (stored.status, stored.reason_code) == (moved, reason)
        assert TimelineEvent.objects.count() - events == told


def test_the_states_are_the_contracts() -> None:
    assert STATES == (
        "preview", "pending_approval", "approved", "applying", "applied", "failed", "rollback",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("succeeded", "applied"),
        ("success", "applied"),
        ("rolled_back", "rollback"),
        ("deploying", "applying"),
        ("executing", "applying"),
        ("rejected", "failed"),
        ("cancelled", "failed"),
        ("error", "failed"),
        ("draft", "preview"),
        ("pending", "pending_approval"),
    ],
)
def test_historical_words_are_read_filtered_and_shown(word: str, state: str) -> None:
    admin = AdminFactory.make()
    release, caller = ReleaseFactory.make(status=word), Api(admin)
    assert HISTORICAL[word] == state
    assert canonical(word) == state
    assert word in words_for(state)
    body = caller.get(f"/deploy/releases/{release.pk}").ok()
    assert (body["status"], body["lifecycle_state"]) == (word, state)
    [listed] = caller.get("/deploy/releases", state=state).results
    assert (listed["status"], listed["lifecycle_state"]) == (word, state)
    for other in set(STATES) - {state}:
        assert caller.get("/deploy/releases", state=other).results == []


def test_an_unknown_word_is_a_failure_and_not_an_error() -> None:
    release, caller = ReleaseFactory.make(status="exploded"), Api(AdminFactory.make())
    body = caller.get(f"/deploy/releases/{release.pk}").ok()
    assert (body["status"], body["lifecycle_state"], body["reason_code"]) == (
        "exploded", "failed", "legacy_status_unknown",
    )  # fmt: skip
    [listed] = caller.get("/deploy/releases").results
    assert listed["lifecycle_state"] == "failed"
    assert listed["reason_code"] == "legacy_status_unknown"
    [found] = caller.get("/deploy/releases", state="failed").results
    assert found["release_id"] == release.pk
