"""What is approved for later is looked at until then: once it is no longer what was approved, it is
cancelled right away, and its ticket says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from approvals import waiting
from approvals.models import ApprovalInboxItem
from config.core.models import TimelineEvent
from config.core.secrets import Secret
from deployments import pinning
from deployments.models import DeploymentTarget, Release
from deployments.tasks import reconcile
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.approvals import FreezeFactory, PolicyFactory
from tests.factories.core import member
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db
VOID = "Void: no longer what was previewed (target_changed). Preview again."


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def approved(site: Site, start: datetime | None = None) -> Release:
    """Of the site's service; for tomorrow, unless said otherwise."""
    release = site.apply(site.preview())
    body = {"apply_at": (start or tomorrow()).isoformat()}
    path = f"/approvals/inbox/{site.ticket(release).ticket}/approve"
    Api(member(site.project, "approver")).post(path, body).ok()
    release.refresh_from_db()
    return release


def applied_since(release: Release, **fields: object) -> None:
    same = {"service": release.service, "revision": release.revision, "target": release.target}
    ReleaseFactory.make(status="applied", applied_at=timezone.now(), **{**same, **fields})


def state(release: Release) -> tuple[str, str]:
    release.refresh_from_db()
    return release.status, release.reason_code


CANCELLED = ("failed", "preview_mismatch")


def test_it_is_cancelled_as_soon_as_its_target_moved(
    production: Site, runtime: RecordingRuntime
) -> None:
    release = approved(production)
    reconcile()
    assert state(release) == ("approved", "")
    applied_since(release)
    reconcile()
    assert state(release) == CANCELLED
    assert release.finished_at is not None
    events = TimelineEvent.objects.filter(resource_type="release", resource_id=release.pk)
    last = events.order_by("-seq")[0]
    assert (last.action, last.actor, last.status) == ("release.cancelled", "system", "failed")
    assert last.detail == {
        "reason_code": "preview_mismatch",
        "mismatch": ["target_changed"],
        "comment": VOID,
    }
    assert runtime.applied == []


def test_its_ticket_stays_approved_and_says_so(production: Site) -> None:
    release = approved(production)
    applied_since(release)
    reconcile()
    reconcile()
    item = production.api.get(f"/approvals/inbox/{release.approval_ticket}").ok()
    assert (item["status"], item["reason_code"]) == ("approved", "")
    told = [(action["verb"], action["actor"]) for action in item["actions"]]
    assert [verb for verb, _ in told] == ["created", "approved", "commented"]
    assert item["actions"][-1]["comment"] == VOID
    assert TimelineEvent.objects.filter(action="approval.commented").count() == 1
    shown = production.api.get(f"/deploy/releases/{release.pk}").ok()
    assert (shown["approval_status"], shown["lifecycle_state"]) == ("approved", "failed")


def test_another_services_release_is_nothing_to_it(production: Site) -> None:
    release = approved(production)
    other = ReleaseFactory.make(status="applied", target=release.target)
    DeploymentTarget.objects.update(last_release=other)
    reconcile()
    assert state(release) == ("approved", "")


def test_what_waits_for_a_freezes_end(production: Site) -> None:
    release = approved(production, start=timezone.now())
    FreezeFactory.make(project=production.project)
    assert production.run(release).status == "approved"
    applied_since(release)
    reconcile()
    assert state(release) == CANCELLED


def test_what_waits_for_one_more_apply(production: Site) -> None:
    PolicyFactory.make(project=production.project, tier="production", auto_apply=False)
    preview = production.preview()
    release = production.apply(preview)
    path = f"/approvals/inbox/{production.ticket(release).ticket}/approve"
    Api(member(production.project, "approver")).post(path).ok()
    applied_since(release)
    reconcile()
    assert state(release) == CANCELLED
    again = {"preview_ref": preview["preview_ref"]}
    assert production.api.post("/deploy/releases/apply", again).ok()["reason_code"] == CANCELLED[1]


def test_another_content_than_the_tickets(production: Site) -> None:
    release = approved(production)
    release.content = Secret('{"services": {"other": {}}}')
    release.context_hash = pinning.context_hash(release)
    release.save(update_fields=["content", "context_hash"])
    reconcile()
    assert state(release) == CANCELLED
    assert ApprovalInboxItem.objects.get().actions.last().comment == VOID.replace(  # type: ignore[union-attr]
        "target_changed", "content"
    )


def test_where_nobody_was_asked(site: Site) -> None:
    release = site.apply(site.preview())
    Release.objects.update(start_after=tomorrow())
    reconcile()
    assert state(release) == ("approved", "")
    applied_since(release)
    reconcile()
    assert state(release) == CANCELLED


def test_what_runs_is_left_to_its_run(site: Site) -> None:
    running, taken = (site.apply(site.preview()) for _ in range(2))
    Release.objects.filter(pk=running.pk).update(status="applying")
    Release.objects.filter(pk=taken.pk).update(  # a worker has it, and is about to begin
        lease_expires_at=timezone.now() + timedelta(seconds=30)
    )
    applied_since(running)
    reconcile()
    assert (state(running), state(taken)) == (("applying", ""), ("approved", ""))


def test_one_that_begins_meanwhile_goes_on(
    production: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = approved(production)
    applied_since(release)
    changed = pinning.changed

    def and_begins(content: dict[int, str]) -> dict[int, list[str]]:
        found = changed(content)
        Release.objects.update(status="applying")
        return found

    monkeypatch.setattr(pinning, "changed", and_begins)
    reconcile()
    assert state(release) == ("applying", "")
    assert not TimelineEvent.objects.filter(action="release.cancelled").exists()
    assert not TimelineEvent.objects.filter(action="approval.commented").exists()


def test_the_older_systems_rows_are_left_alone(site: Site) -> None:
    old = ReleaseFactory.make(
        status="approved", target=site.target, service=site.service, content="", context_hash=""
    )
    applied_since(old)
    reconcile()
    assert state(old) == ("approved", "")


def test_batch_after_batch_and_one_that_is_stuck(
    production: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_BATCH", 2)
    releases = [approved(production) for _ in range(5)]
    applied_since(releases[0])
    tell = waiting._tell

    def stuck(subject_type: str, pk: int, text: str, detail: dict[str, object]) -> None:
        tell(subject_type, pk, text, detail)
        if pk == releases[0].pk:
            raise RuntimeError("a bug")

    monkeypatch.setattr(waiting, "_tell", stuck)
    reconcile()
    assert [state(one) for one in releases] == [("approved", ""), *[CANCELLED] * 4]
    assert TimelineEvent.objects.filter(action="approval.commented").count() == 4


def test_the_moment_is_shown(production: Site) -> None:
    moment = tomorrow().replace(microsecond=0)
    release = approved(production, start=moment)
    for shown in (
        production.api.get(f"/deploy/releases/{release.pk}").ok(),
        production.api.get("/deploy/releases").results[0],
    ):
        assert datetime.fromisoformat(shown["start_after"]) == moment
    assert production.preview()["start_after"] is None
