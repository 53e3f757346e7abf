"""A host stays away for longer than it is waited for: its steps fail, the other goes on as the plan
says, and what went on without us is followed when it is back, never begun again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.demo.api import until
from tests.e2e import cuts, phases
from tests.e2e.fleet import Fleet
from tests.e2e.once import kept_by, ran_once
from tests.e2e.site import Site, Task, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

PATIENCE = "SLIPWAY_HOST_PATIENCE_SECONDS"
TICKS = 40  # a tenth of a second each
FOLLOWED = Counter(started=2, failed=1, succeeded=1)


@pytest.fixture(scope="module")
def impatient(rough: Site) -> Iterator[Site]:
    """It waits for a host for eight seconds."""
    assert isinstance(rough.server, Fleet)
    as_before = rough.server.settings(PATIENCE)
    rough.server.restart(**{PATIENCE: "8"})
    yield rough
    rough.server.restart(**as_before)


def unreachable(task: Task, hook: str, host: Host) -> int:
    """The step, that failed as its host was out of reach."""
    step = task.step(hook, host)
    assert (step["status"], step["reason_code"]) == ("failed", "ssh_unreachable")
    return int(step["id"])


@pytest.mark.parametrize(
    ("on_failure", "rest"),
    [("continue", "succeeded"), pytest.param("stop", "skipped", marks=pytest.mark.soak)],
)
def test_what_went_on_is_followed(impatient: Site, on_failure: str, rest: str) -> None:
    away, other = impatient.hosts
    mark = unique("mark")
    environment = impatient.environment(away, other)
    preview = impatient.preview(
        environment, phases.PHASES, mark=mark, ticks=TICKS, on_failure=on_failure
    )
    task = impatient.start(environment, preview)
    task.printing("work", away)
    with cuts.away(away):
        ended = task.ended(150)
        assert (ended["status"], ended["reason_code"]) == ("failed", "ssh_unreachable")
        left = unreachable(task, "work", away)
        assert task.step("work", other)["status"] == "succeeded"
        assert task.step("proof", other)["status"] == rest
        assert task.step("proof", away)["status"] == "skipped"
    task.retry()
    task.succeeded(120)
    ran_once(task, impatient.hosts, mark, {left: FOLLOWED})


def test_a_transfer_goes_on_with_what_arrived(impatient: Site) -> None:
    host, mark = impatient.hosts[0], unique("mark")
    sha256 = phases.forget_artifact(impatient.root, phases.LARGE, [host])
    task = impatient.install(impatient.environment(host), phases.LARGE, mark=mark)
    with cuts.away_when_arrived(host, sha256, phases.LARGE_BYTES // 3) as arrived:
        ended = task.ended(120)
        assert (ended["status"], ended["reason_code"]) == ("failed", "ssh_unreachable")
        left = unreachable(task, "transfer", host)
    before = cuts.bytes_received(host)
    task.retry()
    task.succeeded(60)
    ran_once(task, [host], mark, {left: FOLLOWED})
    received = cuts.bytes_received(host) - before
    assert received < phases.LARGE_BYTES - arrived + 0.1 * phases.LARGE_BYTES


def test_what_can_not_be_asked_is_not_called_cancelled(impatient: Site) -> None:
    away, other = impatient.hosts
    mark = unique("mark")
    environment = impatient.environment(away, other)
    task = impatient.install(environment, phases.AGAIN, mark=mark, ticks=600)
    for host in impatient.hosts:
        task.printing("work", host)
    with cuts.away(away):
        task.cancel()
        # Whom one can ask is not held up.
        until(lambda: task.step("work", other)["status"], "cancelled".__eq__, seconds=20)
        assert task.left_over(other) == 0
        ended = task.ended(90)
        assert (ended["status"], ended["reason_code"]) == ("needs_attention", "ssh_unreachable")
        unreachable(task, "work", away)
        assert task.left_over(away) > 0  # so it was right not to say it
    task.retry()
    until(lambda: task.step("work", away)["status"], "running".__eq__, seconds=30)
    task.cancel()
    assert task.ended(60)["status"] == "cancelled"
    assert task.left_over(away) == 0
    assert list(kept_by(away, task, mark).runs.values()) == [1]  # followed, not begun again
