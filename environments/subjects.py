"""What the inbox does to an install when its ticket is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from approvals.registry import Approval
from config.core.jobs import enqueue
from config.core.risk import RiskLevel
from config.core.timeline import Actor
from environments import pinning
from environments.lifecycle import TASK
from environments.models import EnvironmentInstallTask, StepStatus, TaskKind, TaskStatus
from environments.requesting import ACTIONS
from environments.tasks import run_install


class InstallSubject:
    def approved(self, subject_id: int, approval: Approval) -> None:
        task = _task(subject_id)
        TASK.move(
            task,
            TaskStatus.QUEUED,
            None,
            actor=approval.actor,
            start_after=approval.start_after,
            freeze_override=task.freeze_override or approval.freeze_override,
        )
        enqueue(run_install, task.pk)

    def refused(self, subject_id: int, *, actor: Actor, reason_code: str, comment: str) -> None:
        task = _task(subject_id)
        status, action = TaskStatus.FAILED, "environment.install_failed"
        if reason_code in ("cancelled", "preview_mismatch"):
            status, action = TaskStatus.CANCELLED, "environment.install_cancelled"
        detail = {"reason_code": reason_code, "comment": comment}
        TASK.move(
            task,
            status,
            action,
            actor=actor,
            detail=detail,
            reason_code=reason_code,
            finished_at=timezone.now(),
        )
        task.steps.update(status=StepStatus.CANCELLED)

    def changed(self, content: Mapping[int, str]) -> dict[int, list[str]]:
        return pinning.changed(content)

    def is_intact(self, subject_id: int) -> bool:
        return pinning.is_intact(_task(subject_id).preview)

    def describe(self, subject_id: int) -> dict[str, Any]:
        """A task of the older system may lack any of it."""
        task = _task(subject_id)
        preview, plan = task.preview, task.preview.plan or {}
        nodes = [node["name"] for node in plan.get("nodes", []) if "name" in node]
        where = ", ".join(nodes) or task.environment.name
        _, verb = ACTIONS[TaskKind(task.kind)]
        return {
            "summary": f"{verb} {preview.bundle} {preview.version} on {where}",
            "risk": {"level": RiskLevel.LOW.value, "reasons": []} | (preview.risk or {}),
            "diff": {name: plan.get(name, []) for name in ("steps", "artifacts")},
            "warnings": plan.get("warnings", []),
        }

    def link(self, subject_id: int, environment_id: int | None) -> str:
        return f"/api/v1/environments/{environment_id}/install/tasks/{subject_id}"


def _task(pk: int) -> EnvironmentInstallTask:
    return EnvironmentInstallTask.objects.select_related("preview", "environment").get(pk=pk)
