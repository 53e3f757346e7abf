"""The API as one caller sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from config.core.models import User

PREFIX = "/api/v1"
_HANDLER = ClientHandler(enforce_csrf_checks=False)  # one for all: it loads the middleware once


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    text: str

    @property
    def code(self) -> str:
        """The error's code; of what is no error, nothing."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def results(self) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.body["results"]
        return results

    def ok(self, status: int = 200) -> Any:
        """The body of an answer that has to be a success."""
        assert self.status == status, (self.status, self.text)
        return self.body

    def refused(self, status: int, code: str) -> dict[str, Any]:
        """The data of an answer that has to be this error, in the contract's shape."""
        assert (self.status, self.code) == (status, code), (self.status, self.text)
        assert set(self.body) == {"code", "message", "data", "request_id"}
        assert isinstance(self.data, dict)
        assert self.body["message"]
        assert self.body["request_id"] == self.headers["X-Request-ID"]
        return self.data


class Api:
    """A session of `user`, or requests with `token`, or nobody's. Paths are below /api/v1."""

    def __init__(self, user: User | None = None, *, token: str = "", address: str = "") -> None:
        self.client = Client()
        self.client.handler = _HANDLER
        self._extra: dict[str, Any] = {"REMOTE_ADDR": address} if address else {}
        self._headers = {"Authorization": f"Token {token}"} if token else {}
        if user is not None:
            self.client.force_login(user, "django.contrib.auth.backends.ModelBackend")

    def get(self, path: str, **query: Any) -> Answer:
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.request("POST", path, {} if body is None else body, headers=headers)

    def patch(self, path: str, body: Any) -> Answer:
        return self.request("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """`body`: JSON, or bytes that are sent as they are. Headers: `Idempotency_Key="…"`."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        found = self.client.generic(
            method,
            path if path.startswith("/") and path.startswith(PREFIX) else f"{PREFIX}{path}",
            data,
            "application/json",
            headers=self._headers | named,
            query_params=query or {},
            **self._extra,
        )
        content = b"".join(found)
        text = content.decode(errors="replace")
        is_json = found.headers.get("Content-Type", "").startswith("application/json")
        return Answer(
            found.status_code,
            json.loads(text) if is_json and text else None,
            dict(found.headers.items()),
            text,
        )
