"""One of two hosts is cut off for a while: its step and its transfer go on where they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e import cuts, phases
from tests.e2e.once import ran_once
from tests.e2e.site import Site, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

TICKS = 40  # a tenth of a second each


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


def broken_off(host: Host, sha256: str, size: int) -> int:
    with cuts.away_when_arrived(host, sha256, size) as arrived:
        cuts.pause(5)
    return arrived


def switched_off(host: Host, sha256: str, size: int) -> int:
    with cuts.away_when_arrived(host, sha256, size) as arrived:
        pass
    host.lose_power()
    return arrived


@pytest.mark.parametrize("cut", [broken_off, switched_off])
def test_a_transfer_goes_on_with_what_arrived(
    rough: Site, cut: Callable[[Host, str, int], int]
) -> None:
    cut_off, other = rough.hosts
    mark = unique("mark")
    sha256 = phases.forget_artifact(rough.root, phases.LARGE, rough.hosts)
    before = {host.name: cuts.bytes_received(host) for host in rough.hosts}
    task = rough.install(rough.environment(*rough.hosts), phases.LARGE, mark=mark)
    arrived = cut(cut_off, sha256, phases.LARGE_BYTES // 3)
    assert phases.LARGE_BYTES // 3 <= arrived < phases.LARGE_BYTES * 0.9
    task.succeeded(120)
    ran_once(task, rough.hosts, mark)
    ends = [task.step("transfer", host)["finished_at"] for host in (other, cut_off)]
    assert ends == sorted(ends)  # it did not wait
    for host in rough.hosts:
        assert host.exec("sha256sum", f"{phases.ARTIFACTS}/{sha256}").stdout.split()[0] == sha256
        if not (host == cut_off and cut is switched_off):  # whose counters are new
            received = cuts.bytes_received(host) - before[host.name]
            assert phases.LARGE_BYTES < received < 1.5 * phases.LARGE_BYTES
    if cut is switched_off:
        rest = phases.LARGE_BYTES - arrived
        assert cuts.bytes_received(cut_off) < rest + 0.2 * phases.LARGE_BYTES
