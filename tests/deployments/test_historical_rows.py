"""Rows with the older system's words, which nobody has migrated: in the admin, and in the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.core.models import TimelineEvent
from deployments.lifecycle import HISTORICAL, STATES
from deployments.models import Release
from deployments.selectors import last_applied
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.core import AdminFactory
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db
UNKNOWN = "exploded"
MEANINGS = {**{state: state for state in STATES}, **HISTORICAL, UNKNOWN: "failed"}
LIST = "/admin/deployments/release/"


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(AdminFactory.make())
    return client


def of(site: Site, status: str, **fields: object) -> Release:
    revision = site.service.revisions.get()
    made: Release = ReleaseFactory.make(
        status=status, target=site.target, service=site.service, revision=revision, **fields
    )
    return made


@pytest.mark.parametrize(("word", "state"), MEANINGS.items())
def test_every_word_in_the_admin(browser: Client, word: str, state: str) -> None:
    release = ReleaseFactory.make(status=word, legacy_status="once")
    page = browser.get(LIST).content.decode()
    assert f'<td class="field-status">{word}</td>' in page
    assert f'<td class="field-state">{state}</td>' in page
    for other in STATES:
        shown = browser.get(LIST, {"state": other}).content.decode()
        assert ('class="field-status"' in shown) == (other == state)
    detail = browser.get(f"{LIST}{release.pk}/change/")
    assert detail.status_code == 200
    text = detail.content.decode()
    for shown in (word, state, "once"):
        assert f'<div class="readonly">{shown}</div>' in text


def test_a_filter_that_is_no_state_filters_nothing(browser: Client) -> None:
    ReleaseFactory.make()
    page = browser.get(LIST, {"state": "exploded"})
    assert 'class="field-status"' in page.content.decode()


def test_what_runs_there_now_may_be_a_row_of_the_older_system(site: Site) -> None:
    old = of(site, "succeeded")
    assert last_applied(site.service, site.target) == old
    of(site, "rolled_back", applied_at=timezone.now())
    of(site, UNKNOWN, applied_at=timezone.now())
    assert last_applied(site.service, site.target) == old
    # Without a time it ran before all that have one.
    newer = of(site, "success", applied_at=timezone.now() - timedelta(days=900))
    assert last_applied(site.service, site.target) == newer
    assert site.deploy().previous == newer


def test_nothing_to_go_back_to_where_the_older_system_kept_no_content(site: Site) -> None:
    of(site, "succeeded", content="")
    path = f"/deploy/releases/{site.deploy().pk}/rollback"
    site.api.post(path, {"reason": "x"}).refused(409, "no_previous_release")


def test_a_historical_success_can_be_rolled_back(site: Site, runtime: RecordingRuntime) -> None:
    before = of(site, "succeeded", content='{"services": {"old": {}}}')
    release = of(site, "success", previous=before, started_at=timezone.now())
    undo = site.rollback(release)
    release.refresh_from_db()
    assert (undo.status, release.status) == ("applied", "rollback")
    assert runtime.running[site.service.pk, site.target.pk] == {"services": {"old": {}}}
    told = TimelineEvent.objects.filter(resource_type="release", resource_id=release.pk)
    assert told.filter(action="release.rollback_completed").count() == 1


@pytest.mark.parametrize("word", ["pending", "deploying", "executing"])
def test_what_never_ended_can_be_cancelled(site: Site, word: str) -> None:
    """No worker of ours runs it: it is over at once."""
    release = of(site, word)
    body = site.api.post(f"/deploy/releases/{release.pk}/cancel").ok(202)
    assert (body["status"], body["lifecycle_state"], body["reason_code"]) == (
        "failed", "failed", "cancelled",
    )  # fmt: skip


@pytest.mark.parametrize(
    "word", sorted({*HISTORICAL, UNKNOWN} - {"pending", "deploying", "executing"})
)
def test_a_refused_transition_names_states(site: Site, word: str) -> None:
    release = of(site, word)
    data = site.api.post(f"/deploy/releases/{release.pk}/cancel").refused(409, "invalid_transition")
    assert data == {"from": MEANINGS[word], "to": "failed"}
    assert Release.objects.get(pk=release.pk).status == word


def test_a_draft_is_a_preview_that_has_expired(site: Site) -> None:
    draft = of(site, "draft", preview_expires_at=timezone.now())
    body = {"preview_ref": draft.preview_ref}
    site.api.post("/deploy/releases/apply", body).refused(409, "preview_expired")


@pytest.mark.parametrize("word", [*HISTORICAL, UNKNOWN])
def test_no_worker_takes_one_up(site: Site, runtime: RecordingRuntime, word: str) -> None:
    release = site.run(of(site, word, start_after=timezone.now()))
    assert (release.status, runtime.applied) == (word, [])


def test_one_that_was_running_and_is_migrated_ends_without_a_change(
    site: Site, runtime: RecordingRuntime
) -> None:
    """The reconciler finds it, as any run without a worker; it is for a target nobody compared."""
    release = site.run(of(site, "applying", legacy_status="deploying", content=""))
    assert (release.status, release.reason_code) == ("failed", "preview_mismatch")
    assert runtime.applied == []


def test_one_that_lacks_what_a_preview_finds_is_shown(site: Site) -> None:
    release = of(site, "succeeded", risk={}, diff={}, progress={})
    shown = site.api.get(f"/deploy/releases/{release.pk}").ok()
    assert shown["risk"] == {"level": "low", "reasons": []}
    assert shown["diff"]["summary"] == {"create": 0, "update": 0, "delete": 0, "unchanged": 0}
    assert site.api.get("/deploy/releases").results[0]["risk"] == shown["risk"]
