"""Channels, as rows: nothing is asked or sent."""

from __future__ import annotations

from typing import Any

from config.core import timeline
from config.core.timeline import SYSTEM
from config.notifications.models import Channel, Delivery
from tests.factories.base import ModelFactory, made, numbered
from tests.factories.core import ProjectFactory

# Of the form that Slipway makes; the key is 32 bytes of zero.
SECRET = f"whsec_{'A' * 43}="


class ChannelFactory(ModelFactory[Channel]):
    """A webhook at a documentation address, for failed releases."""

    class Meta:
        model = Channel

    project = made(ProjectFactory.make)
    name = numbered("channel-")
    kind = "webhook"
    url = "https://192.0.2.1/hook"
    signing_secret = SECRET
    address = "https://192.0.2.1"
    events = made(lambda: ["release.failed"])


def delivery_to(channel: Channel, **fields: Any) -> Delivery:
    """Of a new event of the channel's project, queued as events are, and due now."""
    event = timeline.record("release.failed", channel.project, actor=SYSTEM, status="failed")
    Delivery.objects.filter(channel=channel, event=event).update(**fields)
    return Delivery.objects.get(channel=channel, event=event)
