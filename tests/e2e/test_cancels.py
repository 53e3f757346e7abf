"""Cancelling ends what runs on the hosts, all of it, and says so only where that is known."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.e2e import cuts, phases
from tests.e2e.once import kept_by
from tests.e2e.site import Site, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

LONG = 600  # ticks: nobody waits for that


def test_who_ignores_it_and_who_hides_is_ended_too(rough: Site) -> None:
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    task = rough.install(environment, phases.AGAIN, mark=mark, ticks=LONG, stubborn=True)
    for host in rough.hosts:
        task.printing("work", host)
        assert task.left_over(host) >= 3  # the script, timeout, and who left their session
    task.cancel()
    ended = task.ended(60)
    assert (ended["status"], ended["reason_code"]) == ("cancelled", "cancelled")
    for host in rough.hosts:
        step = task.step("work", host)
        assert (step["status"], step["attempt"]) == ("cancelled", 1)  # not tried again
        assert task.left_over(host) == 0
        assert list(kept_by(host, task, mark).runs.values()) == [1]


def going_on(_host: Host) -> AbstractContextManager[None]:
    return nullcontext()


@pytest.mark.parametrize("then", [going_on, cuts.stalled])
def test_a_transfer_ends_within_seconds(
    rough: Site, then: Callable[[Host], AbstractContextManager[None]]
) -> None:
    host, mark = rough.hosts[0], unique("mark")
    sha256 = phases.forget_artifact(rough.root, phases.LARGE, [host])
    environment = rough.environment(host)
    with cuts.slow(host, packets=60):
        task = rough.install(environment, phases.LARGE, mark=mark)
        cuts.until_arrived(host, sha256, 1)
        with then(host):
            asked = time.monotonic()
            task.cancel()
            ended = task.ended(60)
            took = time.monotonic() - asked
    assert (ended["status"], ended["reason_code"]) == ("cancelled", "cancelled")
    assert took < 8
    assert [step["status"] for step in ended["steps"]] == ["cancelled"] * 2
    assert not host.exec("sh", "-c", f"ls {phases.EFFECTS}/{mark} || true").stdout
