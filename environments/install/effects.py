"""What the run of a task is to its environment, by the task's kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from environments import health
from environments.bundles.model import ANY_RUNTIME
from environments.models import (
    EnvironmentInstallTask,
    EnvironmentStatus,
    StepStatus,
    TaskKind,
    TaskStatus,
)


@dataclass(frozen=True)
class Effect:
    """`to`: the environment's status when it succeeded, which shows `installing` meanwhile and is
    `failed` otherwise. Without one, the environment stays in use, and `source` of its health says
    how it went."""

    to: str = ""
    source: str = ""
    event: str = "install"


_EFFECTS: Final = {
    TaskKind.INSTALL: Effect(to=EnvironmentStatus.READY),
    TaskKind.UNINSTALL: Effect(to=EnvironmentStatus.DRAFT),
    TaskKind.VERIFY: Effect(source="verify"),
    TaskKind.LVS_VIP: Effect(source="vip", event="vip"),
}
# Of a bundle that is no runtime: the environment is in use with it and without it.
_BESIDE: Final = Effect(source="vip")


def _effect_of(task: EnvironmentInstallTask) -> Effect:
    beside = task.preview.plan.get("runtime") == ANY_RUNTIME and task.kind == TaskKind.UNINSTALL
    return _BESIDE if beside else _EFFECTS[TaskKind(task.kind)]


def begun(task: EnvironmentInstallTask) -> None:
    if _effect_of(task).to:
        health.begin(task.environment_id)


def ended(task: EnvironmentInstallTask, status: str, reason: str, failed: dict[str, str]) -> None:
    """`failed`: of an install that went on without them, the hosts that failed, by their health's
    source, with the reason's code. In the caller's transaction."""
    effect = _effect_of(task)
    went_well = status == TaskStatus.SUCCEEDED
    if effect.source:
        if went_well:
            health.note(task.environment_id, effect.source)
        else:
            text = f"{task.get_kind_display()} {task.pk} ended {status}{_why(task)}"
            health.note(task.environment_id, effect.source, reason, text)
        return
    partly = bool(failed) and task.kind == TaskKind.INSTALL
    to = effect.to if went_well or partly else EnvironmentStatus.FAILED
    health.settle(task.environment_id, to)
    for source, code in failed.items():
        health.note(task.environment_id, source, code, f"Install {task.pk} failed on this host")


def _why(task: EnvironmentInstallTask) -> str:
    """What the first step that failed said last, if anything."""
    failed = task.steps.filter(status=StepStatus.FAILED).exclude(message="").first()
    return f": {failed.node}: {failed.message}" if failed else ""


def event_of(task: EnvironmentInstallTask, status: str) -> str:
    """The action of the event that a task's end is told by (contract, "Timeline")."""
    if status == TaskStatus.CANCELLED:
        return "environment.install_cancelled"
    verb = "succeeded" if status == TaskStatus.SUCCEEDED else "failed"
    return f"environment.{_effect_of(task).event}_{verb}"
