"""HTTP as a courier speaks it: no proxies or logins of its surroundings, no redirects."""

from __future__ import annotations

import os
import ssl
from typing import Any

import requests

from .failure import Undelivered, forbidden
from .guard import Guard


class Session(requests.Session):
    """Notes its answers as (status, Retry-After) in `answers`, of the whole process."""

    answers: list[tuple[int, str]] = []

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["allow_redirects"] = False
        authorities = os.environ.get("SSL_CERT_FILE")
        if kwargs.get("verify") is True and authorities:
            kwargs["verify"] = authorities
        answer = super().send(request, **kwargs)
        self.answers.append((answer.status_code, answer.headers.get("Retry-After", "")))
        return answer


def unanswered(error: Exception | None, guard: Guard) -> Undelivered:
    """Why there was no answer, as far as it can be said without the error's own words: they hold
    the URL."""
    if guard.refused and not guard.passed:
        return forbidden()
    if isinstance(error, requests.exceptions.SSLError | ssl.SSLError):
        return Undelivered("The receiver's certificate is not valid.", retry=True)
    if isinstance(error, requests.Timeout | TimeoutError):
        return Undelivered("The receiver did not answer in time.", retry=True)
    if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
        return Undelivered("The URL can't be connected to.", retry=False)
    return Undelivered("The receiver can't be reached.", retry=True)
