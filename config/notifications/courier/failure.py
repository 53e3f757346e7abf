from __future__ import annotations

from typing import Final

# Answers of 4xx that another attempt may not meet: timeout, too early, too many.
_PASSING: Final = frozenset({408, 425, 429})


class Undelivered(Exception):
    """Why a message did not arrive, in words without anything of the URL; `retry`: whether another
    attempt can help; `retry_after`: seconds that the receiver asked to be left alone for."""

    def __init__(self, reason: str, *, retry: bool, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.retry_after = retry_after


def of_status(status: int, retry_after: str = "") -> Undelivered:
    """Of an HTTP answer that was no success. `retry_after`: the header; a date there is ignored."""
    retry = status >= 500 or status in _PASSING
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
    where = "; redirects are not followed" if 300 <= status < 400 else ""
    return Undelivered(f"The receiver answered {status}{where}.", retry=retry, retry_after=seconds)


def forbidden() -> Undelivered:
    return Undelivered("The address is not one that notifications may go to.", retry=False)
