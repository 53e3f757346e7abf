"""Hosts that are restarted in the midst of a step: that is noticed, told, and made good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e import phases
from tests.e2e.once import kept_by, masked, told_of
from tests.e2e.site import Site, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

TICKS = 50  # a tenth of a second each: longer than it takes to switch a host off
TWICE = {"started": 2, "failed": 1, "succeeded": 1}
RESTARTED = b"The host was restarted while this ran: nobody knows how far it got.\n"


@pytest.mark.parametrize(
    ("restart", "ticks"),
    [(Host.lose_power, TICKS), pytest.param(Host.reboot, 3 * TICKS, marks=pytest.mark.soak)],
)
def test_nobody_knows_how_far_it_got(
    rough: Site, restart: Callable[[Host], None], ticks: int
) -> None:
    restarted, other = rough.hosts
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    task = rough.install(environment, phases.PHASES, mark=mark, ticks=ticks)
    task.printing("work", restarted)
    restart(restarted)
    ended = task.ended(120)
    assert (ended["status"], ended["reason_code"]) == ("needs_attention", "worker_lost")
    lost = task.step("work", restarted)
    assert (lost["status"], lost["reason_code"]) == ("failed", "worker_lost")
    said = masked(kept_by(restarted, task, mark).outputs[task.run_directory(lost)], whole=False)
    assert task.log(lost) == said + RESTARTED
    assert task.step("work", other)["status"] == "succeeded"
    assert task.step("proof", other)["status"] == "skipped"

    task.retry()
    task.succeeded(240)
    again = task.step("work", restarted)
    assert (again["attempt"], told_of(task)[again["id"]]) == (2, TWICE)
    kept = kept_by(restarted, task, mark)
    said_again = masked(kept.outputs[task.run_directory(again)])
    assert task.log(again) == said + RESTARTED + said_again
    assert list(kept.runs.values()) == [1] * 5  # a hook in each phase, one of them twice
    assert list(kept_by(other, task, mark).runs.values()) == [1] * 4


def test_what_may_run_again_by_itself_does(rough: Site) -> None:
    host, mark = rough.hosts[0], unique("mark")
    task = rough.install(rough.environment(host), phases.AGAIN, mark=mark, ticks=TICKS)
    task.printing("work", host)
    first = task.run_directory(task.step("work", host))
    host.lose_power()
    task.succeeded(120)
    step = task.step("work", host)
    assert (step["attempt"], told_of(task)[step["id"]]) == (2, TWICE)
    kept = kept_by(host, task, mark)
    said = masked(kept.outputs[first], whole=False)
    said_again = masked(kept.outputs[task.run_directory(step)])
    assert task.log(step) == said + RESTARTED + said_again
    assert list(kept.runs.values()) == [1, 1]
