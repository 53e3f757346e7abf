"""What is to be told is written down with the event, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from config.core import timeline
from config.core.models import Project, TimelineEvent
from config.core.timeline import SYSTEM
from config.notifications import tasks
from config.notifications.models import Channel, Delivery, NotificationEvent
from tests.factories.approvals import ticket
from tests.factories.core import ProjectFactory
from tests.factories.notifications import ChannelFactory, delivery_to

pytestmark = pytest.mark.django_db
Captured = Callable[..., Any]
TASK = "config.notifications.tasks.deliver"


def record(action: str, project: Project) -> TimelineEvent:
    return timeline.record(action, project, actor=SYSTEM)


@pytest.mark.parametrize("action", NotificationEvent.values)
def test_channels_get_what_they_asked_for(project: Project, action: str) -> None:
    others = [event for event in NotificationEvent.values if event != action]
    wants = ChannelFactory.make(project=project, events=[action, others[0]])
    ChannelFactory.make(project=project, events=others)
    ChannelFactory.make(project=project, events=[action], enabled=False)
    ChannelFactory.make(project=ProjectFactory.make(), events=[action])
    event = record(action, project)
    [delivery] = Delivery.objects.all()
    assert (delivery.channel, delivery.event) == (wants, event)
    assert (delivery.status, delivery.attempts) == ("pending", 0)


def test_other_events_are_told_nobody(project: Project) -> None:
    ChannelFactory.make(project=project, events=NotificationEvent.values)
    for action in timeline.ACTIONS - set(NotificationEvent.values):
        record(action, project)
    assert TimelineEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_the_workers_are_told_after_the_commit(
    project: Project,
    hints: list[tuple[str, int]],
    django_capture_on_commit_callbacks: Captured,
) -> None:
    channels = [ChannelFactory.make(project=project) for _ in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        record("release.failed", project)
        assert hints == []
    rows = Delivery.objects.order_by("pk")
    assert [row.channel for row in rows] == channels
    assert hints == [(TASK, row.pk) for row in rows]


def test_what_is_undone_is_told_nobody(
    project: Project, hints: list[tuple[str, int]], django_capture_on_commit_callbacks: Captured
) -> None:
    ChannelFactory.make(project=project, events=["approval.created"])

    @transaction.atomic
    def undone() -> None:
        ticket(project)
        assert Delivery.objects.count() == 1
        raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        undone()
    assert (Delivery.objects.count(), hints) == (0, [])


def test_one_query_more_where_nobody_listens(
    project: Project, django_assert_num_queries: Captured
) -> None:
    with django_assert_num_queries(1):
        record("release.applying", project)
    with django_assert_num_queries(2):
        record("release.applied", project)


def test_actions_that_are_none_have_no_listeners() -> None:
    with pytest.raises(ValueError, match=r"release\.exploded"):
        timeline.subscribe(["release.applied", "release.exploded"], lambda _: None)


def test_a_listener_that_fails_undoes_the_event(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: TimelineEvent) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(timeline._listeners, "role.granted", [broken])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("role.granted", project)
    assert not TimelineEvent.objects.exists()


def test_hints_that_were_lost_are_repeated(project: Project, hints: list[tuple[str, int]]) -> None:
    channel = ChannelFactory.make(project=project)
    now, hour = timezone.now(), timedelta(hours=1)
    late = delivery_to(channel, next_attempt_at=now - hour)
    later = delivery_to(channel, next_attempt_at=now - 2 * hour)
    delivery_to(channel, next_attempt_at=now + hour)
    delivery_to(channel, next_attempt_at=now - hour, status="sent")
    delivery_to(channel, next_attempt_at=now - hour, status="failed")
    hints.clear()
    tasks.reconcile()
    assert hints == [(TASK, later.pk), (TASK, late.pk)]


def test_what_is_over_is_forgotten_after_thirty_days(channel: Channel) -> None:
    old = timezone.now() - timedelta(days=30, minutes=1)
    kept = [delivery_to(channel, status="sent"), delivery_to(channel, created_at=old)]
    for status in ("sent", "failed"):
        delivery_to(channel, status=status, created_at=old)
    tasks.forget_old()
    assert list(Delivery.objects.order_by("pk")) == kept


@pytest.fixture
def channel(project: Project) -> Channel:
    return ChannelFactory.make(project=project)
