"""A task is cancelled while nobody works on it: who takes over begins nothing more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from config.core import leases
from environments.install import orchestrator
from environments.models import EnvironmentInstallTask
from environments.ssh.runner import RemoteRunner
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site

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
