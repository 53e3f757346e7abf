"""kill -9 of whoever follows a step: it runs once, and its log is complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e import processes, roots
from tests.e2e.site import Site, Task, unique
from tests.environments.bundles.roots import digest
from tests.lab import Host

pytestmark = pytest.mark.lab

LINES = 60  # a tenth of a second each


def the_worker_and_its_pool(site: Site, _host: Host) -> None:
    worker = processes.worker_of(site.server.process.pid)
    processes.kill(worker, *processes.children(worker))


def the_pool_child_that_follows(site: Site, host: Host) -> None:
    worker = processes.worker_of(site.server.process.pid)
    processes.kill(processes.pool_child_talking_to(worker, host.address))


def the_whole_server(site: Site, _host: Host) -> None:
    """The parent alone is killed: nothing of it may be left, and it is started again."""
    all_of_it = processes.descendants(site.server.process.pid)
    site.server.process.kill()
    site.server.process.wait()
    processes.gone(all_of_it, seconds=3)  # the step has longer to go
    site.server.start()


@pytest.mark.parametrize(
    "kill",
    [
        the_worker_and_its_pool,
        the_pool_child_that_follows,
        the_whole_server,
    ],
)
def test_a_step_goes_on_and_is_taken_over(site: Site, kill: Callable[[Site, Host], None]) -> None:
    host, mark = site.hosts[0], unique("mark")
    task = site.install(site.environment(host), mark=mark, lines=LINES)
    task.printing("work", host)
    kill(site, host)
    task.succeeded()
    ran_once(task, host, mark)


def ran_once(task: Task, host: Host, mark: str) -> None:
    """One effect on the host, one attempt, one start and one end told, every byte of the log."""
    assert len(host.exec("cat", f"{roots.EFFECTS}/{mark}").stdout.splitlines()) == 1
    step = task.step("work", host)
    assert step["attempt"] == 1
    told = [
        event["action"].rpartition("_")[2]
        for event in reversed(task.events())
        if event["detail"].get("step_id") == step["id"]
    ]
    assert told == ["started", "succeeded"]
    stored = task.log(step)
    assert stored.endswith(b"line %d\n" % LINES)
    assert b"no text: \xff\xfe\0, text: \xc3\xa4\n" in stored
    out = f"{task.run_directory(step)}/out"
    assert host.exec("sha256sum", out).stdout.split()[0] == digest(stored)
