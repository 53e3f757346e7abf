"""Workers die all the time: every hook runs once all the same, and its log is what it said."""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Iterator

import pytest

from tests.e2e import phases, rows
from tests.e2e.fleet import Fleet
from tests.e2e.once import ran_once
from tests.e2e.site import Site, Task, unique
from tests.e2e.storm import KINDS, LONGEST, Kill, Storm, figures

pytestmark = pytest.mark.lab

AS_SHIPPED = {"SLIPWAY_LEASE_SECONDS": "30", "SLIPWAY_RECONCILE_SECONDS": "10"}
TICKS = 12  # a tenth of a second and twenty lines each
KINDS_OF_TASK = ("install", "verify", "uninstall")
MOST = 30  # kills of one task


@pytest.fixture
def storm(rough: Site, request: pytest.FixtureRequest) -> Iterator[Storm]:
    """Kills at moments that can be had again: the seed is in the output."""
    seed = secrets.randbits(32)
    _show(request, f"\nseed {seed}\n")
    assert isinstance(rough.server, Fleet)
    with rows.opened(rough.server.data_dir) as opened:
        yield Storm(rough.server, opened, random.Random(seed))  # noqa: S311 - moments


@pytest.mark.parametrize("wanted", [6, pytest.param(200, marks=pytest.mark.soak)])
def test_no_step_runs_twice(
    rough: Site, storm: Storm, wanted: int, request: pytest.FixtureRequest
) -> None:
    environment, kills = rough.environment(*rough.hosts), list[Kill]()
    while len(kills) < wanted:
        for host in rough.hosts:  # so that there is a transfer
            host.exec("rm", "-rf", "/var/lib/slipway/artifacts")
        for to_come, kind in reversed(list(enumerate(reversed(KINDS_OF_TASK)))):
            most = min(MOST, wanted - len(kills) - to_come)
            kills += hit(rough, storm, environment, kind, most, ticks=TICKS)
        _show(request, figures(kills, "a lease of 2 s"))
    assert max(kill.seconds for kill in kills) <= LONGEST


@pytest.mark.soak
def test_with_leases_as_shipped_others_take_over_in_time(
    rough: Site, storm: Storm, request: pytest.FixtureRequest
) -> None:
    assert isinstance(rough.server, Fleet)
    quick = rough.server.settings("SLIPWAY_LEASE_SECONDS", "SLIPWAY_RECONCILE_SECONDS")
    rough.server.restart(**AS_SHIPPED)
    try:
        environment = rough.environment(*rough.hosts)
        kills = hit(rough, storm, environment, "install", 2 * len(KINDS), ticks=100)
        kills += hit(rough, storm, environment, "uninstall", len(KINDS), ticks=300)
    finally:
        rough.server.restart(**quick)
    _show(request, figures(kills, "a lease of 30 s"))
    assert len(kills) >= 2 * len(KINDS)
    assert max(kill.seconds for kill in kills) <= LONGEST


def hit(
    site: Site, storm: Storm, environment: int, kind: str, most: int, *, ticks: int
) -> list[Kill]:
    """A task that is hit at most so often, and has done everything once at its end."""
    mark = unique(kind)
    preview = site.preview(environment, phases.PHASES, kind=kind, mark=mark, ticks=ticks)
    task: Task = site.start(environment, preview)
    kills = list(storm.over(task.id, most))
    task.succeeded(300)
    ran_once(task, site.hosts, mark)
    assert storm.rows.run(task.id).fence >= 1 + len(kills)
    return kills


def _show(request: pytest.FixtureRequest, text: str) -> None:
    """Past pytest, who would show it only of a test that fails."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture
    with capture.global_and_fixture_disabled():
        sys.stdout.write(text)
        sys.stdout.flush()
