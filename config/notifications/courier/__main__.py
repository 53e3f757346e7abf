"""Reads one job on standard input, does it, and says on standard output how it went.

Job: {kind, url, secret, networks[], deadline, message: null|{id, content}}; without a message the
URL is only looked at. Answer: {ok, address, reason, retry, retry_after}.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from typing import Any, Final

from .failure import Undelivered
from .guard import Guard
from .message import Message

_MEMORY: Final = 1 << 30  # bytes: an answer without end


def main() -> None:
    job: dict[str, Any] = json.load(sys.stdin)
    signal.alarm(job["deadline"])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    plain = job["kind"] == "webhook" and job["url"].lower().startswith("http:")
    guard = Guard(job["networks"], only_networks=plain)
    guard.install()
    outcome: dict[str, Any] = {"ok": True, "address": "", "reason": ""}
    try:
        outcome["address"] = run(job, guard)
    except Undelivered as error:
        outcome |= {"ok": False, "reason": error.reason}
        outcome |= {"retry": error.retry, "retry_after": error.retry_after}
    json.dump(outcome, sys.stdout)


def run(job: dict[str, Any], guard: Guard) -> str:
    """Sends the job's message, if there is one; what of its URL may be seen."""
    message = Message(**job["message"]) if job["message"] else None
    if job["kind"] == "webhook":
        from .webhook import Webhook, address_of

        plain_allowed = bool(job["networks"])
        address = address_of(job["url"], guard, plain_allowed=plain_allowed)
        if message:
            Webhook(job["url"], job["secret"], guard).send(message)
        return address
    from .apprise_service import AppriseService  # slow to load: not for webhooks

    service = AppriseService(job["url"], guard)
    address = service.address()
    if message:
        service.send(message)
    return address


main()
