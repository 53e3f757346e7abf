from __future__ import annotations

from celery import shared_task

from approvals import clock


@shared_task
def keep_time() -> None:
    clock.tick()
