"""Webhooks, signed as https://www.standardwebhooks.com says (version 1.0.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Final
from urllib.parse import urlsplit

import requests

from . import SECRET_PREFIX
from .failure import Undelivered, of_status
from .guard import Guard
from .http import Session, unanswered
from .message import Message

_TIMEOUT: Final = (5, 10)  # seconds to connect, and between two packets


class Webhook:
    """A POST of the message's content as JSON; the answer's body is not read."""

    def __init__(self, url: str, secret: str, guard: Guard) -> None:
        self._url = url
        self._secret = secret
        self._guard = guard

    def send(self, message: Message) -> None:
        """Raises Undelivered."""
        body = json.dumps({"id": message.id, **message.content}).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Slipway",
            **self._signature(message.id, body),
        }
        session = Session()
        try:
            answer = session.post(
                self._url, data=body, headers=headers, timeout=_TIMEOUT, stream=True
            )
        except (requests.RequestException, OSError) as error:
            raise unanswered(error, self._guard) from None
        answer.close()
        if not 200 <= answer.status_code < 300:
            raise of_status(answer.status_code, answer.headers.get("Retry-After", ""))

    def _signature(self, message_id: str, body: bytes) -> dict[str, str]:
        """Of the moment: a repeated attempt has the same id and another time."""
        moment = str(int(time.time()))
        signed = f"{message_id}.{moment}.".encode() + body
        key = base64.b64decode(self._secret.removeprefix(SECRET_PREFIX))
        digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{digest}",
        }


def address_of(url: str, guard: Guard, *, plain_allowed: bool) -> str:
    """What of a webhook's URL may be seen: `https://host:port`. Raises Undelivered for one that is
    never sent to. `plain_allowed`: http too, which then goes to the operator's networks alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Undelivered("This is not a URL.", retry=False) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and plain_allowed):
        raise Undelivered("A webhook's URL starts with https://.", retry=False)
    if not host or parts.username is not None or parts.fragment:
        text = "A webhook's URL is https://host/path, without a user or fragment."
        raise Undelivered(text, retry=False)
    guard.require_host(host)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
