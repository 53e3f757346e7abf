"""Takes an install task, and runs it to its end."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from approvals import freezing
from config.core import leases
from config.core.errors import InvalidTransition
from config.core.leases import Lease, LeaseLost
from config.core.threads import Scribe
from config.core.timeline import SYSTEM
from environments.install.running import Run
from environments.lifecycle import TASK
from environments.models import EnvironmentInstallTask, TaskStatus
from environments.ssh.pool import ConnectionPool

logger = logging.getLogger(__name__)


def run(task_id: int) -> None:
    """Runs a queued task, or goes on with one whose worker is gone. Repeatable; does nothing when
    somebody else has it, or it is over."""
    with leases.held(EnvironmentInstallTask, task_id) as lease:
        if lease is None:
            return
        task = EnvironmentInstallTask.objects.select_related("environment", "preview").get(
            pk=task_id
        )
        try:
            if not _start(task, lease):
                return
            with ConnectionPool() as pool, Scribe() as scribe:
                run_of_task = Run(task, lease, pool, scribe)
                try:
                    run_of_task.to_the_end()
                except (LeaseLost, InvalidTransition, OperationalError, InterfaceError):
                    raise  # somebody else goes on with it, or we do when the database is back
                except Exception:
                    # A bug, or a host that answers nonsense: to do it again would not help.
                    logger.exception("install run broke off", extra={"task": task_id})
                    run_of_task.finish(TaskStatus.NEEDS_ATTENTION, "needs_attention")
        except (LeaseLost, InvalidTransition):
            logger.warning("run given up: another worker has it", extra={"task": task_id})


def _start(task: EnvironmentInstallTask, lease: Lease) -> bool:
    if task.status == TaskStatus.RUNNING:
        return True
    due = task.start_after is not None and task.start_after <= timezone.now()
    if task.status != TaskStatus.QUEUED or not due or _is_frozen(task):
        return False
    now = timezone.now()
    TASK.move(task, TaskStatus.RUNNING, None, actor=SYSTEM, fence=lease.fence, started_at=now)
    return True


def _is_frozen(task: EnvironmentInstallTask) -> bool:
    """A frozen task stays queued, and the reconciler comes back to it."""
    if task.freeze_override:
        return False
    return bool(freezing.active(task.project_id, task.environment.tier, timezone.now()))
