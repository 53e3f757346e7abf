"""Celery shells: each loads nothing, and calls one function with a row's id."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from config.core.jobs import publish
from config.core.leases import unheld
from environments.install import orchestrator
from environments.models import EnvironmentInstallTask, TaskStatus


@shared_task
def run_install(task_id: int) -> None:
    orchestrator.run(task_id)


@shared_task
def reconcile() -> None:
    """Repeats the hint for installs that stayed queued, or lost their worker."""
    due = Q(status=TaskStatus.QUEUED, start_after__lte=timezone.now()) | Q(
        status=TaskStatus.RUNNING
    )
    rows = EnvironmentInstallTask.objects.filter(due & unheld())
    for pk in rows.values_list("pk", flat=True):
        publish(run_install, pk)
