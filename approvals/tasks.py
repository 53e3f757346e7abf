from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from approvals import services
from approvals.models import ApprovalInboxItem, ItemStatus
from config.core.errors import DomainError


@shared_task
def expire_due() -> None:
    """Closes tickets whose time is over, so that nobody waits for a decision that can't come."""
    due = ApprovalInboxItem.objects.filter(
        status=ItemStatus.PENDING, expires_at__lte=timezone.now()
    )
    for item in due.iterator():
        try:
            services.expire_if_due(item)
        except DomainError:
            continue  # expired just now, or decided by somebody in between
