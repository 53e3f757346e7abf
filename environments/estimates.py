"""How long a task will still take, by what the same hooks took before."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby
from statistics import median
from typing import Final

from django.utils import timezone

from environments.models import EnvironmentInstallTask, InstallStep, StepStatus, TaskStatus

_LOOKED_AT: Final = 500  # of the bundle's newest steps


def percent(task: EnvironmentInstallTask) -> int:
    """Of all steps, those that did not succeed counted by what they say of themselves; needs no
    query where the steps are there already."""
    steps = list(task.steps.all())
    done = sum(100 if step.status == StepStatus.SUCCEEDED else step.percent or 0 for step in steps)
    return done // len(steps) if steps else 0


def remaining_ms(task: EnvironmentInstallTask) -> int | None:
    """None for a task that doesn't run, or has a step that no task with this bundle came through
    yet: better no figure than a guess."""
    if task.status != TaskStatus.RUNNING:
        return None
    usual = _usual_seconds(task.bundle)
    at_once = task.preview.plan.get("max_parallel") or math.inf
    left = 0.0
    for hook, group in groupby(task.steps.all(), key=lambda step: step.hook):
        open_steps = [step for step in group if not step.is_over]
        if not open_steps:
            continue
        if hook not in usual:
            return None
        rounds = math.ceil(len(open_steps) / min(at_once, len(open_steps)))
        left += max(0.0, rounds * usual[hook] - _running_for(open_steps))
    return int(left * 1000)


def _usual_seconds(bundle: str) -> dict[str, float]:
    """{hook: median}."""
    rows = InstallStep.objects.filter(run__bundle=bundle, status=StepStatus.SUCCEEDED)
    took: defaultdict[str, list[float]] = defaultdict(list)
    columns = ("hook", "started_at", "finished_at")
    for hook, began, ended in rows.order_by("-pk").values_list(*columns)[:_LOOKED_AT]:
        if began and ended:
            took[hook].append((ended - began).total_seconds())
    return {hook: median(seconds) for hook, seconds in took.items()}


def _running_for(steps: list[InstallStep]) -> float:
    began = [step.started_at for step in steps if step.started_at]
    return (timezone.now() - min(began)).total_seconds() if began else 0.0
