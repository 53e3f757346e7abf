"""How far a task is, and how long it will take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from environments import estimates
from environments.models import EnvironmentInstallTask, InstallStep
from tests.factories.core import UserFactory
from tests.factories.environments import EnvironmentFactory, NodeFactory, preview_of

pytestmark = pytest.mark.django_db

HOOKS = ("engine", "verify")


def task_of(status: str, **plan: int) -> EnvironmentInstallTask:
    """On two nodes, with two hooks."""
    environment = EnvironmentFactory.make()
    nodes = [NodeFactory.make(environment=environment) for _ in range(2)]
    user = UserFactory.make()
    preview = preview_of(environment, user)
    preview.plan |= plan
    preview.save()
    task = EnvironmentInstallTask.objects.create(
        environment=environment,
        project=environment.project,
        preview=preview,
        bundle=preview.bundle,
        version="1",
        status=status,
        requested_by=user,
        source="api",
    )
    pairs = [(hook, node) for hook in HOOKS for node in nodes]
    for index, (hook, node) in enumerate(pairs):
        InstallStep.objects.create(
            run=task, node=node, index=index, phase="install", hook=hook, timeout=60
        )
    return task


def took(task: EnvironmentInstallTask, **seconds: int) -> None:
    now = timezone.now()
    for hook, length in seconds.items():
        began = now - timedelta(seconds=length)
        rows = task.steps.filter(hook=hook)
        rows.update(status="succeeded", started_at=began, finished_at=now)


def test_what_the_same_hooks_took_before() -> None:
    took(task_of("succeeded"), engine=10, verify=4)
    task = task_of("running")
    assert estimates.remaining_ms(task) == 14_000
    took(task, engine=12)
    task.steps.filter(hook="verify").update(
        status="running", started_at=timezone.now() - timedelta(seconds=3)
    )
    assert estimates.remaining_ms(task) == pytest.approx(1_000, abs=500)


def test_one_host_at_a_time_takes_longer() -> None:
    took(task_of("succeeded"), engine=10, verify=4)
    assert estimates.remaining_ms(task_of("running", max_parallel=1)) == 28_000


def test_no_guess() -> None:
    took(task_of("succeeded"), engine=10)
    assert estimates.remaining_ms(task_of("running")) is None
    assert estimates.remaining_ms(task_of("queued")) is None


def test_percent_counts_what_runs_by_its_own_word() -> None:
    task = task_of("running")
    assert estimates.percent(task) == 0
    took(task, engine=1)
    first = task.steps.filter(hook="verify").first()
    assert first is not None
    InstallStep.objects.filter(pk=first.pk).update(status="running", percent=40)
    assert estimates.percent(task) == 60
    task.steps.exclude(status="succeeded").update(status="cancelled")
    assert estimates.percent(task) == 60
