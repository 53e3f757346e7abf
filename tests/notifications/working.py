"""The workers of notifications, here and now."""

from __future__ import annotations

from django.utils import timezone

from config.notifications.delivering import deliver, due
from config.notifications.models import Delivery


def work_off() -> list[str]:
    """Attempts what is due, oldest first; what has become of it."""
    keys = list(due(timezone.now()).order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        deliver(pk)
    return list(
        Delivery.objects.filter(pk__in=keys).order_by("pk").values_list("status", flat=True)
    )
