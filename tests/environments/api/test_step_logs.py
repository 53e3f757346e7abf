"""Logs of steps from host to reader: every byte, masked, up to a cap, resumed where one was."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from pytest_django import Settings

from config.core import logs
from environments import streaming
from environments.install import orchestrator
from environments.models import (
    EnvironmentInstallLog,
    EnvironmentInstallTask,
    HostStep,
    InstallStep,
)
from environments.steps import StepRunner
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 1 << 26  # bytes


def stored(step: InstallStep) -> bytes:
    return logs.read_bytes(EnvironmentInstallLog, step.pk, 0, MANY)


def mark(kept: int) -> bytes:
    return b"\n[Slipway keeps %d bytes of this; cut here.]\n" % kept


def test_colours_and_what_is_no_text_are_kept_byte_for_byte(
    hosts: Site, bundle: BundleRoot
) -> None:
    bundle.hook("install", r"printf '\033[1;31mred\033[0m\r\n\377\376 \000 \303\244\n'")
    task = hosts.run(hosts.queued())
    for step in hosts.steps(task, "install"):
        raw = b"\x1b[1;31mred\x1b[0m\r\n\xff\xfe \0 \xc3\xa4\n"
        assert stored(step) == raw == hosts.out(step)
        assert hosts.log(step) == raw.decode(errors="replace")


def test_what_is_more_than_is_kept_is_cut_where_the_log_says_so(
    hosts: Site, bundle: BundleRoot, settings: Settings
) -> None:
    settings.STEP_LOG_BYTES = 5_000
    bundle.hook("install", "seq 1 100000; exit 7")
    task = hosts.run(hosts.queued())
    body = hosts.api.get(hosts.task_path(task)).ok()
    told = {step["id"]: step["log_cut"] for step in body["steps"]}
    for step in hosts.steps(task, "install"):
        assert (step.status, step.exit_code, told[step.pk]) == ("failed", 7, True)
        assert stored(step) == hosts.out(step)[:5_000] + mark(5_000)
        page = hosts.api.get(hosts.task_path(task, "logs"), step=step.pk).ok()
        assert (page["complete"], page["next_offset"]) == (True, step.log_bytes)
    assert not any(told[step.pk] for step in hosts.steps(task, "transfer"))


def test_what_just_fits_is_not_cut(hosts: Site, bundle: BundleRoot, settings: Settings) -> None:
    settings.STEP_LOG_BYTES = 5_000
    bundle.hook("install", "head -c 5000 /dev/zero")
    task = hosts.run(hosts.queued())
    assert [(stored(s), s.log_cut) for s in hosts.steps(task, "install")] == [
        (b"\0" * 5_000, False)
    ] * 2


def test_each_attempt_has_its_own_room(hosts: Site, bundle: BundleRoot, settings: Settings) -> None:
    settings.STEP_LOG_BYTES = 100
    bundle.hook("install", "head -c 300 /dev/zero; exit 1", retries=1, idempotent=True)
    task = hosts.run(hosts.queued())
    for step in hosts.steps(task, "install"):
        assert stored(step) == (b"\0" * 100 + mark(100)) * 2
        assert (step.attempt, step.log_cut) == (2, True)


class WorkerDies(BaseException):
    """As if killed here."""


def test_whoever_takes_over_after_the_cut_finds_its_end(
    hosts: Site,
    bundle: BundleRoot,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.STEP_LOG_BYTES = 100
    go_on = tmp_path / "go-on"
    bundle.hook("install", f"seq 1 1000; while [ ! -e {go_on} ]; do sleep 0.05; done; exit 3")
    task = hosts.queued()
    keep = StepRunner.keep

    def dies_after_the_cut(runner: StepRunner, step: HostStep, data: bytes) -> bool:
        if keep(runner, step, data):
            return True
        raise WorkerDies

    with monkeypatch.context() as patch:
        patch.setattr(StepRunner, "keep", dies_after_the_cut)
        with pytest.raises(WorkerDies):
            orchestrator.run(task.pk)
    task.refresh_from_db()
    assert task.status == "running"
    go_on.touch()
    hosts.run(task)
    assert task.status == "failed"
    for step in hosts.steps(task, "install"):
        assert (step.status, step.exit_code, step.attempt) == ("failed", 3, 1)
        assert stored(step) == hosts.out(step)[:100] + mark(100)


def test_a_long_log_is_downloaded_in_little_memory(hosts: Site, bundle: BundleRoot) -> None:
    downloaded(hosts, bundle, 16 << 20)


@pytest.mark.soak
def test_a_log_of_100_mb_is_downloaded_in_little_memory(hosts: Site, bundle: BundleRoot) -> None:
    downloaded(hosts, bundle, 100 << 20)


def downloaded(hosts: Site, bundle: BundleRoot, size: int) -> None:
    """From the host through the database to the reader, other requests answered in between."""
    bundle.hook("install", f"yes 0123456789abcde | head -c {size}", timeout=300)
    task = hosts.queued()
    tracemalloc.start()
    hosts.run(task)
    step = hosts.steps(task, "install")[0]
    path = f"/api/v1{hosts.task_path(task, 'logs/download')}"
    response = hosts.api.client.get(path, query_params={"step": step.pk})

    async def read() -> int:
        total = number = 0
        async for part in response.streaming_content:  # type: ignore[attr-defined]
            total, number = total + len(part), number + 1
            if number % 50 == 0:
                await sync_to_async(lambda: hosts.api.get(hosts.task_path(task)).ok())()
        return total

    total = async_to_sync(read)()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == step.log_bytes == size
    assert peak < 14 << 20  # two hosts at once, and the page


def events(task: EnvironmentInstallTask, cursor: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The log events that a stream from `cursor` on would send now, with their ids."""
    batch = streaming.poll(
        EnvironmentInstallLog,
        lambda: list(InstallStep.objects.filter(run=task)),
        lambda: (task.status, True),
        cursor,
    )
    for event in batch.events:
        if event.name == "log":
            yield json.loads(json.dumps(event.data)), event.cursor


def test_a_stream_goes_on_after_any_event_without_gap_or_overlap(
    hosts: Site, bundle: BundleRoot
) -> None:
    """Pages of 256 KiB; characters of three bytes fall over their borders."""
    bundle.hook("install", "yes '€ and more' | head -n 60000")
    task = hosts.run(hosts.queued())
    steps = {step.pk: hosts.out(step).decode() for step in hosts.steps(task, "install")}
    texts = dict.fromkeys(steps, "")
    cursor, sent = "", 0
    # Each time the connection breaks after one event, and Last-Event-ID is all that is left.
    while found := next(events(task, cursor), None):
        event, cursor = found
        if event["step_id"] in texts:
            assert event["offset"] == len(texts[event["step_id"]].encode())
            texts[event["step_id"]] += event["text"]
        sent += 1
    assert texts == steps
    assert sent > 2 * 2


def test_the_tail_is_the_end(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "seq 1 50000")
    task = hosts.run(hosts.queued())
    step = hosts.steps(task, "install")[0]
    page = hosts.api.get(hosts.task_path(task, "logs"), step=step.pk, tail=12).ok()
    assert page["text"] == "49999\n50000\n"
    assert (page["offset"], page["complete"]) == (step.log_bytes - 12, True)
