"""`POST …/cancel`: before a release runs it is over; while it runs it is told to stop."""

from __future__ import annotations

import pytest

from approvals.models import ApprovalInboxItem
from config.core.leases import Lease
from config.core.models import TimelineEvent
from deployments.models import DeploymentTarget, Release
from deployments.runtimes.base import Outcome
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.core import member

pytestmark = pytest.mark.django_db


def cancelled_events(release: Release) -> int:
    return TimelineEvent.objects.filter(action="release.cancelled", resource_id=release.pk).count()


def test_approved_and_not_started(site: Site, runtime: RecordingRuntime) -> None:
    release = site.apply(site.preview())
    body = site.api.post(f"/deploy/releases/{release.pk}/cancel").ok(202)
    assert (body["lifecycle_state"], body["reason_code"]) == ("failed", "cancelled")
    assert body["finished_at"]
    site.run(release)
    assert (release.status, runtime.applied, cancelled_events(release)) == ("failed", [], 1)


def test_waiting_for_approval(production: Site) -> None:
    release = production.apply(production.preview())
    production.api.post(f"/deploy/releases/{release.pk}/cancel").ok(202)
    release.refresh_from_db()
    assert (release.status, release.reason_code) == ("failed", "cancelled")
    assert ApprovalInboxItem.objects.get().status == "cancelled"
    approver = Api(member(production.project, "approver"))
    ticket = ApprovalInboxItem.objects.get().ticket
    approver.post(f"/approvals/inbox/{ticket}/approve").refused(409, "approval_already_decided")


def test_a_withdrawn_ticket_cancels_its_release(production: Site) -> None:
    release = production.apply(production.preview())
    ticket = production.ticket(release).ticket
    production.api.post(f"/approvals/inbox/{ticket}/cancel").ok()
    release.refresh_from_db()
    assert (release.status, release.reason_code) == ("failed", "cancelled")


def test_while_it_runs(site: Site, runtime: RecordingRuntime) -> None:
    release = site.apply(site.preview())

    def asked_to_stop(running: Release, _lease: Lease) -> Outcome:
        body = site.api.post(f"/deploy/releases/{running.pk}/cancel").ok(202)
        assert body["lifecycle_state"] == "applying"
        running.refresh_from_db()
        return Outcome("cancelled") if running.cancel_requested else Outcome()

    runtime.during = asked_to_stop
    site.run(release)
    assert (release.status, release.reason_code) == ("failed", "cancelled")
    event = TimelineEvent.objects.get(action="release.cancelled", resource_id=release.pk)
    assert event.actor == site.engineer.username
    assert DeploymentTarget.objects.get().active_release_id is None


def test_what_is_over_or_only_a_preview(site: Site) -> None:
    applied = site.deploy()
    for pk, state in ((applied.pk, "applied"), (site.preview()["release_id"], "preview")):
        data = site.api.post(f"/deploy/releases/{pk}/cancel").refused(409, "invalid_transition")
        assert data == {"from": state, "to": "failed"}
    assert not TimelineEvent.objects.filter(action="release.cancelled").exists()


def test_readers_do_not_cancel(site: Site) -> None:
    release = site.apply(site.preview())
    for role in ("viewer", "approver"):
        caller = Api(member(site.project, role))
        caller.post(f"/deploy/releases/{release.pk}/cancel").refused(403, "permission_denied")
    release.refresh_from_db()
    assert release.status == "approved"
