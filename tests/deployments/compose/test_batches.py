"""Hosts switch in batches, in their order; the first batch with a failure is the last one."""

from __future__ import annotations

from typing import Any

import pytest

from config.core import leases
from config.core.errors import SSHUnreachable
from deployments.models import Release, ReleaseStep
from deployments.runtimes.base import Outcome
from deployments.runtimes.compose.apply import Apply
from environments.models import HostStep, StepStatus
from environments.ssh.pool import ConnectionPool
from environments.steps import Script, StepRunner
from tests.factories.deployments import ReleaseFactory, TargetFactory
from tests.factories.environments import NodeFactory

pytestmark = pytest.mark.django_db(transaction=True)

Done = tuple[str, str]  # verb, node


class HostsInMemory:
    """Stands in for hosts: says in which order steps ran there, and lets some fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, failing: set[Done]) -> None:
        self.began: list[Done] = []
        self.at_once = 0
        self.switched: dict[Done, bool] = {}
        self._running: set[str] = set()
        self._failing = failing
        monkeypatch.setattr(StepRunner, "execute", self._execute)
        monkeypatch.setattr(ConnectionPool, "get", self._unreachable)

    def _execute(self, step: HostStep, script: Script) -> str:
        done = (step.hook, step.node.name)
        self.began.append(done)
        self.switched[done] = script.env["SLIPWAY_SWITCHED"] == "yes"
        status = StepStatus.FAILED if done in self._failing else StepStatus.SUCCEEDED
        reason = "step_failed" if done in self._failing else ""
        changes = {"status": status, "reason_code": reason, "started_at": "2026-01-01T00:00Z"}
        ReleaseStep.objects.filter(pk=step.pk).update(**changes)
        for name, value in changes.items():
            setattr(step, name, value)
        return str(status)

    @staticmethod
    def _unreachable(_pool: ConnectionPool, _login: object) -> Any:
        raise SSHUnreachable("Nobody there")

    def nodes(self, verb: str) -> list[str]:
        return [node for each, node in self.began if each == verb]


def release(*, hosts: int, max_parallel: int) -> Release:
    target = TargetFactory.make(max_parallel=max_parallel)
    for number in range(1, hosts + 1):
        NodeFactory.make(environment=target.environment, name=f"host-{number}")
    previous = ReleaseFactory.make(target=target, status="applied")
    return ReleaseFactory.make(
        target=target, service=previous.service, previous=previous, status="applying"
    )


def apply(row: Release) -> Outcome:
    with leases.held(Release, row.pk) as lease:
        assert lease
        return Apply(row, lease, ConnectionPool()).to_the_end()


@pytest.mark.parametrize(("max_parallel", "batches"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1])])
def test_every_host_in_its_batch(
    monkeypatch: pytest.MonkeyPatch, max_parallel: int, batches: list[int]
) -> None:
    hosts = HostsInMemory(monkeypatch, failing=set())
    assert apply(release(hosts=5, max_parallel=max_parallel)) == Outcome()
    switched = hosts.nodes("switch")
    first = 0
    for size in batches:  # within a batch hosts are not in an order
        expected = {f"host-{number}" for number in range(first + 1, first + size + 1)}
        assert set(switched[first : first + size]) == expected
        first += size
    last_staged = max(index for index, (verb, _) in enumerate(hosts.began) if verb == "stage")
    assert last_staged < hosts.began.index(("switch", switched[0]))
    assert hosts.nodes("restore") == []


def test_the_first_failure_stops_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = HostsInMemory(monkeypatch, failing={("switch", "host-3")})
    row = release(hosts=5, max_parallel=1)
    outcome = apply(row)
    assert (outcome.reason_code, outcome.restored) == ("unhealthy", True)
    assert hosts.nodes("switch") == ["host-1", "host-2", "host-3"]
    assert sorted(hosts.nodes("restore")) == [f"host-{number}" for number in range(1, 6)]
    touched = {node for (verb, node), was in hosts.switched.items() if verb == "restore" and was}
    assert touched == {"host-1", "host-2", "host-3"}
    assert outcome.diagnostics
    hint = outcome.diagnostics["summary"]["hint"]
    assert hint.endswith("What ran before was restored on host-1, host-2, host-3.")


def test_a_batch_comes_to_its_end_before_its_failure_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts = HostsInMemory(monkeypatch, failing={("switch", "host-1")})
    apply(release(hosts=4, max_parallel=2))
    assert set(hosts.nodes("switch")) == {"host-1", "host-2"}


def test_a_failure_before_any_switch_touches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = HostsInMemory(monkeypatch, failing={("stage", "host-2")})
    outcome = apply(release(hosts=3, max_parallel=3))
    assert outcome.reason_code == "step_failed"
    assert hosts.nodes("switch") == []
    assert not any(hosts.switched.values())
    assert outcome.diagnostics
    assert "No host was switched" in outcome.diagnostics["summary"]["hint"]


def test_what_could_not_be_restored_needs_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = {("switch", "host-1"), ("restore", "host-1")}
    outcome = apply_with(monkeypatch, failing)
    assert (outcome.reason_code, outcome.restored) == ("needs_attention", False)
    assert outcome.diagnostics
    assert outcome.diagnostics["raw"]["restored"] is False
    assert "look at the hosts" in outcome.diagnostics["summary"]["hint"]


def test_a_restore_that_its_host_lost_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = HostsInMemory(monkeypatch, failing={("switch", "host-1")})
    lost: list[int] = []

    def loses(step: HostStep, script: Script) -> str:
        status = hosts._execute(step, script)
        if step.hook == "restore" and not lost:
            lost.append(step.attempt)
            step.status, step.reason_code = StepStatus.FAILED, "worker_lost"
            step.save()
        return status

    monkeypatch.setattr(StepRunner, "execute", lambda _self, step, script: loses(step, script))
    row = release(hosts=1, max_parallel=1)
    outcome = apply(row)
    assert (outcome.reason_code, outcome.restored) == ("unhealthy", True)
    assert hosts.nodes("restore") == ["host-1", "host-1"]
    assert row.steps.get(hook="restore").attempt == 2


def apply_with(monkeypatch: pytest.MonkeyPatch, failing: set[Done]) -> Outcome:
    HostsInMemory(monkeypatch, failing=failing)
    return apply(release(hosts=1, max_parallel=1))


def test_another_worker_goes_on_where_the_first_one_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts = HostsInMemory(monkeypatch, failing=set())
    row = release(hosts=3, max_parallel=1)

    def dies(step: HostStep, script: Script) -> str:
        if (step.hook, step.node.name) == ("switch", "host-2"):
            raise leases.LeaseLost("killed")
        return hosts._execute(step, script)

    monkeypatch.setattr(StepRunner, "execute", lambda _self, step, script: dies(step, script))
    with pytest.raises(leases.LeaseLost):
        apply(row)
    monkeypatch.setattr(StepRunner, "execute", hosts._execute)
    assert apply(Release.objects.get(pk=row.pk)) == Outcome()
    assert hosts.nodes("switch") == ["host-1", "host-2", "host-3"]
    assert len(hosts.nodes("stage")) == 3


def test_each_step_says_in_the_log_where_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    HostsInMemory(monkeypatch, failing=set())
    row = release(hosts=1, max_parallel=1)
    apply(row)
    step = row.steps.get(hook="stage")
    text = b"== stage on host-1 ==\n"
    assert (step.log_bytes, step.attempt_offset) == (len(text), len(text))
