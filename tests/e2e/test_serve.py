"""`manage.py serve`: what it started ends with it, however it ends."""

from __future__ import annotations

import pytest

from tests.e2e import processes
from tests.e2e.site import Site, Task, unique

pytestmark = pytest.mark.lab

LONG = 600  # lines, a tenth of a second each: the step outlives the server


@pytest.fixture
def busy(site: Site) -> Task:
    """A step that goes on for a minute; cancelled by the test, once its server is back."""
    host = site.hosts[0]
    task = site.install(site.environment(host), mark=unique("mark"), lines=LONG)
    task.printing("work", host)
    return task


def test_sigterm_ends_it_soon_and_it_leaves_no_process(site: Site, busy: Task) -> None:
    started = processes.descendants(site.server.process.pid)
    site.server.process.terminate()
    assert site.server.process.wait(15) == 0  # the step would go on for another minute
    assert not [pid for pid in started if processes.alive(pid)]
    goes_on(site, busy)


def goes_on(site: Site, task: Task) -> None:
    """After a restart the step is followed again, and can be cancelled."""
    site.server.start()
    assert task.step("work", site.hosts[0])["status"] == "running"
    task.api.post(f"{task.path}/cancel")
    assert task.ended()["status"] == "cancelled"
