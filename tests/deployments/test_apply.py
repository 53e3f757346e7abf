"""`POST /deploy/releases/apply` and the run: exactly what was previewed, once, under its policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from config.core.leases import Lease
from config.core.models import TimelineEvent
from deployments import run
from deployments.models import DeploymentTarget, Release
from deployments.runtimes.base import Outcome
from deployments.tasks import reconcile
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.deployments.site import Site
from tests.factories.approvals import PolicyFactory
from tests.factories.core import ProjectFactory, UserFactory, member

pytestmark = pytest.mark.django_db
APPLY = "/deploy/releases/apply"


def actions(release: Release) -> list[str]:
    rows = TimelineEvent.objects.filter(resource_type="release", resource_id=release.pk)
    return [row.action for row in rows.order_by("seq")]


def test_without_a_policy_it_runs_at_once(
    site: Site,
    runtime: RecordingRuntime,
    hints: list[tuple[str, int]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    preview = site.preview()
    with django_capture_on_commit_callbacks(execute=True):
        release = site.apply(preview)
    assert release.status == "approved"
    assert hints == [("deployments.tasks.run_release", release.pk)]
    site.run(release)
    body = site.api.get(f"/deploy/releases/{release.pk}").ok()
    assert (body["lifecycle_state"], body["reason_code"]) == ("applied", "")
    assert body["progress"]["percent"] == 100
    assert body["applied_at"] == body["finished_at"] is not None
    assert body["duration_ms"] >= 0
    assert runtime.applied == [release.pk]
    assert actions(release) == [
        "release.previewed",
        "release.approved",
        "release.applying",
        "release.applied",
    ]
    approved = TimelineEvent.objects.get(action="release.approved")
    assert approved.detail == {"auto": True}
    target = DeploymentTarget.objects.get()
    assert (target.last_release_id, target.active_release_id, target.active_since) == (
        release.pk, None, None,
    )  # fmt: skip


def test_the_same_apply_again_is_the_same_release(site: Site, runtime: RecordingRuntime) -> None:
    preview = site.preview()
    release = site.apply(preview)
    for _ in range(2):
        again = site.api.post(APPLY, {"preview_ref": preview["preview_ref"]}).ok(200)
        assert again["release_id"] == release.pk
        site.run(release)
    assert runtime.applied == [release.pk]
    assert Release.objects.count() == 1
    assert len(actions(release)) == 4


@pytest.mark.parametrize("body", [{}, {"preview_ref": ""}, {"preview_ref": "x" * 43}])
def test_no_preview(site: Site, body: dict[str, Any]) -> None:
    site.preview()
    site.api.post(APPLY, body).refused(400, "preview_required")


def test_a_preview_of_what_the_caller_cannot_see(site: Site) -> None:
    body = {"preview_ref": site.preview()["preview_ref"]}
    for stranger in (UserFactory.make(), member(ProjectFactory.make(), "project_admin")):
        Api(stranger).post(APPLY, body).refused(400, "preview_required")


def test_a_preview_that_the_caller_sees_and_may_not_apply(site: Site) -> None:
    body = {"preview_ref": site.preview()["preview_ref"]}
    for role in ("viewer", "approver"):
        Api(member(site.project, role)).post(APPLY, body).refused(403, "permission_denied")


def test_an_old_preview(site: Site) -> None:
    preview = site.preview()
    Release.objects.update(preview_expires_at=timezone.now())
    site.api.post(APPLY, {"preview_ref": preview["preview_ref"]}).refused(409, "preview_expired")
    assert Release.objects.get().status == "preview"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service_id", 10**9),
        ("target_id", 10**9),
        ("revision_id", 10**9),
        ("strategy", "recreate"),
        ("variables", {"TAG": "3"}),
        ("variables", {}),
        ("force_conflicts", True),
        ("env", "production"),
    ],
)
def test_each_parameter_has_to_be_the_previews(site: Site, name: str, value: Any) -> None:
    preview = site.preview(variables={"TAG": "2"})
    body = {"preview_ref": preview["preview_ref"], name: value}
    data = site.api.post(APPLY, body).refused(409, "preview_mismatch")
    assert data == {"mismatch": [name]}
    assert Release.objects.get().status == "preview"


def test_every_difference_is_named(site: Site) -> None:
    preview = site.preview()
    body = {"preview_ref": preview["preview_ref"], "strategy": "recreate", "env": "staging"}
    assert site.api.post(APPLY, body).refused(409, "preview_mismatch") == {
        "mismatch": ["strategy", "env"]
    }


def test_the_same_parameters_repeated_are_fine(site: Site) -> None:
    given = {"variables": {"TAG": "2"}, "strategy": "recreate", "env": "development"}
    preview = site.preview(**given)
    body = {
        "preview_ref": preview["preview_ref"],
        "service_id": site.service.pk,
        "target_id": site.target.pk,
        "revision_id": preview["revision"]["id"],
        "force_conflicts": False,
        **given,
    }
    assert site.api.post(APPLY, body).ok(202)["lifecycle_state"] == "approved"


def test_another_release_was_applied_since(site: Site) -> None:
    first, second = site.preview(), site.preview()
    site.run(site.apply(first))
    data = site.api.post(APPLY, {"preview_ref": second["preview_ref"]}).refused(
        409, "preview_mismatch"
    )
    assert data == {"mismatch": ["target_changed"]}


def test_what_runs_there_changed_before_the_run(site: Site, runtime: RecordingRuntime) -> None:
    release = site.apply(site.preview())
    runtime.running[site.service.pk, site.target.pk] = {"services": {"odd": {}}}
    site.run(release)
    assert (release.status, release.reason_code) == ("failed", "preview_mismatch")
    assert runtime.applied == []
    diagnostics = site.api.get(f"/deploy/releases/{release.pk}/diagnostics").ok()
    assert diagnostics["summary"]["code"] == "preview_mismatch"
    assert diagnostics["raw"]["data"] == {"mismatch": ["target_changed"]}


def test_two_approved_releases_of_one_target(site: Site, runtime: RecordingRuntime) -> None:
    """Both were previewed on the same base: the second would not do what its preview said."""
    first, second = site.apply(site.preview()), site.apply(site.preview())
    site.run(first)
    site.run(second)
    assert (first.status, second.status, second.reason_code) == (
        "applied", "failed", "preview_mismatch",
    )  # fmt: skip
    assert runtime.applied == [first.pk]


def test_the_target_is_taken(site: Site, runtime: RecordingRuntime) -> None:
    first, waiting, late = site.preview(), site.preview(), site.preview()
    holder, approved = site.apply(first), site.apply(waiting)
    seen: list[Any] = []

    def while_applying(_release: Release, _lease: Lease) -> Outcome:
        run.run(approved.pk)  # the other's hint comes now
        approved.refresh_from_db()
        refused = site.api.post(APPLY, {"preview_ref": late["preview_ref"]})
        seen.append((approved.status, refused.refused(409, "release_locked")))
        return Outcome()

    runtime.during = while_applying
    site.run(holder)
    [(status, data)] = seen
    assert status == "approved"
    assert data["release_id"] == holder.pk
    assert data["since"]
    assert runtime.applied == [holder.pk]


def test_a_failure_frees_the_target_and_has_diagnostics(
    site: Site, runtime: RecordingRuntime
) -> None:
    runtime.during = failing("unhealthy")
    release = site.deploy()
    body = site.api.get(f"/deploy/releases/{release.pk}").ok()
    assert (body["lifecycle_state"], body["reason_code"]) == ("failed", "unhealthy")
    assert body["applied_at"] is None
    assert body["diagnostics_json"]["summary"]["code"] == "probe_failing"
    bare = site.api.get(f"/deploy/releases/{release.pk}/diagnostics").ok()
    assert bare == body["diagnostics_json"]
    target = DeploymentTarget.objects.get()
    assert (target.active_release_id, target.last_release_id) == (None, None)
    assert actions(release)[-1] == "release.failed"
    runtime.during = lambda _release, _lease: Outcome()
    assert site.deploy().status == "applied"


def test_a_run_that_breaks_off_needs_attention(site: Site, runtime: RecordingRuntime) -> None:
    def breaks(_release: Release, _lease: Lease) -> Outcome:
        raise RuntimeError("a bug")

    runtime.during = breaks
    release = site.deploy()
    assert (release.status, release.reason_code) == ("failed", "needs_attention")
    assert DeploymentTarget.objects.get().active_release_id is None


def test_diagnostics_only_of_what_failed_while_it_ran(site: Site) -> None:
    release = site.deploy()
    site.api.get(f"/deploy/releases/{release.pk}/diagnostics").refused(404, "not_found")


def test_production_waits_for_its_approval(production: Site, runtime: RecordingRuntime) -> None:
    preview = production.preview()
    body = production.api.post(APPLY, {"preview_ref": preview["preview_ref"]}).ok(202)
    release = Release.objects.get()
    item = production.ticket(release)
    assert (body["lifecycle_state"], body["approval_required"], body["approval_status"]) == (
        "pending_approval", True, "pending",
    )  # fmt: skip
    assert body["approval_ticket"] == item.ticket
    assert item.content_hash == body["context_hash"]
    production.run(release)
    assert (release.status, runtime.applied) == ("pending_approval", [])
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{item.ticket}/approve").ok()
    production.run(release)
    assert release.status == "applied"
    assert actions(release) == [
        "release.previewed",
        "release.pending_approval",
        "release.approved",
        "release.applying",
        "release.applied",
    ]
    assert (
        production.api.get(f"/deploy/releases/{release.pk}").ok()["approval_status"] == "approved"
    )
    told = production.api.get(f"/deploy/releases/{release.pk}/timeline").results
    assert {event["action"] for event in told} == {
        *actions(release),
        "approval.created",
        "approval.approved",
    }


def test_a_rejection_ends_it(production: Site, runtime: RecordingRuntime) -> None:
    release = production.apply(production.preview())
    item = production.ticket(release)
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{item.ticket}/reject", {"comment": "Not now"}).ok()
    production.run(release)
    assert (release.status, release.reason_code) == ("failed", "approval_rejected")
    assert release.finished_at is not None
    assert actions(release)[-1] == "release.rejected"
    assert runtime.applied == []


def test_an_expired_ticket_ends_it(production: Site) -> None:
    release = production.apply(production.preview())
    item = production.ticket(release)
    item.expires_at = timezone.now() - timedelta(seconds=1)
    item.save()
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{item.ticket}/approve").refused(409, "approval_ticket_expired")
    release.refresh_from_db()
    assert (release.status, release.reason_code) == ("failed", "approval_ticket_expired")
    assert actions(release)[-1] == "release.failed"


def test_whoever_asked_or_previewed_does_not_approve(production: Site) -> None:
    admin = member(production.project, "project_admin")
    preview = production.preview()  # the engineer's
    sent = Api(admin).post(APPLY, {"preview_ref": preview["preview_ref"]}).ok(202)
    assert sent["requested_by"] == admin.username
    item = production.ticket(Release.objects.get())
    for involved in (admin, production.engineer):
        Api(involved).post(f"/approvals/inbox/{item.ticket}/approve").refused(
            403, "approval_self_review" if involved == admin else "permission_denied"
        )
    assert production.engineer in item.excluded.all()


def test_an_approval_for_later_runs_later(production: Site, runtime: RecordingRuntime) -> None:
    release = production.apply(production.preview())
    item = production.ticket(release)
    later = timezone.now() + timedelta(hours=1)
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{item.ticket}/approve", {"apply_at": later.isoformat()}).ok()
    production.run(release)
    assert (release.status, release.start_after, runtime.applied) == ("approved", later, [])
    Release.objects.update(start_after=timezone.now())
    assert production.run(release).status == "applied"


def test_a_policy_that_waits_for_one_more_apply(
    production: Site, runtime: RecordingRuntime, hints: list[tuple[str, int]]
) -> None:
    PolicyFactory.make(project=production.project, tier="production", auto_apply=False)
    preview = production.preview()
    release = production.apply(preview)
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{production.ticket(release).ticket}/approve").ok()
    reconcile()
    production.run(release)
    assert (release.status, hints, runtime.applied) == ("approved", [], [])
    production.api.post(APPLY, {"preview_ref": preview["preview_ref"]}).ok(200)
    assert production.run(release).status == "applied"


def test_the_reconciler_repeats_hints_for_what_is_due(
    site: Site, production: Site, hints: list[tuple[str, int]]
) -> None:
    due = site.apply(site.preview())
    production.apply(production.preview())  # waits for its approval
    later = site.apply(site.preview())
    Release.objects.filter(pk=later.pk).update(start_after=timezone.now() + timedelta(hours=1))
    lost = site.apply(site.preview())
    Release.objects.filter(pk=lost.pk).update(status="applying")
    held = site.apply(site.preview())
    Release.objects.filter(pk=held.pk).update(
        status="applying", lease_expires_at=timezone.now() + timedelta(seconds=30)
    )
    hints.clear()
    reconcile()
    assert sorted(hints) == [("deployments.tasks.run_release", pk) for pk in (due.pk, lost.pk)]


def test_events_count_transitions(site: Site, runtime: RecordingRuntime) -> None:
    """Every transition has its event: as many as edges walked, `previewed` for the first state."""
    site.deploy()
    runtime.during = failing()
    site.deploy()
    runtime.during = lambda _release, _lease: Outcome()
    cancelled = site.apply(site.preview())
    site.api.post(f"/deploy/releases/{cancelled.pk}/cancel").ok(202)
    walked = {"applied": 4, "failed": 4}
    expected = sum(
        3 if release.pk == cancelled.pk else walked[release.status]
        for release in Release.objects.all()
    )
    assert TimelineEvent.objects.filter(resource_type="release").count() == expected == 11
