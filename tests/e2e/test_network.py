"""The network goes away while a step runs, and comes back: the step and its log don't notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e import cuts, processes
from tests.e2e.site import Site, unique
from tests.e2e.test_worker_dies import LINES, ran_once
from tests.lab import Host

pytestmark = pytest.mark.lab


def silence(host: Host) -> None:
    with cuts.silent(host):
        cuts.pause(4)


def broken_sessions_and_silence(host: Host) -> None:
    with cuts.away(host):
        cuts.pause(4)


@pytest.mark.parametrize("cut", [silence, cuts.break_sessions, broken_sessions_and_silence])
def test_the_step_ends_and_its_log_is_whole(site: Site, cut: Callable[[Host], None]) -> None:
    host, mark = site.hosts[0], unique("mark")
    worker = processes.worker_of(site.server.process.pid)
    task = site.install(site.environment(host), mark=mark, lines=LINES)
    task.printing("work", host)
    cut(host)
    task.succeeded()
    ran_once(task, host, mark)
    assert processes.worker_of(site.server.process.pid) == worker
