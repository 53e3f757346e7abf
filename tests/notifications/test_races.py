"""Two workers at once, on PostgreSQL: the receiver hears of it once."""

from __future__ import annotations

import threading

import pytest

from config.core import threads
from config.core.models import Project
from config.notifications.delivering import deliver
from config.notifications.models import Delivery
from tests.factories.notifications import ChannelFactory, delivery_to
from tests.notifications.receivers import WebReceiver

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("postgresql", "loopback"),
]


def test_many_workers_send_each_delivery_once(project: Project, web: WebReceiver) -> None:
    channel = ChannelFactory.make(project=project, url=f"http://{web.address}/")
    rows = [delivery_to(channel) for _ in range(4)]
    workers = 6
    start = threading.Barrier(workers)

    def work(number: int) -> None:
        start.wait(60)
        for row in rows[number % 4 :] + rows[: number % 4]:
            deliver(row.pk)

    threads.each(work, range(workers))
    sent = [headers["webhook-id"] for headers, _ in web.got]
    assert sorted(sent) == sorted(str(row.delivery_id) for row in rows)
    assert list(Delivery.objects.values_list("status", "attempts")) == [("sent", 1)] * 4
