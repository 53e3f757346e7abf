"""Hints to the workers. The row is the job; a lost hint is repeated by the reconciler."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: Any, pk: int) -> None:
    """After the commit, tells the workers that the row `pk` is queued for `task`."""
    transaction.on_commit(lambda: publish(task, pk))


def publish(task: Any, pk: int) -> None:
    try:
        task.apply_async((pk,), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning(
            "hint not published", extra={"task": task.name, "pk": pk, "error": str(error)}
        )
