"""Writes of channels: created, changed, deleted, tried. Each change records its event."""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import Any, Final

from django.db import transaction

from config.core import timeline
from config.core.errors import ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.secrets import Secret
from config.core.timeline import Actor
from config.notifications import composing
from config.notifications.courier import SECRET_PREFIX
from config.notifications.models import LONGEST_ADDRESS, Channel, ChannelKind
from config.notifications.sending import NotSent, look, send

_SECRET_BYTES: Final = 32


def create(project: Project, *, actor: Actor, **fields: Any) -> tuple[Channel, Secret]:
    """A channel, and a webhook's signing secret, which is not to be had again (empty for others).
    Raises ValidationFailed for a URL that nothing may be sent to."""
    require(actor.person, "project_manage", project)
    channel = Channel(project=project, **fields)
    channel.address = _address(channel.kind, fields["url"])
    secret = _new_secret() if channel.kind == ChannelKind.WEBHOOK else Secret("")
    channel.signing_secret = secret
    with transaction.atomic():
        channel.save()
        _changed(channel, actor, created=True)
    return channel, secret


def change(channel: Channel, *, actor: Actor, **fields: Any) -> Channel:
    """Raises ValidationFailed as `create`; nothing is changed then."""
    require(actor.person, "project_manage", channel)
    if "url" in fields:
        fields["address"] = _address(channel.kind, fields["url"])
    for name, value in fields.items():
        setattr(channel, name, value)
    with transaction.atomic():
        channel.save(update_fields=list(fields))
        _changed(channel, actor)
    return channel


def rotate(channel: Channel, *, actor: Actor) -> Secret:
    """A webhook's new signing secret; the old one signs nothing any more."""
    require(actor.person, "project_manage", channel)
    if channel.kind != ChannelKind.WEBHOOK:
        raise ValidationFailed(fields={"kind": ["Only webhooks are signed."]})
    secret = _new_secret()
    channel.signing_secret = secret
    with transaction.atomic():
        channel.save(update_fields=["signing_secret"])
        _changed(channel, actor, rotated=True)
    return secret


def delete(channel: Channel, *, actor: Actor) -> None:
    """With its deliveries, also those that are not sent yet."""
    require(actor.person, "project_manage", channel)
    with transaction.atomic():
        _changed(channel, actor, deleted=True)
        channel.delete()


def try_out(channel: Channel, *, actor: Actor) -> str:
    """Sends a message at once, also where the channel is switched off. Why it was not sent, or
    nothing."""
    require(actor.person, "project_manage", channel)
    message = composing.test_message(channel.project, channel.name, uuid.uuid4())
    try:
        send(channel, message)
    except NotSent as error:
        return error.reason
    return ""


def _address(kind: str, url: Secret) -> str:
    try:
        address = look(kind, url)
    except NotSent as error:
        raise ValidationFailed(fields={"url": [error.reason]}) from None
    if len(address) > LONGEST_ADDRESS:
        raise ValidationFailed(fields={"url": ["No host has such a name."]})
    return address


def _new_secret() -> Secret:
    key = secrets.token_bytes(_SECRET_BYTES)
    return Secret(SECRET_PREFIX + base64.b64encode(key).decode())


def _changed(channel: Channel, actor: Actor, **detail: Any) -> None:
    for name in ("name", "kind", "address", "events", "enabled"):
        detail[name] = getattr(channel, name)
    timeline.record("policy.changed", channel, actor=actor, detail=detail)
