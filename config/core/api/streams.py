"""Server-sent events that resume: every event's `id` is a cursor, honoured as `Last-Event-ID`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from config.core.api.errors import body
from config.core.errors import DomainError, MethodNotAllowed, NotAuthenticated
from config.core.models import User

POLL_SECONDS: Final = 0.4
HEARTBEAT_SECONDS: Final = 15
RECHECK_SECONDS: Final = 10


@dataclass(frozen=True)
class Event:
    name: str
    data: dict[str, Any]
    cursor: str

    def __str__(self) -> str:
        return (
            f"id: {self.cursor}\nevent: {self.name}\ndata: {json.dumps(self.data, default=str)}\n\n"
        )


@dataclass(frozen=True)
class Batch:
    """What is new after a cursor; `over` when nothing more will come."""

    events: list[Event]
    cursor: str
    over: bool


Poll = Callable[[str], Batch]


async def respond(request: HttpRequest, open_stream: Callable[[User], Poll]) -> HttpResponseBase:
    """A stream of what `open_stream(user)` finds. It is called again while the stream is open: when
    it raises a DomainError, because a right was taken away, say, the stream ends."""
    try:
        if request.method != "GET":
            raise MethodNotAllowed
        user = await sync_to_async(_caller)(request)
        poll = await sync_to_async(open_stream)(user)
        cursor = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
        first = await sync_to_async(poll)(cursor)  # a cursor that is none is refused here
    except DomainError as error:
        return JsonResponse(body(error), status=error.http_status)
    return StreamingHttpResponse(
        _events(request, open_stream, poll, first),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    request: HttpRequest, open_stream: Callable[[User], Poll], poll: Poll, batch: Batch
) -> AsyncIterator[str]:
    checked = sent = time.monotonic()
    while True:
        for event in batch.events:
            yield str(event)
        if batch.over:
            yield str(Event("end", {}, batch.cursor))
            return
        now = time.monotonic()
        if batch.events:
            sent = now
        elif now - sent > HEARTBEAT_SECONDS:
            yield ": still here\n\n"
            sent = now
        if now - checked > RECHECK_SECONDS:
            try:
                user = await sync_to_async(_caller)(request)
                poll = await sync_to_async(open_stream)(user)
            except DomainError:
                return
            checked = now
        if not batch.events:
            await asyncio.sleep(POLL_SECONDS)
        batch = await sync_to_async(poll)(batch.cursor)


def _caller(request: HttpRequest) -> User:
    """Authenticated as for any endpoint, from the database again: rights may have changed."""
    request.__dict__.pop("_cached_user", None)
    authenticators = APIView().get_authenticators()
    try:
        user = Request(request, authenticators=authenticators).user
    except APIException:
        raise NotAuthenticated from None
    if not isinstance(user, User) or not user.is_active:
        raise NotAuthenticated
    return user
