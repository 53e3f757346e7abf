"""One attempt to send one delivery, and what follows from how it went."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.utils import timezone

from config.notifications import composing
from config.notifications.models import Delivery, DeliveryStatus
from config.notifications.sending import DEADLINE, NotSent, send

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 8
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
_GROWTH: Final = 2.5
_JITTER: Final = 0.25
# For so long whoever took a delivery has it alone; then it counts as lost.
CLAIMED_FOR: Final = 2 * DEADLINE
KEPT_FOR: Final = timedelta(days=30)


def due(now: datetime) -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)


def deliver(pk: int) -> None:
    """Sends what the row `pk` tells of, if it is due and nobody else is at it."""
    now = timezone.now()
    taken = due(now).filter(pk=pk)
    if not taken.update(attempts=models.F("attempts") + 1, next_attempt_at=now + CLAIMED_FOR):
        return
    delivery = Delivery.objects.select_related("channel__project", "event").get(pk=pk)
    try:
        _attempt(delivery)
    except NotSent as error:
        _failed(delivery, error)
    else:
        # Even where the claim ran out meanwhile: it was sent.
        rows = Delivery.objects.filter(pk=pk)
        rows.update(status=DeliveryStatus.SENT, sent_at=timezone.now(), last_error="")
        logger.info("notification sent", extra={"delivery": pk, "attempt": delivery.attempts})


def _attempt(delivery: Delivery) -> None:
    if not delivery.channel.enabled:
        raise NotSent("The channel is switched off.", retry=False)
    if delivery.attempts > MAX_ATTEMPTS:  # the last one's worker was lost
        raise NotSent("The last attempt broke off.", retry=False)
    message = composing.compose(delivery.event, delivery.channel.project, delivery.delivery_id)
    send(delivery.channel, message)


def _failed(delivery: Delivery, error: NotSent) -> None:
    again = error.retry and delivery.attempts < MAX_ATTEMPTS
    changes: dict[str, Any] = {"last_error": error.reason[:200], "status": DeliveryStatus.FAILED}
    if again:
        wait = wait_after(delivery.attempts, error.retry_after)
        changes |= {"status": DeliveryStatus.PENDING, "next_attempt_at": timezone.now() + wait}
    # Whoever took it over after this claim's time decides instead.
    ours = Delivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts
    )
    ours.update(**changes)
    logger.warning(
        "notification not sent",
        extra={
            "delivery": delivery.pk,
            "attempt": delivery.attempts,
            "again": again,
            "reason": error.reason,
        },
    )


def wait_after(attempts: int, asked_for: timedelta | None = None) -> timedelta:
    """How long after failure number `attempts` the next attempt is due: longer each time, spread so
    that what failed together doesn't come back together; what the receiver asked for, where that is
    longer; never over an hour."""
    spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret depends on it
    wait = min(FIRST_WAIT * _GROWTH ** (attempts - 1), LONGEST_WAIT) * spread
    return min(max(wait, asked_for or timedelta()), LONGEST_WAIT)


def forget_old() -> None:
    """What is over is kept for thirty days."""
    ended = Delivery.objects.exclude(status=DeliveryStatus.PENDING)
    ended.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
