"""The outbox: what is to be told outside is written down with the event that it tells of."""

from __future__ import annotations

from config.core.jobs import enqueue
from config.core.models import TimelineEvent
from config.notifications.models import Channel, Delivery
from config.notifications.tasks import deliver


def queue(event: TimelineEvent) -> None:
    """A delivery of `event` for each channel of its project that wants it, in the caller's
    transaction; the workers are told after the commit."""
    if event.project_id is None:
        return
    channels = Channel.objects.filter(project_id=event.project_id, enabled=True).order_by("pk")
    wanting = [channel for channel in channels.only("events") if event.action in channel.events]
    rows = [Delivery(channel=channel, event=event) for channel in wanting]
    for delivery in Delivery.objects.bulk_create(rows) if rows else ():
        enqueue(deliver, delivery.pk)
