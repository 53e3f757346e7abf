"""The orchestrator on real SSH: order, failures, retries, cancel, and workers that die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from config.core import leases, logs
from config.core.models import TimelineEvent
from environments.install import orchestrator
from environments.models import EnvironmentInstallLog, EnvironmentInstallTask, HostStep
from environments.pinning import context_hash
from environments.steps import StepRunner
from tests.environments.api.bundle import ARTIFACT, PAYLOAD, BundleRoot
from tests.environments.api.site import Site
from tests.environments.bundles.roots import digest, write

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def actions(task: EnvironmentInstallTask) -> list[str]:
    rows = TimelineEvent.objects.filter(
        resource_type="environment_install", resource_id=task.pk
    ).order_by("seq")
    return [row.action.removeprefix("environment.install_") for row in rows]


def test_all_goes_well(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("verify", "echo verified; printf 'no text: \\377\\000'", phase="verify")
    task = hosts.run(hosts.queued())
    assert (task.status, task.reason_code) == ("succeeded", "")
    assert hosts.statuses(task) == {
        "transfer": ["succeeded"] * 2,
        "install": ["succeeded"] * 2,
        "verify": ["succeeded"] * 2,
    }
    body = hosts.api.get(hosts.task_path(task)).ok()
    assert body["progress"] == {"done": 6, "total": 6, "percent": 100, "remaining_ms": None}
    assert [step["exit_code"] for step in body["steps"]] == [0] * 6
    assert all(step["duration_ms"] >= 0 for step in body["steps"])
    assert hosts.api.get(hosts.path).ok()["status"] == "ready"
    assert actions(task) == [
        "requested",
        *actions(task)[1:-1],
        "succeeded",
    ]
    assert actions(task).count("step_started") == actions(task).count("step_succeeded") == 6
    arrived = hosts.remote / "artifacts" / digest(PAYLOAD)
    assert arrived.read_text() == PAYLOAD


def test_every_byte_of_output_is_stored(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook(
        "install", "printf 'no text: \\377\\376\\000, text: \\303\\244\\n'; seq 1 20000 >&2"
    )
    task = hosts.run(hosts.queued())
    for step in hosts.steps(task, "install"):
        stored = logs.read_bytes(EnvironmentInstallLog, step.pk, 0, 1 << 24)
        assert stored == hosts.out(step)
        assert len(stored) == step.log_bytes > 100_000
        download = hosts.api.client.get(
            f"/api/v1{hosts.task_path(task, 'logs/download')}", query_params={"step": step.pk}
        )
        assert b"".join(download) == stored


def test_logs_are_read_by_offset(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "printf 'one\\ntwo\\n'")
    task = hosts.run(hosts.queued())
    step = hosts.steps(task, "install")[0]
    path = hosts.task_path(task, "logs")
    assert hosts.api.get(path, step=step.pk).ok() == {
        "step_id": step.pk,
        "node_id": step.node_id,
        "offset": 0,
        "next_offset": 8,
        "text": "one\ntwo\n",
        "complete": True,
    }
    assert hosts.api.get(path, step=step.pk, after=4).ok()["text"] == "two\n"
    assert hosts.api.get(path, step=step.pk, tail=4).ok()["text"] == "two\n"
    assert hosts.api.get(path, step=step.pk, after=8).ok()["text"] == ""
    for query in ({}, {"step": step.pk, "after": -1}, {"step": step.pk, "colour": 1}):
        hosts.api.get(path, **query).refused(400, "validation_error")
    hosts.api.get(path, step=10**9).refused(404, "not_found")


def test_a_failing_hook_ends_the_run(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    mark = tmp_path / "later"
    bundle.hook("install", '[ "$SLIPWAY_NODE_ADDRESS" != localhost ] || { echo broken; exit 7; }')
    bundle.hook("verify", f"echo x >> {mark}", phase="verify")
    task = hosts.run(hosts.queued())
    assert (task.status, task.reason_code) == ("failed", "step_failed")
    assert hosts.statuses(task) == {
        "transfer": ["succeeded"] * 2,
        "install": ["succeeded", "failed"],
        "verify": ["skipped"] * 2,
    }
    failed = hosts.steps(task, "install")[1]
    assert (failed.exit_code, failed.reason_code) == (7, "step_failed")
    assert hosts.log(failed) == "broken\n"
    assert not mark.exists()
    assert hosts.api.get(hosts.path).ok()["status"] == "failed"
    assert actions(task)[-1] == "failed"


def test_retry_runs_only_what_did_not_succeed(
    hosts: Site, bundle: BundleRoot, tmp_path: Path
) -> None:
    runs, mended = tmp_path / "runs-of-install", tmp_path / "mended"
    bundle.hook(
        "install",
        f'echo "$SLIPWAY_NODE_ADDRESS" >> {runs}\n'
        f'[ "$SLIPWAY_NODE_ADDRESS" != localhost ] || [ -e {mended} ] || exit 1',
    )
    bundle.hook("verify", "echo verified", phase="verify")
    task = hosts.run(hosts.queued())
    assert task.status == "failed"
    mended.touch()
    body = hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    assert (body["status"], body["reason_code"], body["finished_at"]) == ("queued", "", None)
    hosts.run(task)
    assert task.status == "succeeded"
    assert sorted(lines(runs)) == ["127.0.0.1", "localhost", "localhost"]
    assert [step.attempt for step in hosts.steps(task, "install")] == [1, 2]
    hosts.api.post(hosts.task_path(task, "retry")).refused(409, "invalid_transition")


def test_a_hook_that_may_be_repeated_is(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    script = (
        f'echo "$SLIPWAY_NODE_NAME" >> {tries}.$SLIPWAY_NODE_NAME\n'
        f"echo try; [ $(wc -l < {tries}.$SLIPWAY_NODE_NAME) -ge 3 ]"
    )
    bundle.hook("install", script, retries=2, idempotent=True)
    task = hosts.run(hosts.queued())
    assert task.status == "succeeded"
    steps = hosts.steps(task, "install")
    assert [(step.attempt, step.exit_code) for step in steps] == [(3, 0)] * 2
    # Its log goes on, attempt after attempt.
    assert [hosts.log(step) for step in steps] == ["try\ntry\ntry\n"] * 2


def test_repeats_have_an_end(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "exit 4", retries=1, idempotent=True)
    task = hosts.run(hosts.queued())
    assert [(s.attempt, s.status) for s in hosts.steps(task, "install")] == [(2, "failed")] * 2
    # Whoever asks for it again gets them again.
    hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    hosts.run(task)
    assert [(s.attempt, s.status) for s in hosts.steps(task, "install")] == [(4, "failed")] * 2


def test_a_step_has_its_time(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "echo begun; sleep 60", timeout=1)
    task = hosts.run(hosts.queued())
    assert (task.status, task.reason_code) == ("failed", "step_timeout")
    for step in hosts.steps(task, "install"):
        assert (step.status, step.reason_code) == ("failed", "step_timeout")
        assert hosts.log(step).startswith("begun\n")


def test_what_a_hook_prints_of_a_secret_is_masked(hosts: Site, bundle: BundleRoot) -> None:
    secret = "hunter2-and-more"
    hosts.credential.sudo_password = secret
    hosts.credential.save()
    bundle.hook(
        "install", f"for i in 1 2 3; do echo 'user:{secret}!'; printf '{secret}' | base64; done"
    )
    task = hosts.run(hosts.queued())
    assert task.status == "succeeded"
    for step in hosts.steps(task, "install"):
        written, stored = hosts.out(step), hosts.log(step)
        assert secret.encode() in written
        assert secret not in stored
        assert "aHVudGVyMi1hbmQtbW9y" not in stored
        assert len(stored.encode()) == len(written) == step.log_bytes
        assert stored.startswith("user:" + "*" * len(secret) + "!\n")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_cancel_ends_what_runs(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    children = tmp_path / "children"
    bundle.hook("install", f"sleep 300 & echo $! >> {children}; echo waiting; wait")
    bundle.hook("verify", "echo verified", phase="verify")
    task = hosts.queued()

    def work() -> None:
        try:
            orchestrator.run(task.pk)
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    until(lambda: len(lines(children)) == 2)
    body = hosts.api.post(hosts.task_path(task, "cancel")).ok(202)
    assert body["status"] == "running"
    worker.join(timeout=30)
    assert not worker.is_alive()
    task.refresh_from_db()
    assert (task.status, task.reason_code) == ("cancelled", "cancelled")
    assert hosts.statuses(task) == {
        "transfer": ["succeeded"] * 2,
        "install": ["cancelled"] * 2,
        "verify": ["cancelled"] * 2,
    }
    until(lambda: not any(is_alive(int(pid)) for pid in lines(children)))
    assert actions(task).count("cancelled") == 1


@pytest.mark.usefixtures("bundle")
def test_cancel_before_it_runs(hosts: Site) -> None:
    task = hosts.queued()
    body = hosts.api.post(hosts.task_path(task, "cancel")).ok(202)
    assert (body["status"], body["reason_code"]) == ("cancelled", "cancelled")
    assert {step["status"] for step in body["steps"]} == {"cancelled"}
    assert hosts.run(task).status == "cancelled"
    assert not (hosts.remote / "runs").exists()
    hosts.api.post(hosts.task_path(task, "cancel")).refused(409, "invalid_transition")
    hosts.api.post(hosts.task_path(task, "retry")).refused(409, "invalid_transition")


def test_a_run_repeated_does_nothing(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    effects = tmp_path / "effects"
    bundle.hook("install", f"echo x >> {effects}")
    task = hosts.queued()
    for _ in range(3):
        hosts.run(task)
    assert (task.status, len(lines(effects))) == ("succeeded", 2)


@pytest.mark.usefixtures("bundle")
def test_a_task_that_somebody_works_on_is_left_alone(hosts: Site) -> None:
    task = hosts.queued()
    assert leases.claim(EnvironmentInstallTask, task.pk) is not None
    assert hosts.run(task).status == "queued"


class WorkerDies(BaseException):
    """Ends a worker's thread as a kill would: nothing after it is done, the lease stays."""


def test_whoever_takes_over_goes_on_where_the_dead_one_was(
    hosts: Site, bundle: BundleRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    effects, go_on = tmp_path / "effects", tmp_path / "go-on"
    bundle.hook(
        "install",
        f"echo x >> {effects}; echo one; while [ ! -e {go_on} ]; do sleep 0.05; done; echo two",
    )
    task = hosts.queued()
    append = logs.append

    def dies_at_the_first_byte(*arguments: Any) -> bool:
        assert append(*arguments)
        if hosts.steps(task, "install")[0].log_bytes:
            raise WorkerDies
        return True

    with monkeypatch.context() as patch:
        patch.setattr(logs, "append", dies_at_the_first_byte)
        patch.setattr(leases.Lease, "give_back", lambda _: None)
        until_released = threading.Timer(1.5, go_on.touch)  # the other host's step has to end too
        until_released.start()
        with pytest.raises(WorkerDies):
            orchestrator.run(task.pk)
        until_released.join()
    task.refresh_from_db()
    assert task.status == "running"
    # Not before its lease is over.
    fence = task.fence
    assert hosts.run(task).fence == fence
    EnvironmentInstallTask.objects.update(lease_expires_at=timezone.now() - timedelta(days=1))
    hosts.run(task)
    assert (task.status, task.fence) == ("succeeded", fence + 1)
    assert len(lines(effects)) == 2
    assert [hosts.log(step) for step in hosts.steps(task, "install")] == ["one\ntwo\n"] * 2
    assert [step.attempt for step in hosts.steps(task)] == [1] * 4


@pytest.mark.usefixtures("bundle")
def test_a_stale_worker_writes_nothing(hosts: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease passed to another in the middle of a step."""
    task = hosts.queued()
    store = StepRunner.store

    def loses_its_lease(runner: StepRunner, step: HostStep, data: bytes) -> None:
        EnvironmentInstallTask.objects.filter(pk=task.pk).update(
            fence=100, lease_expires_at=timezone.now() + timedelta(seconds=30)
        )
        store(runner, step, data)

    monkeypatch.setattr(StepRunner, "store", loses_its_lease)
    hosts.run(task)
    assert (task.status, task.fence) == ("running", 100)
    assert not EnvironmentInstallLog.objects.exists()
    assert {step.status for step in hosts.steps(task)} <= {"running", "pending"}


def test_a_bundle_that_changed_since_its_preview_touches_no_host(
    hosts: Site, bundle: BundleRoot, tmp_path: Path
) -> None:
    effects = tmp_path / "effects"
    task = hosts.queued()
    bundle.hook("install", f"echo x >> {effects}")
    hosts.run(task)
    assert (task.status, task.reason_code) == ("failed", "preview_mismatch")
    assert not effects.exists()
    assert not hosts.remote.exists()


def test_an_artifact_that_changed_since_its_preview_touches_no_host(
    hosts: Site, bundle: BundleRoot
) -> None:
    task = hosts.queued()
    write(bundle.root, ARTIFACT, "payl0ad\n" * 100)
    hosts.run(task)
    assert (task.status, task.reason_code) == ("failed", "artifact_checksum_mismatch")
    assert not hosts.remote.exists()
    event = TimelineEvent.objects.get(action="environment.install_failed")
    assert event.detail["artifacts"] == [ARTIFACT]


@pytest.mark.usefixtures("bundle")
def test_a_host_that_cannot_be_reached(hosts: Site, settings: Settings) -> None:
    settings.HOST_PATIENCE = timedelta(0)
    task = hosts.queued()
    hosts.nodes[1].port = 1
    hosts.nodes[1].save()
    task.preview.plan["nodes"][1]["port"] = 1  # as if it had been reached there a moment ago
    task.preview.context_hash = context_hash(task.preview.plan)
    task.preview.save()
    hosts.run(task)
    assert (task.status, task.reason_code) == ("failed", "ssh_unreachable")
    assert hosts.statuses(task) == {
        "transfer": ["succeeded", "failed"],
        "install": ["skipped"] * 2,
    }


@pytest.mark.usefixtures("bundle")
def test_a_node_that_moved_after_the_approval(hosts: Site) -> None:
    task = hosts.queued()
    hosts.nodes[1].host = "127.0.0.9"
    hosts.nodes[1].save()
    hosts.run(task)
    assert (task.status, task.reason_code) == ("failed", "preview_mismatch")
    assert not hosts.remote.exists()
