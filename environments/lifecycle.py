"""States of an install task (contract, "Environments")."""

from __future__ import annotations

from typing import Final

from config.core.lifecycle import Lifecycle
from environments.models import TaskStatus as T

_SUCCEEDED = {"environment.install_succeeded", "environment.vip_succeeded"}
_FAILED = {"environment.install_failed", "environment.vip_failed"}
_CANCELLED = {"environment.install_cancelled"}
_REQUESTED = {"environment.install_requested"}
_SILENT: set[str] = set()  # told by the ticket's own events, or by the first step's

TASK: Final = Lifecycle(
    {
        (T.PENDING_APPROVAL, T.QUEUED): _SILENT,
        (T.PENDING_APPROVAL, T.FAILED): _FAILED,
        (T.PENDING_APPROVAL, T.CANCELLED): _CANCELLED,
        (T.QUEUED, T.RUNNING): _SILENT,
        (T.QUEUED, T.CANCELLED): _CANCELLED,
        (T.RUNNING, T.SUCCEEDED): _SUCCEEDED,
        (T.RUNNING, T.FAILED): _FAILED,
        (T.RUNNING, T.CANCELLED): _CANCELLED,
        (T.RUNNING, T.NEEDS_ATTENTION): _FAILED,
        (T.FAILED, T.QUEUED): _REQUESTED,
        (T.CANCELLED, T.QUEUED): _REQUESTED,
        (T.NEEDS_ATTENTION, T.QUEUED): _REQUESTED,
    }
)
