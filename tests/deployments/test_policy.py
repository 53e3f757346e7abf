"""What policy forbids is not previewed; a freeze is a risk, and stops what is not the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.models import FreezeWindow
from config.core.models import TimelineEvent
from config.core.risk import Finding, Rule
from deployments.models import Release
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.approvals import FreezeFactory, PolicyFactory
from tests.factories.core import member

pytestmark = pytest.mark.django_db


def preview_body(site: Site) -> dict[str, int]:
    return {"service_id": site.service.pk, "target_id": site.target.pk}


def freeze(site: Site) -> None:
    now = timezone.now()
    FreezeFactory.make(
        project=site.project,
        tier=site.tier,
        reason="Year's end",
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )


def test_what_policy_forbids_is_refused_with_each_reason(
    site: Site, runtime: RecordingRuntime
) -> None:
    PolicyFactory.make(
        project=site.project,
        tier=site.tier,
        action="apply",
        required_approvals=0,
        forbids=["privileged", "host_mount"],
    )
    runtime.risk = [
        Finding(Rule.PRIVILEGED, "web runs privileged"),
        Finding(Rule.HOST_MOUNT, "web mounts from the host: /etc"),
        Finding(Rule.NO_HEALTH_CHECK, "web has no health check"),
    ]
    answer = site.api.post("/deploy/releases/preview", preview_body(site))
    data = answer.refused(422, "manifest_invalid")
    assert [error["message"] for error in data["errors"]] == [
        "web runs privileged (privileged)",
        "web mounts from the host: /etc (host_mount)",
    ]
    assert not Release.objects.exists()


def test_a_policy_for_rollbacks_is_another_one(site: Site, runtime: RecordingRuntime) -> None:
    site.deploy()
    second = site.deploy()
    PolicyFactory.make(
        project=site.project,
        tier=site.tier,
        action="rollback",
        required_approvals=0,
        forbids=["privileged"],
    )
    runtime.risk = [Finding(Rule.PRIVILEGED, "web runs privileged")]
    site.preview()
    path = f"/deploy/releases/{second.pk}/rollback"
    site.api.post(path, {"reason": "It hurts"}).refused(422, "manifest_invalid")


def test_a_freeze_is_a_risk_of_the_preview_and_stops_apply(site: Site) -> None:
    freeze(site)
    shown = site.preview()
    assert "Changes are frozen: Year's end" in shown["risk"]["reasons"]
    assert shown["risk"]["level"] == "high"
    answer = site.api.post("/deploy/releases/apply", {"preview_ref": shown["preview_ref"]})
    told = answer.refused(409, "freeze_active")["freeze"]
    assert told["reason"] == "Year's end"
    assert Release.objects.get(pk=shown["release_id"]).status == "preview"


def test_an_override_takes_the_right_and_a_reason_and_is_recorded(site: Site) -> None:
    freeze(site)
    shown = site.preview()
    body = {"preview_ref": shown["preview_ref"], "freeze_override": "The shop is down"}
    site.api.post("/deploy/releases/apply", body).refused(403, "permission_denied")
    admin = Api(member(site.project, "project_admin"))
    admin.post("/deploy/releases/apply", body).ok(202)
    event = TimelineEvent.objects.get(action="break_glass.used")
    assert event.detail["reason"] == "The shop is down"


def test_a_freeze_does_not_stop_the_way_back(site: Site) -> None:
    site.deploy()
    second = site.deploy()
    freeze(site)
    assert site.rollback(second).status == "applied"


def test_a_large_change_is_a_risk(site: Site) -> None:
    services = "\n".join(f"  s{n}: {{image: 'registry.example.net/s:{n}'}}" for n in range(25))
    site.revision(manifest=f"services:\n{services}\n")
    assert "Changes 25 resources at once" in site.preview()["risk"]["reasons"]


def approved(production: Site) -> Release:
    """Approved by somebody else; not run yet."""
    release = production.apply(production.preview())
    ticket = production.ticket(release).ticket
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{ticket}/approve", {}).ok()
    return release


def test_a_freeze_that_begins_after_the_apply_holds_the_release(production: Site) -> None:
    release = approved(production)
    freeze(production)
    production.run(release)
    assert release.status == "approved"
    assert release.progress["message"] == "Frozen: Year's end"
    FreezeWindow.objects.all().delete()
    assert production.run(release).status == "applied"


def test_what_was_sent_through_a_freeze_is_not_held(site: Site) -> None:
    freeze(site)
    shown = site.preview()
    body = {"preview_ref": shown["preview_ref"], "freeze_override": "The shop is down"}
    admin = Api(member(site.project, "project_admin"))
    admin.post("/deploy/releases/apply", body).ok(202)
    release = site.run(Release.objects.get(pk=shown["release_id"]))
    assert release.status == "applied"
    event = TimelineEvent.objects.get(action="release.approved", resource_id=release.pk)
    assert event.detail["freeze_override"] == "The shop is down"


def test_what_policy_forbids_meanwhile_does_not_run(
    production: Site, runtime: RecordingRuntime
) -> None:
    runtime.risk = [Finding(Rule.PRIVILEGED, "web runs privileged")]
    release = approved(production)
    PolicyFactory.make(
        project=production.project,
        tier="production",
        action="apply",
        forbids=["privileged"],
    )
    production.run(release)
    assert (release.status, release.reason_code) == ("failed", "manifest_invalid")
    assert runtime.applied == []


def test_nor_is_it_sent(site: Site, runtime: RecordingRuntime) -> None:
    runtime.risk = [Finding(Rule.PRIVILEGED, "web runs privileged")]
    shown = site.preview()
    PolicyFactory.make(project=site.project, tier=site.tier, action="apply", forbids=["privileged"])
    answer = site.api.post("/deploy/releases/apply", {"preview_ref": shown["preview_ref"]})
    answer.refused(422, "manifest_invalid")
    assert Release.objects.get(pk=shown["release_id"]).status == "preview"
