"""Where a host is, and through which others: how errors name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Address:
    """`via`: the addresses of the bastions on the way to it, the first one first."""

    host: str
    port: int
    via: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`host:port`, an IPv6 address in brackets (RFC 3986, 3.2.2)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def data(self) -> dict[str, Any]:
        """For an error's `data`: `host`, `port`, and `via` where there are bastions."""
        place: dict[str, Any] = {"host": self.host, "port": self.port}
        return place | {"via": list(self.via)} if self.via else place
