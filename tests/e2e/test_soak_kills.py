"""Workers die all the time: every hook runs once all the same, and its log is what it said."""

from __future__ import annotations

import random
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e import phases
from tests.e2e.fleet import Fleet
from tests.e2e.once import ran_once
from tests.e2e.site import Site, Task, unique
from tests.e2e.storm import KINDS, LONGEST, Kill, Storm, Storms, figures

pytestmark = pytest.mark.lab

AS_SHIPPED = {"SLIPWAY_LEASE_SECONDS": "30", "SLIPWAY_RECONCILE_SECONDS": "10"}
TICKS = 15  # a tenth of a second and twenty lines each
MOST = 30  # kills of one task


@pytest.fixture
def storms(rough: Site, request: pytest.FixtureRequest) -> Storms:
    """Kills at moments that can be had again: the seed is in the output."""
    seed = secrets.randbits(32)
    show(request, f"\nseed {seed}\n")
    assert isinstance(rough.server, Fleet)
    return Storms(rough.server, random.Random(seed))  # noqa: S311 - moments


@pytest.mark.parametrize(
    ("wanted", "ticks", "at_once"),
    [(6, TICKS, 1), pytest.param(200, 3 * TICKS, 3, marks=pytest.mark.soak)],
)
def test_no_step_runs_twice(
    rough: Site,
    storms: Storms,
    wanted: int,
    ticks: int,
    at_once: int,
    request: pytest.FixtureRequest,
) -> None:
    kills: list[Kill] = []

    def one_after_the_other(storm: Storm) -> None:
        hit_tasks(rough, storm, kills, wanted, ticks=ticks)

    with storms.opened(at_once) as opened, ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one_after_the_other, opened))
    show(request, figures(kills, "a lease of 2 s"))
    assert max(kill.seconds for kill in kills) <= LONGEST


@pytest.mark.soak
def test_with_leases_as_shipped_others_take_over_in_time(
    rough: Site, storms: Storms, request: pytest.FixtureRequest
) -> None:
    kills: list[Kill] = []
    quick = storms.fleet.settings(*AS_SHIPPED)
    storms.fleet.restart(**AS_SHIPPED)
    try:
        with storms.opened(1) as [storm]:
            hit_tasks(rough, storm, kills, 3 * len(KINDS), ticks=100)
    finally:
        storms.fleet.restart(**quick)
    show(request, figures(kills, "a lease of 30 s"))
    assert max(kill.seconds for kill in kills) <= LONGEST


def hit_tasks(site: Site, storm: Storm, kills: list[Kill], wanted: int, *, ticks: int) -> None:
    """One task after the other, until there are `wanted` kills, those of other storms included."""
    environment = site.environment(*site.hosts)
    while len(kills) < wanted:
        phases.forget_artifact(site.root, phases.PHASES, site.hosts)
        for to_come, kind in ((2, "install"), (1, "verify"), (0, "uninstall")):
            most = min(MOST, wanted - len(kills) - to_come)
            kills.extend(hit(site, storm, environment, kind, most, ticks=ticks))


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


def show(request: pytest.FixtureRequest, text: str) -> None:
    """Past pytest, who would show it only of a test that fails."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture
    with capture.global_and_fixture_disabled():
        sys.stdout.write(text)
        sys.stdout.flush()
