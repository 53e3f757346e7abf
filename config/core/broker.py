"""Celery's broker of files, for one machine: kombu's, with messages that appear in one piece."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    # The two classes above disagree on the arguments: this is what kombu.transport.filesystem has.
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]  # noqa: ARG002
        """kombu writes under the final name, and a worker that reads it half written crashes."""
        folder = Path(self.data_folder_out)
        draft = folder / f".{uuid.uuid4()}.draft"  # no queue's
        draft.write_text(dumps(payload))
        age = f"{time.monotonic() * 1000:.0f}"  # the oldest is read first
        draft.rename(folder / f"{age}_{uuid.uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
