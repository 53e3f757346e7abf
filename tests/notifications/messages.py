"""A message for what is about sending, not about what is sent."""

from __future__ import annotations

from typing import Final

from config.notifications.courier.message import Message

MESSAGE: Final = Message("0d0e5a4c", {"title": "A title", "text": "First line\nSecond line"})
