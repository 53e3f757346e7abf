"""What a test can make the stand-in do instead of answering."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.kube.answers import Refusal


@dataclass(frozen=True)
class Close:
    """Ends the connection without a word."""


@dataclass(frozen=True)
class Cut:
    """Ends the connection in the middle of the answer."""


@dataclass(frozen=True)
class Delay:
    """Answers as ever, later."""

    seconds: float


@dataclass(frozen=True)
class Raw:
    """Answers this."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endless:
    """Begins an answer that goes on and on: a piece of `size` bytes every `seconds`."""

    size: int = 1
    seconds: float = 0.02


# A number is the HTTP status of a Status object.
Failure = Close | Cut | Delay | Endless | Raw | int
Fail = Callable[[str, str], Failure | None]  # of method and path


async def happen(failure: Failure | None, request: web.BaseRequest) -> web.StreamResponse | None:
    """None where the request is to be answered all the same."""
    match failure:
        case None:
            return None
        case Delay(seconds):
            await asyncio.sleep(seconds)
            return None
        case Raw(status, body, headers):
            return web.Response(status=status, text=body, headers=dict(headers))
        case int():
            told = Refusal(failure, "", "made to fail by the test")
            return web.json_response(told.body(), status=failure)
        case Endless(size, seconds):
            return await _go_on(request, b" " * size, seconds)
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    if isinstance(failure, Cut):
        await answer.prepare(request)
        await answer.write(b'{"kind": "Depl')
    if request.transport is not None:
        request.transport.close()
    return answer


async def _go_on(request: web.BaseRequest, piece: bytes, seconds: float) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):  # until the other side has had enough
        while True:
            await answer.write(piece)
            await asyncio.sleep(seconds)
    return answer
