from __future__ import annotations

from celery import shared_task

from config.core.api import idempotency


@shared_task
def forget_old_answers() -> None:
    idempotency.forget_old()
