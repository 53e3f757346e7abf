"""Channels, as rows: nothing is asked or sent."""

from __future__ import annotations

from config.notifications.models import Channel
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
