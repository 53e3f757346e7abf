"""A release and its ticket: what people decide, what time does, and what the run makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.models import ApprovalInboxItem
from approvals.tasks import keep_time
from config.core.models import TimelineEvent, User
from config.core.secrets import Secret
from deployments.models import Release
from deployments.pinning import context_hash
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.approvals import FreezeFactory, PolicyFactory, overdue
from tests.factories.core import member

pytestmark = pytest.mark.django_db


def told(release: Release) -> list[str]:
    rows = TimelineEvent.objects.filter(resource_type="release", resource_id=release.pk)
    return [row.action for row in rows.order_by("seq")]


def path(site: Site, release: Release, verb: str) -> str:
    return f"/approvals/inbox/{site.ticket(release).ticket}/{verb}"


def approver(site: Site) -> Api:
    return Api(member(site.project, "approver"))


def test_of_two_that_wait_the_second_is_void_when_the_first_was_applied(production: Site) -> None:
    first = production.apply(production.preview())
    second = production.apply(production.preview(variables={"TAG": "2"}))
    approver(production).post(path(production, first, "approve")).ok()
    keep_time()
    assert production.ticket(second).status == "pending"
    assert production.run(first).status == "applied"
    keep_time()
    second.refresh_from_db()
    assert (second.status, second.reason_code) == ("failed", "preview_mismatch")
    assert told(second)[-1] == "release.cancelled"
    shown = production.api.get(f"/deploy/releases/{second.pk}").ok()
    assert (shown["approval_status"], shown["lifecycle_state"]) == ("cancelled", "failed")
    body = production.api.get(f"/approvals/inbox/{second.approval_ticket}").ok()
    assert "target_changed" in body["actions"][-1]["comment"]


def test_an_approver_who_is_quicker_than_the_clock_is_told(production: Site) -> None:
    first = production.apply(production.preview())
    second = production.apply(production.preview(variables={"TAG": "2"}))
    approver(production).post(path(production, first, "approve")).ok()
    production.run(first)
    late = approver(production).post(path(production, second, "approve"))
    assert late.refused(409, "preview_mismatch")["mismatch"] == ["target_changed"]
    second.refresh_from_db()
    assert (second.status, second.reason_code) == ("failed", "preview_mismatch")


def test_one_changed_byte_between_approval_and_run(
    production: Site, runtime: RecordingRuntime
) -> None:
    release = production.apply(production.preview())
    approver(production).post(path(production, release, "approve")).ok()
    release.refresh_from_db()
    release.content = Secret('{"services": {"other": {}}}')
    release.save(update_fields=["content"])
    assert production.run(release).status == "failed"
    assert release.reason_code == "preview_mismatch"
    told_why = release.diagnostics_json or {}
    assert told_why["raw"]["data"] == {"mismatch": ["content"]}
    assert runtime.applied == []


def test_an_override_by_the_approver_is_the_runs(production: Site) -> None:
    release = production.apply(production.preview())
    FreezeFactory.make(project=production.project)
    boss = Api(member(production.project, "project_admin"))
    boss.post(path(production, release, "approve")).refused(409, "freeze_active")
    reason = {"freeze_override": "A fix for the outage"}
    boss.post(path(production, release, "approve"), reason).ok()
    release.refresh_from_db()
    assert release.freeze_override == reason["freeze_override"]
    assert production.run(release).status == "applied"


def test_it_is_not_run_before_its_time(production: Site) -> None:
    release = production.apply(production.preview())
    moment = timezone.now() + timedelta(hours=2)
    body = {"apply_at": moment.isoformat()}
    approver(production).post(path(production, release, "approve"), body).ok()
    assert production.run(release).status == "approved"
    Release.objects.filter(pk=release.pk).update(start_after=timezone.now())
    assert production.run(release).status == "applied"


def test_a_broken_glass_runs_it_in_a_freeze_without_votes(production: Site) -> None:
    PolicyFactory.make(project=production.project, tier="production", required_approvals=2)
    release = production.apply(production.preview())
    FreezeFactory.make(project=production.project)
    rescuer = Api(member(production.project, "break_glass"))
    rescuer.post(path(production, release, "break-glass"), {"reason": "Outage"}).ok()
    assert production.run(release).status == "applied"
    assert "release.approved" in told(release)


def test_breaking_the_glass_does_not_lift_what_policy_forbids(
    production: Site, runtime: RecordingRuntime
) -> None:
    policy = PolicyFactory.make(project=production.project, tier="production")
    release = production.apply(production.preview())
    release.findings = [("privileged", "web runs privileged")]
    release.save(update_fields=["findings"])
    policy.forbids = ["privileged"]
    policy.save()
    rescuer = Api(member(production.project, "break_glass"))
    refused = rescuer.post(path(production, release, "break-glass"), {"reason": "Outage"})
    data = refused.refused(422, "manifest_invalid")
    assert data["errors"][0]["message"] == "web runs privileged (privileged)"
    approver(production).post(path(production, release, "approve")).refused(422, "manifest_invalid")
    assert production.ticket(release).status == "pending"
    assert production.run(release).status == "pending_approval"
    assert runtime.applied == []


def test_who_wrote_the_revision_may_not_approve_where_policy_says_so(production: Site) -> None:
    PolicyFactory.make(project=production.project, tier="production", exclude_authors=True)
    author = member(production.project, "approver")
    production.revision(created_by=author)
    release = production.apply(production.preview())
    Api(author).post(path(production, release, "approve")).refused(403, "approval_self_review")
    approver(production).post(path(production, release, "approve")).ok()


def test_platform_admins_do_not_approve_what_they_asked_for(production: Site) -> None:
    User.objects.filter(pk=production.engineer.pk).update(is_superuser=True)
    admin = Api(User.objects.get(pk=production.engineer.pk))
    preview = admin.post(
        "/deploy/releases/preview",
        {"service_id": production.service.pk, "target_id": production.target.pk},
    ).ok(201)
    sent = admin.post("/deploy/releases/apply", {"preview_ref": preview["preview_ref"]}).ok(202)
    ticket = f"/approvals/inbox/{sent['approval_ticket']}"
    admin.post(f"{ticket}/approve").refused(403, "approval_self_review")
    assert admin.get(ticket).ok()["can_review"] is False
    assert ApprovalInboxItem.objects.get().status == "pending"


@pytest.mark.parametrize("tier", ["development", "production"])
def test_a_reason_given_while_nothing_is_frozen_passes_no_later_freeze(tier: str) -> None:
    site = Site(tier)
    shown = site.preview()
    body = {"preview_ref": shown["preview_ref"], "freeze_override": "Just in case"}
    site.api.post("/deploy/releases/apply", body).ok(202)
    release = Release.objects.get(pk=shown["release_id"])
    assert release.freeze_override == ""
    if tier == "production":
        approver(site).post(path(site, release, "approve")).ok()
    FreezeFactory.make(project=site.project, tier=tier)
    assert site.run(release).status == "approved"


def test_content_and_digest_changed_together_are_not_what_was_approved(
    production: Site, runtime: RecordingRuntime
) -> None:
    release = production.apply(production.preview())
    approver(production).post(path(production, release, "approve")).ok()
    release.refresh_from_db()
    release.content = Secret('{"services": {"other": {}}}')
    release.context_hash = context_hash(release)
    release.save(update_fields=["content", "context_hash"])
    assert production.run(release).status == "failed"
    assert ((release.diagnostics_json or {})["raw"]["data"], runtime.applied) == (
        {"mismatch": ["approval"]},
        [],
    )


@pytest.mark.parametrize("change", [{"content_hash": "0" * 64}, {"status": "rejected"}])
def test_an_approval_that_is_none_any_more(
    production: Site, runtime: RecordingRuntime, change: dict[str, str]
) -> None:
    release = production.apply(production.preview())
    approver(production).post(path(production, release, "approve")).ok()
    ApprovalInboxItem.objects.update(**change)
    assert production.run(release).status == "failed"
    assert runtime.applied == []


def test_who_asks_for_the_same_again_does_not_decide_it(production: Site) -> None:
    shown = production.preview()
    release = production.apply(shown)
    boss = Api(member(production.project, "project_admin"))
    boss.post("/deploy/releases/apply", {"preview_ref": shown["preview_ref"]}).ok(200)
    boss.post(path(production, release, "approve")).refused(403, "approval_self_review")
    approver(production).post(path(production, release, "approve")).ok()


def test_a_ticket_whose_release_went_on_without_it_is_closed(production: Site) -> None:
    release = production.apply(production.preview())
    Release.objects.filter(pk=release.pk).update(status="failed")
    overdue(production.ticket(release))
    keep_time()
    assert production.ticket(release).status == "cancelled"


def test_the_one_more_apply_is_refused_in_a_freeze_or_overrides_it(production: Site) -> None:
    PolicyFactory.make(project=production.project, tier="production", auto_apply=False)
    shown = production.preview()
    release = production.apply(shown)
    approver(production).post(path(production, release, "approve")).ok()
    assert production.run(release).status == "approved"
    FreezeFactory.make(project=production.project)
    body = {"preview_ref": shown["preview_ref"]}
    production.api.post("/deploy/releases/apply", body).refused(409, "freeze_active")
    boss = Api(member(production.project, "project_admin"))
    boss.post("/deploy/releases/apply", body | {"freeze_override": "The outage"}).ok(200)
    assert production.run(release).status == "applied"


def test_a_broken_glass_is_said_on_the_release_too(production: Site) -> None:
    release = production.apply(production.preview())
    rescuer = Api(member(production.project, "break_glass"))
    rescuer.post(path(production, release, "break-glass"), {"reason": "Outage"}).ok()
    event = TimelineEvent.objects.get(action="release.approved", resource_id=release.pk)
    assert event.detail["broke_glass"] is True
