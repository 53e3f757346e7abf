from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """`id` is the same in every attempt; `content` is JSON, among it `title` and `text`."""

    id: str
    content: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.content["title"])

    @property
    def text(self) -> str:
        return str(self.content["text"])
