"""One of two hosts is cut off: its step and its transfer go on where they were, or its steps fail;
the other goes on as the plan says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.e2e import cuts, phases
from tests.e2e.once import ran_once
from tests.e2e.site import Site, Task, unique
from tests.environments.bundles.roots import digest
from tests.lab import Host

pytestmark = pytest.mark.lab

TICKS = 40  # a tenth of a second each
FOLLOWED = Counter(started=2, failed=1, succeeded=1)
ARTIFACTS = "/var/lib/slipway/artifacts"


def silence(host: Host) -> None:
    with cuts.silent(host):
        cuts.pause(20)


def no_sshd(host: Host) -> None:
    cuts.kill_sshd(host)
    cuts.pause(1)


def away(host: Host) -> None:
    with cuts.away(host):
        cuts.pause(12)


@pytest.mark.parametrize("cut", [silence, no_sshd, away])
def test_a_step_goes_on_where_it_was(rough: Site, cut: Callable[[Host], None]) -> None:
    cut_off, other = rough.hosts
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    task = rough.install(environment, phases.PHASES, mark=mark, ticks=TICKS)
    task.printing("work", cut_off)
    cut(cut_off)
    if cut is not no_sshd:
        assert task.step("work", other)["status"] == "succeeded"
        assert task.step("settings", other)["status"] == "pending"  # waits for both
    task.succeeded(180)
    ran_once(task, rough.hosts, mark)


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_who_stays_away_fails_and_is_followed_when_it_is_back(rough: Site, on_failure: str) -> None:
    cut_off, other = rough.hosts
    mark = unique("mark")
    environment = rough.environment(*rough.hosts)
    preview = rough.preview(
        environment, phases.PHASES, mark=mark, ticks=TICKS, on_failure=on_failure
    )
    task = rough.start(environment, preview)
    task.printing("work", cut_off)
    with cuts.away(cut_off):
        ended = task.ended(150)
        assert (ended["status"], ended["reason_code"]) == ("failed", "ssh_unreachable")
        left = task.step("work", cut_off)
        assert (left["status"], left["reason_code"]) == ("failed", "ssh_unreachable")
        goes_on = "succeeded" if on_failure == "continue" else "skipped"
        assert task.step("work", other)["status"] == "succeeded"
        assert task.step("proof", other)["status"] == goes_on
        assert task.step("proof", cut_off)["status"] == "skipped"
    rough.api.post(f"{task.path}/retry")
    task.succeeded(120)
    ran_once(task, rough.hosts, mark, {left["id"]: FOLLOWED})


@pytest.fixture
def nothing_sent(rough: Site) -> None:
    for host in rough.hosts:
        host.exec("rm", "-rf", ARTIFACTS)


def started(site: Site, mark: str, *hosts: Host) -> Task:
    return site.install(site.environment(*hosts), phases.LARGE, mark=mark)


def broken_off(host: Host, sha256: str, size: int) -> int:
    with cuts.away_when_arrived(host, sha256, size) as arrived:
        cuts.pause(5)
    return arrived


def switched_off(host: Host, sha256: str, size: int) -> int:
    with cuts.away_when_arrived(host, sha256, size) as arrived:
        pass
    host.lose_power()
    return arrived


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize("cut", [broken_off, switched_off])
def test_a_transfer_goes_on_with_what_arrived(
    rough: Site, cut: Callable[[Host, str, int], int]
) -> None:
    cut_off, other = rough.hosts
    mark, sha256 = unique("mark"), of_large(rough)
    before = {host.name: cuts.bytes_received(host) for host in rough.hosts}
    task = started(rough, mark, *rough.hosts)
    arrived = cut(cut_off, sha256, phases.LARGE_BYTES // 3)
    assert phases.LARGE_BYTES // 3 <= arrived < phases.LARGE_BYTES * 0.9
    task.succeeded(120)
    ran_once(task, rough.hosts, mark)
    ends = [task.step("transfer", host)["finished_at"] for host in (other, cut_off)]
    assert ends == sorted(ends)  # it did not wait
    for host in rough.hosts:
        assert host.exec("sha256sum", f"{ARTIFACTS}/{sha256}").stdout.split()[0] == sha256
        if not (host == cut_off and cut is switched_off):  # whose counters are new
            received = cuts.bytes_received(host) - before[host.name]
            assert phases.LARGE_BYTES < received < 1.5 * phases.LARGE_BYTES
    if cut is switched_off:
        rest = phases.LARGE_BYTES - arrived
        assert cuts.bytes_received(cut_off) < rest + 0.2 * phases.LARGE_BYTES


def of_large(site: Site) -> str:
    return digest((site.root / phases.artifact(phases.LARGE)).read_bytes())


@pytest.mark.usefixtures("nothing_sent")
def test_a_transfer_that_is_cut_for_too_long_goes_on_when_tried_again(rough: Site) -> None:
    host = rough.hosts[0]
    mark, sha256 = unique("mark"), of_large(rough)
    task = started(rough, mark, host)
    with cuts.away_when_arrived(host, sha256, phases.LARGE_BYTES // 3) as arrived:
        ended = task.ended(120)
        assert (ended["status"], ended["reason_code"]) == ("failed", "ssh_unreachable")
    before = cuts.bytes_received(host)
    step = task.step("transfer", host)
    rough.api.post(f"{task.path}/retry")
    task.succeeded(60)
    ran_once(task, [host], mark, {step["id"]: FOLLOWED})
    received = cuts.bytes_received(host) - before
    assert received < phases.LARGE_BYTES - arrived + 0.1 * phases.LARGE_BYTES
