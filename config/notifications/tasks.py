"""Celery shells: each calls one function with a row's id."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.core.jobs import publish
from config.notifications import delivering

_AT_ONCE = 500


@shared_task
def deliver(delivery_id: int) -> None:
    delivering.deliver(delivery_id)


@shared_task
def reconcile() -> None:
    """Repeats the hint for what is due: retries, and deliveries whose hint or worker was lost."""
    due = delivering.due(timezone.now()).order_by("next_attempt_at")
    for pk in due.values_list("pk", flat=True)[:_AT_ONCE]:
        publish(deliver, pk)


@shared_task
def forget_old() -> None:
    delivering.forget_old()
