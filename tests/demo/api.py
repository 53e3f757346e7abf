"""A small client of the public API, as a bot would write one: standard library only."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class APIError(Exception):
    """An answer that is an error of the contract."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.data: dict[str, Any] = body.get("data") or {}
        super().__init__(f"{status} {self.code}: {body.get('message')} {self.data or ''}")


@dataclass(frozen=True)
class API:
    """Calls as the holder of `token`."""

    url: str
    token: str = ""

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self._call("POST", path, body)

    def all(self, path: str) -> list[Any]:
        """Every row of a list, page by page, newest first."""
        found: list[Any] = []
        address: str | None = f"{self.url}/api/v1{path}"
        while address:
            page = self._open("GET", address)
            found += page["results"]
            address = page["next"]
        return found

    def as_holder_of(self, token: str) -> API:
        return API(self.url, token)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._open(method, f"{self.url}/api/v1{path}", body)

    def _open(self, method: str, address: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(address, method=method)  # noqa: S310 - our own address
        request.add_header("Authorization", f"Token {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310 - as above
                text = response.read()
        except urllib.error.HTTPError as error:
            raise APIError(error.code, _json(error.read())) from None
        return json.loads(text) if text else None


def until(
    look: Callable[[], Any], done: Callable[[Any], bool], *, seconds: float, every: float = 0.3
) -> Any:
    """What `look` answers once it is `done`. Raises TimeoutError with the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if done(found):
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {found}")
        time.sleep(every)


def _json(text: bytes) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(text)
    except ValueError:
        return {"code": "", "message": text[:200].decode(errors="replace")}
    return loaded
