"""Couriers, sent: one process for one message, so that nothing of Slipway is within its reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from config.core.fields import Undecryptable, reveal
from config.core.secrets import Secret
from config.notifications.courier.message import Message
from config.notifications.models import Channel

DEADLINE: Final = timedelta(seconds=30)
# Isolated from the environment, and the package by itself: `config` would bring all of Slipway.
_START: Final = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module('courier', run_name='__main__', alter_sys=True)"
)
_PACKAGES: Final = str(Path(__file__).parent)
COMMAND: Final = [sys.executable, "-IB", "-c", _START, _PACKAGES]
_KEPT: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # whom the operator trusts


class NotSent(Exception):
    """Why a message was not sent, without anything of the channel's URL; `retry`: whether another
    attempt can help; `retry_after`: how long the receiver wants to be left alone."""

    def __init__(self, reason: str, *, retry: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.retry_after = retry_after


def look(kind: str, url: Secret) -> str:
    """What of a channel's URL may be seen. Connects to nothing. Raises NotSent for a URL that
    nothing is sent to, with the reason."""
    return _courier(kind, url.reveal(), "", None)


def send(channel: Channel, message: Message) -> None:
    """Sends a message, within `DEADLINE`. Raises NotSent."""
    try:
        url, secret = reveal(channel, "url"), reveal(channel, "signing_secret")
    except Undecryptable:
        text = "The channel's URL can't be opened with the configured keys."
        raise NotSent(text, retry=False) from None
    _courier(channel.kind, url.reveal(), secret.reveal(), message)


def _courier(kind: str, url: str, secret: str, message: Message | None) -> str:
    job = {
        "kind": kind,
        "url": url,
        "secret": secret,
        "networks": [str(network) for network in settings.NOTIFICATION_ALLOWED_NETWORKS],
        "deadline": int(DEADLINE.total_seconds()),
        "message": asdict(message) if message else None,
    }
    outcome = _run(json.dumps(job))
    if not outcome["ok"]:
        seconds = outcome["retry_after"]
        retry_after = timedelta(seconds=min(seconds, 86400)) if seconds else None
        raise NotSent(outcome["reason"], retry=outcome["retry"], retry_after=retry_after)
    return str(outcome["address"])


def _run(job: str) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(
            COMMAND,
            input=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries write URLs there
            env=environment | {"LANG": "C.UTF-8"},
            cwd="/",
            timeout=DEADLINE.total_seconds() + 5,  # it ends itself before
            check=True,
            text=True,
        )
        outcome: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        text = "The receiver did not answer in time, or with too much."
        raise NotSent(text, retry=True) from None
    return outcome
