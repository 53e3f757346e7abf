"""A release that fails and leaves its mark is rolled back by itself where its target says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from config.core.errors import SSHUnreachable, TargetNotReady
from config.core.models import TimelineEvent
from deployments import tasks
from deployments.models import Release
from deployments.runtimes.base import Outcome
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.deployments.site import Site
from tests.factories.approvals import PolicyFactory

pytestmark = pytest.mark.django_db(transaction=True)
Hints = list[tuple[str, int]]


def broken(site: Site, runtime: RecordingRuntime, *, auto: bool = True) -> Release:
    """A failed release after one that was applied; its worker has told nobody yet."""
    site.target.auto_rollback = auto
    site.target.save()
    site.deploy()
    runtime.during = failing()
    bad = site.deploy()
    runtime.during = lambda _release, _lease: Outcome()
    return bad


def rollback_of(release: Release) -> Release:
    return Release.objects.get(rollback_of=release)


def test_it_is_made_once_and_run(site: Site, runtime: RecordingRuntime, hints: Hints) -> None:
    bad = broken(site, runtime)
    for _ in range(5):
        tasks.roll_back(bad.pk)
    made = rollback_of(bad)
    assert hints.count(("deployments.tasks.run_release", made.pk)) == 1
    tasks.run_release(made.pk)
    bad.refresh_from_db()
    made.refresh_from_db()
    assert (made.status, made.source, bad.status) == ("applied", "system", "rollback")
    told = TimelineEvent.objects.filter(resource_type="release", resource_id=bad.pk)
    actions = list(told.order_by("seq").values_list("action", flat=True))
    assert actions[-3:] == [
        "release.failed",
        "release.rollback_requested",
        "release.rollback_completed",
    ]


def test_the_reconciler_makes_what_a_dead_worker_did_not(
    site: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    bad = broken(site, runtime)
    tasks.reconcile()
    assert ("deployments.tasks.roll_back", bad.pk) in hints


def test_not_where_the_target_does_not_say_so(site: Site, runtime: RecordingRuntime) -> None:
    bad = broken(site, runtime, auto=False)
    tasks.roll_back(bad.pk)
    assert not bad.rollback_due
    assert not Release.objects.filter(rollback_of=bad).exists()


def test_not_once_another_release_was_applied(site: Site, runtime: RecordingRuntime) -> None:
    """It waited for the target, say, and had it before anybody got to the rollback."""
    bad = broken(site, runtime)
    assert site.deploy().status == "applied"
    tasks.roll_back(bad.pk)
    bad.refresh_from_db()
    assert not bad.rollback_due
    assert not Release.objects.filter(rollback_of=bad).exists()
    told = TimelineEvent.objects.get(action="release.rollback_failed", resource_id=bad.pk)
    assert told.detail["reason_code"] == "preview_mismatch"


def test_not_what_was_restored_cancelled_or_the_first(
    site: Site, runtime: RecordingRuntime
) -> None:
    site.target.auto_rollback = True
    site.target.save()
    runtime.during = failing()
    assert not site.deploy().rollback_due  # there is nothing to go back to
    runtime.during = lambda _release, _lease: Outcome()
    site.deploy()
    runtime.during = lambda _release, _lease: Outcome("unhealthy", restored=True)
    assert not site.deploy().rollback_due
    runtime.during = failing("cancelled")
    assert not site.deploy().rollback_due


def test_it_is_under_the_policy_for_rollbacks(
    production: Site, runtime: RecordingRuntime, hints: Hints
) -> None:
    PolicyFactory.make(
        project=production.project, tier="production", action="apply", required_approvals=0
    )
    bad = broken(production, runtime)
    tasks.roll_back(bad.pk)
    made = rollback_of(bad)
    assert made.status == "pending_approval"
    assert ("deployments.tasks.run_release", made.pk) not in hints
    assert production.ticket(made).action == "rollback"


def test_one_that_can_not_be_made_is_told_and_not_tried_again(
    site: Site, runtime: RecordingRuntime
) -> None:
    bad = broken(site, runtime)
    runtime.unready = TargetNotReady(reasons=["The hosts are away"])
    tasks.roll_back(bad.pk)
    bad.refresh_from_db()
    assert not bad.rollback_due
    event = TimelineEvent.objects.get(action="release.rollback_failed", resource_id=bad.pk)
    assert event.detail["reason_code"] == "target_not_ready"


def test_where_nothing_can_be_reached_it_is_tried_again_for_a_while(
    site: Site, runtime: RecordingRuntime
) -> None:
    bad = broken(site, runtime)
    runtime.unready = SSHUnreachable()
    tasks.roll_back(bad.pk)
    bad.refresh_from_db()
    assert bad.rollback_due
    Release.objects.filter(pk=bad.pk).update(finished_at=timezone.now() - timedelta(minutes=11))
    tasks.roll_back(bad.pk)
    bad.refresh_from_db()
    assert not bad.rollback_due
    event = TimelineEvent.objects.get(action="release.rollback_failed", resource_id=bad.pk)
    assert event.detail["reason_code"] == "ssh_unreachable"
