"""Each state, event and caller: the answer, the state after it, and the events, by the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from approvals.tasks import keep_time
from config.core.models import TimelineEvent
from deployments import run
from deployments.lifecycle import RELEASE
from deployments.models import Release
from deployments.runtimes.base import Outcome as Ended
from deployments.selectors import last_applied
from deployments.tasks import reconcile
from tests.deployments import matrix_world
from tests.deployments.lifecycle_table import (
    CALLERS,
    CALLS,
    EDGES,
    HAPPENS,
    NO_EDGE,
    STATES,
    UNDOES,
    UNRUN,
    Outcome,
)
from tests.deployments.matrix_world import CALLED, World
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:  # noqa: ARG001 - made first
    """Made once; every call on it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def plain(state: str) -> str:
    return "failed" if state == UNRUN else state


def stored(release: Release) -> str:
    found = Release.objects.get(pk=release.pk)
    return UNRUN if found.status == "failed" and not found.started_at else found.status


def told_since(seq: int, release: Release) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The release's own events, and other releases'."""
    rows = TimelineEvent.objects.filter(resource_type="release", seq__gt=seq).order_by("seq")
    own, others = rows.filter(resource_id=release.pk), rows.exclude(resource_id=release.pk)
    return tuple(own.values_list("action", flat=True)), tuple(
        others.values_list("action", flat=True)
    )


def last_seq() -> int:
    return TimelineEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


@pytest.mark.parametrize(
    ("event", "state"), [(event, state) for event in CALLS for state in CALLS[event].states]
)
def test_every_caller(world: World, event: str, state: str) -> None:
    before, call = CALLED[event]
    release = (world.free if event.endswith("nobody is asked") else world.releases)[state]
    found, expected = {}, {}
    for caller in CALLERS:
        wanted = CALLS[event].expected(state, caller)
        expected[caller] = (
            *(wanted.status, wanted.code, wanted.after or state),
            (wanted.told, wanted.others),
        )
        with transaction.atomic():
            if before:
                before(Release.objects.get(pk=release.pk))
            seq = last_seq()
            answer = call(world, world.callers[caller], release)
            found[caller] = (answer.status, answer.code, stored(release), told_since(seq, release))
            if answer.code == "invalid_transition":
                assert answer.data["from"] == plain(state)
            transaction.set_rollback(True)
    assert found == expected


def happen(event: str, release: Release, runtime: RecordingRuntime) -> None:
    endings: dict[str, Callable[..., Ended]] = {
        "a worker runs it, and it fails": failing(),
        "a worker runs it, and is told to stop": lambda *_: Ended("cancelled"),
        "its rollback failed": failing(),
    }
    befores: dict[str, Callable[[Release], None]] = {
        "a worker runs it, on a target that moved": matrix_world.moved,
        "a worker runs it, where another service was released": matrix_world.moved_by_others,
        "a worker runs it, on a target that is taken": matrix_world.taken,
        "a worker runs it before its time": matrix_world.not_before_an_hour,
        "its ticket expires": matrix_world.ticket_too_late,
        "its target moves while it waits": matrix_world.moved,
        "another service is released while it waits": matrix_world.moved_by_others,
        "its preview expires": matrix_world.too_late,
    }
    runtime.during = endings.get(event, runtime.during)
    if event in befores:
        befores[event](release)
    if event.startswith("a worker"):
        run.run(release.pk)
    elif event in ("it was rolled back", "its rollback failed"):
        run.run(rollback_of(release).pk)
    else:
        keep_time()
        reconcile()


def rollback_of(release: Release) -> Release:
    """Approved, and due."""
    now = last_applied(release.service, release.target)
    return ReleaseFactory.make(
        status="approved",
        kind="rollback",
        previous=now,
        base_release=now,
        rollback_of=release,
        source_release=release.previous,
        target=release.target,
        service=release.service,
        revision=release.revision,
        fingerprint=matrix_world.NOTHING_RUNS,
        start_after=timezone.now(),
    )


@pytest.mark.parametrize(
    ("event", "state"),
    [
        *((event, state) for event in HAPPENS for state in STATES),
        *((event, state) for event, outcomes in UNDOES.items() for state in outcomes),
    ],
)
def test_what_happens_without_a_caller(
    world: World, runtime: RecordingRuntime, event: str, state: str
) -> None:
    wanted = (HAPPENS | UNDOES)[event].get(state, Outcome())
    with transaction.atomic():
        release = Release.objects.get(pk=world.releases[state].pk)
        seq = last_seq()
        happen(event, release, runtime)
        assert stored(release) == (wanted.after or state)
        assert told_since(seq, release) == (wanted.told, wanted.others)
        assert len(runtime.applied) <= 1
        transaction.set_rollback(True)


def walks() -> Iterator[tuple[str, Outcome]]:
    for event in CALLS.values():
        for state in event.states:
            yield from ((state, event.expected(state, caller)) for caller in CALLERS)
    for outcomes in (HAPPENS | UNDOES).values():
        yield from outcomes.items()


def test_the_table_walks_every_edge_and_no_other() -> None:
    walked = set()
    for state, outcome in walks():
        at = plain(state)
        for action in outcome.told:
            if action not in NO_EDGE:
                [after] = {to for start, to, told in EDGES if (start, told) == (at, action)}
                walked.add((at, after, action))
                at = after
        assert at == plain(outcome.after or state), (state, outcome)
    assert walked == EDGES


def test_the_edges_are_the_codes() -> None:
    found = {(*edge, action) for edge, actions in RELEASE.edges.items() for action in actions}
    assert found == EDGES
