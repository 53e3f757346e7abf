"""Cancelling ends what runs on the hosts, all of it, and says so only where that is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.demo.api import until
from tests.e2e import cuts, phases
from tests.e2e.once import kept_by
from tests.e2e.site import Site, Task, unique
from tests.environments.bundles.roots import digest
from tests.lab import Host

pytestmark = pytest.mark.lab

LONG = 600  # ticks: nobody waits for that
# Whatever has a job of the run in its environment, however it was started.
LEFT = """
for environ in /proc/[0-9]*/environ; do
    tr '\\0' '\\n' <"$environ" 2>/dev/null | grep -q "^SLIPWAY_JOB=.*/$1-" && echo "$environ"
done
true
"""


def left_over(task: Task, host: Host) -> int:
    """How many processes of the task live on the host."""
    return len(host.exec("sh", "-c", LEFT, "sh", task.run).stdout.splitlines())


def cancel(site: Site, task: Task) -> None:
    site.api.post(f"{task.path}/cancel")


def test_who_ignores_it_and_who_hides_is_ended_too(rough: Site) -> None:
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    task = rough.install(environment, phases.AGAIN, mark=mark, ticks=LONG, stubborn=True)
    for host in rough.hosts:
        task.printing("work", host)
        assert left_over(task, host) >= 3  # the script, timeout, and who left their session
    cancel(rough, task)
    ended = task.ended(60)
    assert (ended["status"], ended["reason_code"]) == ("cancelled", "cancelled")
    for host in rough.hosts:
        step = task.step("work", host)
        assert (step["status"], step["attempt"]) == ("cancelled", 1)  # not tried again
        assert left_over(task, host) == 0
        assert list(kept_by(host, task, mark).runs.values()) == [1]


def test_what_can_not_be_asked_is_not_called_cancelled(rough: Site) -> None:
    away, other = rough.hosts
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    task = rough.install(environment, phases.AGAIN, mark=mark, ticks=LONG)
    for host in rough.hosts:
        task.printing("work", host)
    with cuts.away(away):
        cancel(rough, task)
        until(
            lambda: task.step("work", other), lambda s: s["status"] == "cancelled", seconds=20
        )  # without waiting for the one that is away
        assert left_over(task, other) == 0
        ended = task.ended(90)
        assert (ended["status"], ended["reason_code"]) == ("needs_attention", "ssh_unreachable")
        left = task.step("work", away)
        assert (left["status"], left["reason_code"]) == ("failed", "ssh_unreachable")
        assert left_over(task, away) > 0  # so it was right not to say it
    rough.api.post(f"{task.path}/retry")
    until(lambda: task.step("work", away), lambda s: s["status"] == "running", seconds=30)
    cancel(rough, task)
    assert task.ended(60)["status"] == "cancelled"
    assert left_over(task, away) == 0
    assert list(kept_by(away, task, mark).runs.values()) == [1]  # followed, not begun again


def going_on(_host: Host) -> AbstractContextManager[None]:
    return nullcontext()


@pytest.mark.parametrize("then", [going_on, cuts.stalled])
def test_a_transfer_ends_within_seconds(
    rough: Site, then: Callable[[Host], AbstractContextManager[None]]
) -> None:
    host, mark = rough.hosts[0], unique("mark")
    host.exec("rm", "-rf", "/var/lib/slipway/artifacts")
    sha256 = digest((rough.root / phases.artifact(phases.LARGE)).read_bytes())
    environment = rough.environment(host)
    with cuts.slow(host, packets=60):
        task = rough.install(environment, phases.LARGE, mark=mark)
        cuts.until_arrived(host, sha256, 1)
        with then(host):
            asked = time.monotonic()
            cancel(rough, task)
            ended = task.ended(60)
            took = time.monotonic() - asked
    assert (ended["status"], ended["reason_code"]) == ("cancelled", "cancelled")
    assert took < 8
    assert [step["status"] for step in ended["steps"]] == ["cancelled"] * 2
    assert not host.exec("sh", "-c", f"ls {phases.EFFECTS}/{mark} || true").stdout
