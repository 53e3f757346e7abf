"""Several releases for one target: of different services they all run, one after the other; of one
service the first that runs voids the others. Here every hint is delivered, as a worker would."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from approvals.tasks import keep_time
from config.core import threads
from config.core.leases import Lease
from config.core.models import TimelineEvent
from deployments import run
from deployments.models import DeploymentTarget, Release
from deployments.runtimes.base import Outcome
from deployments.tasks import reconcile, run_release
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.deployments.site import Site
from tests.factories.approvals import FreezeFactory
from tests.factories.core import member
from tests.factories.deployments import RevisionFactory, ServiceFactory

pytestmark = pytest.mark.django_db(transaction=True)
Hints = list[tuple[str, int]]


def of_another_service(site: Site) -> Release:
    """Sent; it waits for its approval where the site's releases do."""
    service = ServiceFactory.make(project=site.project)
    RevisionFactory.make(service=service)
    return site.apply(site.preview(service_id=service.pk))


def approve(site: Site, *releases: Release) -> None:
    body = {"tickets": [release.approval_ticket for release in releases], "decision": "approve"}
    answer = Api(member(site.project, "approver")).post("/approvals/inbox/bulk", body).ok()
    assert [one["status"] for one in answer["results"]] == ["approved"] * len(releases)


def deliver(hints: Hints) -> None:
    while hints:
        _task, pk = hints.pop(0)
        run_release(pk)


def ended(*releases: Release) -> list[tuple[str, str]]:
    rows = Release.objects.in_bulk([release.pk for release in releases])
    return [(rows[one.pk].status, rows[one.pk].reason_code) for one in releases]


def alone(hints: Hints, runtime: RecordingRuntime) -> Callable[[Release, Lease], Outcome]:
    """For `during`: while one runs, all that are approved are tried, and none begins."""

    def during(release: Release, _lease: Lease) -> Outcome:
        begun = list(runtime.applied)
        for pk in {pk for _task, pk in hints}:
            run_release(pk)
        assert runtime.applied == begun
        assert DeploymentTarget.objects.get().active_release == release
        return Outcome()

    return during


def test_five_services_approved_in_bulk_run_one_after_the_other(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    waiting = [of_another_service(production) for _ in range(5)]
    approve(production, *waiting)
    runtime.during = alone(hints, runtime)
    deliver(hints)
    assert ended(*waiting) == [("applied", "")] * 5
    assert runtime.applied == [release.pk for release in waiting]
    assert not DeploymentTarget.objects.exclude(active_release=None).exists()
    events = TimelineEvent.objects.filter(action="release.applied").order_by("seq")
    assert list(events.values_list("resource_id", flat=True)) == runtime.applied


def test_what_found_the_target_taken_is_told_when_it_is_free(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    first, *others = (of_another_service(production) for _ in range(3))
    approve(production, first, *others)
    hints.clear()

    def during(_release: Release, _lease: Lease) -> Outcome:
        for release in others:
            assert run.run(release.pk) is False
        return Outcome()

    runtime.during = during
    run_release(first.pk)
    assert hints == [("deployments.tasks.run_release", others[0].pk)]


def test_of_two_of_one_service_the_second_is_void(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    first = production.apply(production.preview())
    second = production.apply(production.preview(variables={"TAG": "2"}))
    other = of_another_service(production)
    approve(production, first, second, other)
    deliver(hints)
    void = ("failed", "preview_mismatch")
    assert ended(first, second, other) == [("applied", ""), void, ("applied", "")]
    assert runtime.applied == [first.pk, other.pk]
    shown = production.api.get(f"/deploy/releases/{second.pk}").ok()
    assert shown["diagnostics_json"]["raw"]["data"] == {"mismatch": ["target_changed"]}


def test_the_same_content_applied_in_between_voids_it_too(production: Site, hints: Hints) -> None:
    """The recording runtime sees no difference then: it is the release that counts."""
    first, second = (production.apply(production.preview()) for _ in range(2))
    approve(production, first, second)
    deliver(hints)
    assert ended(first, second) == [("applied", ""), ("failed", "preview_mismatch")]


def test_tickets_of_other_services_stay_and_of_the_same_are_void(
    production: Site, hints: Hints
) -> None:
    first = production.apply(production.preview())
    second = production.apply(production.preview(variables={"TAG": "2"}))
    other = of_another_service(production)
    approve(production, first)
    deliver(hints)
    keep_time()
    states = [production.ticket(release).status for release in (first, second, other)]
    assert states == ["approved", "cancelled", "pending"]
    approve(production, other)
    deliver(hints)
    assert ended(other) == [("applied", "")]


def test_what_changed_on_the_hosts_is_still_seen(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    first, second = of_another_service(production), of_another_service(production)
    approve(production, first, second)
    runtime.running[second.service_id, second.target_id] = {"by": "hand"}
    deliver(hints)
    assert ended(first, second) == [("applied", ""), ("failed", "preview_mismatch")]


def test_a_failed_one_leaves_the_target_to_the_next(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    first, second = of_another_service(production), of_another_service(production)
    approve(production, first, second)
    broken = failing()
    runtime.during = lambda release, lease: (
        broken(release, lease) if release.pk == first.pk else Outcome()
    )
    deliver(hints)
    assert ended(first, second) == [("failed", "unhealthy"), ("applied", "")]


def test_a_rollback_comes_first(site: Site, runtime: RecordingRuntime, hints: Hints) -> None:
    DeploymentTarget.objects.update(auto_rollback=True)
    before = site.deploy()
    broken = site.apply(site.preview(variables={"TAG": "2"}))
    others = [of_another_service(site) for _ in range(2)]
    runtime.during = lambda release, lease: (
        failing()(release, lease) if release.pk == broken.pk else Outcome()
    )
    hints[:] = hints[:1]  # the others' are lost
    run_release(broken.pk)
    deliver(hints)
    back = Release.objects.get(rollback_of=broken)
    assert runtime.applied == [before.pk, broken.pk, back.pk, *(one.pk for one in others)]


def test_a_frozen_one_is_not_told_again_and_again(production: Site, hints: Hints) -> None:
    first, second = of_another_service(production), of_another_service(production)
    approve(production, first, second)
    FreezeFactory.make(project=production.project)
    deliver(hints)
    assert ended(first, second) == [("approved", "")] * 2
    reconcile()
    assert [pk for _task, pk in hints] == [first.pk, second.pk]


def test_a_worker_whose_clock_is_behind_does_not_hide_what_it_applied(
    production: Site, hints: Hints
) -> None:
    before = production.apply(production.preview())
    approve(production, before)
    deliver(hints)
    ahead = Release.objects.get(pk=before.pk)
    ahead.applied_at = (ahead.applied_at or ahead.created_at).replace(year=2100)
    ahead.save(update_fields=["applied_at"])
    first, second = (production.apply(production.preview()) for _ in range(2))
    approve(production, first, second)
    deliver(hints)
    assert ended(first, second) == [("applied", ""), ("failed", "preview_mismatch")]


@pytest.mark.usefixtures("postgresql")
def test_five_services_and_a_worker_for_each(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    """At once, on PostgreSQL: none is lost, and never do two run."""
    waiting = [of_another_service(production) for _ in range(5)]
    approve(production, *waiting)
    at_once = threading.Lock()

    def during(_release: Release, _lease: Lease) -> Outcome:
        assert at_once.acquire(blocking=False)
        time.sleep(0.02)
        at_once.release()
        return Outcome()

    runtime.during = during
    start = threading.Barrier(5)

    def work(message: tuple[str, int]) -> None:
        start.wait(60)
        run_release(message[1])

    rounds = 0
    while Release.objects.filter(status="approved").exists():
        rounds += 1
        assert rounds <= 10, ended(*waiting)
        if not hints:
            reconcile()
        told, hints[:] = {pk: (task, pk) for task, pk in hints}, []
        start = threading.Barrier(len(told))
        threads.each(work, told.values())
    assert ended(*waiting) == [("applied", "")] * 5
    assert sorted(runtime.applied) == [release.pk for release in waiting]
