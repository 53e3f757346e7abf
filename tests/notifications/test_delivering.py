"""Attempts: when each is due, what ends them; a receiver that comes back gets its message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from config.core.models import Project
from config.notifications import delivering, tasks
from config.notifications.delivering import MAX_ATTEMPTS, deliver, wait_after
from config.notifications.models import Channel, Delivery
from config.notifications.sending import NotSent
from tests.factories.notifications import ChannelFactory, delivery_to
from tests.notifications.receivers import WebReceiver
from tests.notifications.working import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(project: Project, web: WebReceiver) -> Channel:
    return ChannelFactory.make(project=project, url=f"http://{web.address}/")


def come_due(delivery: Delivery) -> timedelta:
    """As if it were time; how long it would have been."""
    delivery.refresh_from_db()
    wait = delivery.next_attempt_at - timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now())
    return wait


@pytest.mark.usefixtures("loopback")
def test_a_receiver_that_comes_back(channel: Channel, web: WebReceiver) -> None:
    web.answers = [(503, {}), (500, {})]
    delivery = delivery_to(channel)
    assert work_off() == ["pending"]
    assert work_off() == []  # not before its time
    deliver(delivery.pk)  # whoever says so
    assert len(web.got) == 1
    assert 20 < come_due(delivery).total_seconds() < 40
    assert work_off() == ["pending"]
    assert 50 < come_due(delivery).total_seconds() < 100
    assert work_off() == ["sent"]
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_error) == (3, "")
    ids = {headers["webhook-id"] for headers, _ in web.got}
    assert (len(web.got), ids) == (3, {str(delivery.delivery_id)})
    tasks.deliver(delivery.pk)  # a hint that comes twice
    assert len(web.got) == 3


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("status", [400, 410])
def test_a_refusal_for_good(channel: Channel, web: WebReceiver, status: int) -> None:
    web.answers = [(status, {})]
    delivery = delivery_to(channel)
    assert work_off() == ["failed"]
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_error) == (1, f"The receiver answered {status}.")
    come_due(delivery)
    assert work_off() == []
    assert len(web.got) == 1


@pytest.mark.usefixtures("loopback")
def test_it_is_given_up_after_the_last_attempt(channel: Channel, web: WebReceiver) -> None:
    web.answers = [(500, {})] * 2
    delivery = delivery_to(channel, attempts=MAX_ATTEMPTS - 2)
    assert work_off() == ["pending"]
    come_due(delivery)
    assert work_off() == ["failed"]
    delivery.refresh_from_db()
    assert delivery.attempts == MAX_ATTEMPTS


@pytest.mark.usefixtures("loopback")
def test_what_the_receiver_asks_for_is_kept(channel: Channel, web: WebReceiver) -> None:
    web.answers = [(429, {"Retry-After": "600"})]
    delivery = delivery_to(channel)
    work_off()
    assert 590 < come_due(delivery).total_seconds() <= 600


def test_waits_grow_to_an_hour_and_differ() -> None:
    for attempt, middle in enumerate([30, 75, 187.5, 468.75, 1171.875, 2929.6875], 1):
        waits = [wait_after(attempt).total_seconds() for _ in range(200)]
        assert 0.75 * middle <= min(waits) < max(waits) <= min(1.25 * middle, 3600)
        assert max(waits) - min(waits) > 0.2 * middle
    assert max(wait_after(7) for _ in range(200)) <= timedelta(hours=1)
    assert wait_after(1, timedelta(minutes=10)) == timedelta(minutes=10)
    assert wait_after(1, timedelta(days=1)) == timedelta(hours=1)
    assert wait_after(6, timedelta(seconds=1)) > timedelta(minutes=30)


def test_a_channel_switched_off_gets_nothing_more(channel: Channel, web: WebReceiver) -> None:
    delivery = delivery_to(channel)
    channel.enabled = False
    channel.save(update_fields=["enabled"])
    assert work_off() == ["failed"]
    delivery.refresh_from_db()
    assert delivery.last_error == "The channel is switched off."
    assert web.asked == 0


@pytest.mark.usefixtures("loopback")
def test_a_worker_that_dies_loses_its_claim(
    channel: Channel, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = delivery_to(channel)
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "send", _dies)
        with pytest.raises(SystemExit):
            deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("pending", 1)
    assert work_off() == []  # it may still be at it
    assert 50 < come_due(delivery).total_seconds() <= 60
    assert work_off() == ["sent"]
    assert len(web.got) == 1


def test_the_last_attempts_worker_died(channel: Channel, web: WebReceiver) -> None:
    delivery_to(channel, attempts=MAX_ATTEMPTS)
    assert work_off() == ["failed"]
    assert web.asked == 0


def test_a_late_failure_does_not_undo_what_another_worker_did(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = delivery_to(channel)

    def meanwhile(*_: object) -> None:
        rows = Delivery.objects.filter(pk=delivery.pk)
        rows.update(attempts=2, next_attempt_at=timezone.now() + timedelta(minutes=1))
        raise NotSent("Gone.", retry=False)

    monkeypatch.setattr(delivering, "send", meanwhile)
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("pending", 2, "")


def _dies(*_: object) -> None:
    raise SystemExit
