"""Cancels that find something in their way: no worker, or what does not end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from config.core import leases, threads
from environments.install import orchestrator
from environments.models import EnvironmentInstallTask
from environments.ssh.runner import RemoteRunner
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site
from tests.environments.api.test_install_run import until

pytestmark = pytest.mark.django_db(transaction=True)


class WorkerDies(BaseException):
    """Ends a worker's thread as a kill would: nothing after it is done, the lease stays."""


def test_what_was_said_to_have_started_but_had_not_never_starts(
    hosts: Site, bundle: BundleRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effects = tmp_path / "effects"
    bundle.hook("install", f"echo x >> {effects}")
    task = hosts.queued()

    def dies(*_: Any) -> None:
        raise WorkerDies

    with monkeypatch.context() as patch:
        patch.setattr(RemoteRunner, "run", dies)
        patch.setattr(leases.Lease, "give_back", lambda _: None)
        with pytest.raises(WorkerDies):
            orchestrator.run(task.pk)
    assert {step.status for step in hosts.steps(task, "install")} == {"running"}
    hosts.api.post(hosts.task_path(task, "cancel")).ok(202)
    EnvironmentInstallTask.objects.update(lease_expires_at=timezone.now() - timedelta(days=1))
    hosts.run(task)
    assert (task.status, task.reason_code) == ("cancelled", "cancelled")
    assert {step.status for step in hosts.steps(task, "install")} == {"cancelled"}
    assert not effects.exists()


def test_what_did_not_end_needs_attention(
    hosts: Site, bundle: BundleRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    bundle.hook("install", f"touch {started}; sleep 300")
    task = hosts.queued()
    cancel = RemoteRunner.cancel

    def leaves_something(runner: RemoteRunner, job_id: str) -> bool:
        return cancel(runner, job_id) and False

    monkeypatch.setattr(RemoteRunner, "cancel", leaves_something)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(threads.each, orchestrator.run, [task.pk])
        until(started.exists)
        hosts.api.post(hosts.task_path(task, "cancel")).ok(202)
        run.result(60)
    task.refresh_from_db()
    assert (task.status, task.reason_code) == ("needs_attention", "needs_attention")
    for step in hosts.steps(task, "install"):
        assert step.status == "cancelled"
        assert hosts.log(step).endswith("Something that this started is still there.\n")
