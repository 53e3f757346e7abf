"""Celery shells: each loads nothing, and calls one function with a row's id."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from approvals.waiting import cancel_changed
from config.core.jobs import publish
from config.core.leases import unheld
from config.core.timeline import SYSTEM
from environments import watching
from environments.install import orchestrator
from environments.lifecycle import TASK
from environments.models import EnvironmentInstallTask, StepStatus, TaskStatus


@shared_task
def run_install(task_id: int) -> None:
    orchestrator.run(task_id)


@shared_task
def reconcile() -> None:
    """Repeats the hint for installs that stayed queued, or lost their worker; cancels what waits
    for something else than was approved."""
    due = Q(status=TaskStatus.QUEUED, start_after__lte=timezone.now()) | Q(
        status=TaskStatus.RUNNING
    )
    rows = EnvironmentInstallTask.objects.filter(due & unheld())
    for pk in rows.values_list("pk", flat=True):
        publish(run_install, pk)
    queued = EnvironmentInstallTask.objects.filter(unheld(), status=TaskStatus.QUEUED)
    first = queued.filter(started_at=None)  # what is tried again fails by its run
    cancel_changed("environment_install", first, "preview__context_hash", _cancel)


@shared_task
def look_after_nodes() -> None:
    watching.look_after()


def _cancel(task: EnvironmentInstallTask, detail: dict[str, Any]) -> None:
    TASK.move(
        task,
        TaskStatus.CANCELLED,
        "environment.install_cancelled",
        actor=SYSTEM,
        detail=detail,
        reason_code=detail["reason_code"],
        finished_at=timezone.now(),
    )
    task.steps.update(status=StepStatus.CANCELLED)
