"""`POST …/rollback`: what comes back, what is told of the release that was undone."""

from __future__ import annotations

import pytest

from config.core.models import TimelineEvent
from deployments.models import DeploymentTarget, Release
from deployments.secrets import content_of
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.deployments.site import Site
from tests.factories.core import member

pytestmark = pytest.mark.django_db


def tag(release: Release) -> str:
    image: str = content_of(release)["services"]["web"]["image"]
    return image.rpartition(":")[2]


def running(site: Site, runtime: RecordingRuntime) -> str:
    image: str = runtime.running[site.service.pk, site.target.pk]["services"]["web"]["image"]
    return image.rpartition(":")[2]


def deploy(site: Site, *tags: str) -> list[Release]:
    return [site.deploy(variables={"TAG": one}) for one in tags]


def undone_events(release: Release) -> list[str]:
    rows = TimelineEvent.objects.filter(resource_type="release", resource_id=release.pk)
    told = rows.filter(action__startswith="release.rollback").order_by("seq")
    return [row.action for row in told]


def test_what_ran_before_comes_back(site: Site, runtime: RecordingRuntime) -> None:
    one, two = deploy(site, "1", "2")
    back = site.rollback(two)
    two.refresh_from_db()
    assert (back.kind, back.status, tag(back)) == ("rollback", "applied", "1")
    assert (back.rollback_of_id, back.source_release_id, back.previous_id) == (
        two.pk, one.pk, two.pk,
    )  # fmt: skip
    assert running(site, runtime) == "1"
    assert two.status == "rollback"
    assert undone_events(two) == ["release.rollback_requested", "release.rollback_completed"]
    event = TimelineEvent.objects.get(action="release.rollback_completed")
    assert event.detail == {"by_release": back.pk, "reason": "It hurts"}
    shown = site.api.get(f"/deploy/releases/{two.pk}").ok()
    assert (shown["lifecycle_state"], shown["rolled_back_by"]) == ("rollback", back.pk)
    shown = site.api.get(f"/deploy/releases/{back.pk}").ok()
    assert (shown["rollback_of"], shown["source_release_id"]) == (two.pk, one.pk)
    assert DeploymentTarget.objects.get().last_release_id == back.pk


def test_two_in_a_row_go_two_releases_back(site: Site, runtime: RecordingRuntime) -> None:
    _, _, three = deploy(site, "1", "2", "3")
    first = site.rollback(three)
    assert running(site, runtime) == "2"
    second = site.rollback(first)
    assert running(site, runtime) == "1"
    first.refresh_from_db()
    assert (first.status, second.status) == ("rollback", "applied")
    answer = site.api.post(f"/deploy/releases/{second.pk}/rollback", {"reason": "Further"})
    answer.refused(409, "no_previous_release")


def test_a_release_after_a_rollback_goes_back_to_what_the_rollback_brought(
    site: Site, runtime: RecordingRuntime
) -> None:
    _, two = deploy(site, "1", "2")
    site.rollback(two)
    [three] = deploy(site, "3")
    site.rollback(three)
    assert running(site, runtime) == "1"


def test_a_failed_release_can_be_rolled_back(site: Site, runtime: RecordingRuntime) -> None:
    deploy(site, "1")
    was = runtime.during
    runtime.during = failing()
    [broken] = deploy(site, "2")
    runtime.during = was
    back = site.rollback(broken)
    broken.refresh_from_db()
    assert (tag(back), broken.status) == ("1", "rollback")
    assert broken.reason_code == "unhealthy"


def test_a_rollback_that_fails_leaves_the_release_and_says_so(
    site: Site, runtime: RecordingRuntime
) -> None:
    _, two = deploy(site, "1", "2")
    runtime.during = failing()
    back = site.rollback(two)
    two.refresh_from_db()
    assert (back.status, back.reason_code, two.status) == ("failed", "unhealthy", "applied")
    assert undone_events(two) == ["release.rollback_requested", "release.rollback_failed"]
    event = TimelineEvent.objects.get(action="release.rollback_failed")
    assert event.detail["reason_code"] == "unhealthy"
    assert running(site, runtime) == "2"
    assert site.api.get(f"/deploy/releases/{two.pk}").ok()["rolled_back_by"] is None


def test_nothing_to_go_back_to(site: Site) -> None:
    [only] = deploy(site, "1")
    answer = site.api.post(f"/deploy/releases/{only.pk}/rollback", {"reason": "Why not"})
    answer.refused(409, "no_previous_release")
    assert Release.objects.count() == 1


def test_only_what_ran_can_be_rolled_back(site: Site) -> None:
    deploy(site, "1")
    preview = site.preview(variables={"TAG": "2"})
    path = f"/deploy/releases/{preview['release_id']}/rollback"
    data = site.api.post(path, {"reason": "x"}).refused(409, "invalid_transition")
    assert data == {"from": "preview", "to": "rollback"}
    site.api.post(f"/deploy/releases/{site.apply(preview).pk}/cancel").ok(202)
    site.api.post(path, {"reason": "x"}).refused(409, "invalid_transition")


def test_what_was_rolled_back_is_not_again(site: Site) -> None:
    _, two = deploy(site, "1", "2")
    site.rollback(two)
    path = f"/deploy/releases/{two.pk}/rollback"
    site.api.post(path, {"reason": "Again"}).refused(409, "invalid_transition")


def test_dry_run_is_a_preview(site: Site, runtime: RecordingRuntime) -> None:
    _, two = deploy(site, "1", "2")
    path = f"/deploy/releases/{two.pk}/rollback"
    body = site.api.post(path, {"reason": "Look first", "dry_run": True}).ok(201)
    assert (body["lifecycle_state"], body["kind"], body["rollback_of"]) == (
        "preview", "rollback", two.pk,
    )  # fmt: skip
    assert "web:1" in body["resolved_manifest"]
    assert running(site, runtime) == "2"
    assert undone_events(two) == []
    # And it is what is applied.
    site.run(site.apply(body))
    assert running(site, runtime) == "1"
    two.refresh_from_db()
    assert two.status == "rollback"


def test_a_rollback_needs_its_reason(site: Site) -> None:
    _, two = deploy(site, "1", "2")
    path = f"/deploy/releases/{two.pk}/rollback"
    data = site.api.post(path, {}).refused(400, "validation_error")
    assert set(data["fields"]) == {"reason"}


def test_production_asks_under_the_policy_for_rollbacks(production: Site) -> None:
    approver = Api(member(production.project, "approver"))

    def approved(release: Release) -> Release:
        ticket = production.ticket(release).ticket
        approver.post(f"/approvals/inbox/{ticket}/approve").ok()
        return production.run(release)

    for one in ("1", "2"):
        last = approved(production.apply(production.preview(variables={"TAG": one})))
    body = production.api.post(f"/deploy/releases/{last.pk}/rollback", {"reason": "It hurts"})
    back = Release.objects.get(pk=body.ok(202)["release_id"])
    assert (back.status, production.ticket(back).action) == ("pending_approval", "rollback")
    assert approved(back).status == "applied"
    last.refresh_from_db()
    assert last.status == "rollback"


def test_it_is_by_content_and_not_by_text(site: Site) -> None:
    """A variable's default that changed since is not what ran then."""
    one, two = deploy(site, "1", "2")
    two.revision.__class__.objects.filter(pk=two.revision_id).update(manifest="services: {}")
    back = site.rollback(two)
    assert content_of(back) == content_of(one)


@pytest.mark.parametrize("what", ["service", "target"])
def test_what_is_archived_is_not_rolled_back(site: Site, what: str) -> None:
    site.deploy()
    second = site.deploy()
    row = getattr(site, what)
    row.archived = True
    row.save()
    path = f"/deploy/releases/{second.pk}/rollback"
    site.api.post(path, {"reason": "It hurts"}).refused(409, "target_not_ready")
