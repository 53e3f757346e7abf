"""Many callers and messages at once, on PostgreSQL: one run, and nobody sees an error of ours."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from config.core import threads
from config.core.leases import Lease
from config.core.models import TimelineEvent
from deployments import run
from deployments.models import DeploymentTarget, Release
from deployments.runtimes.base import Outcome
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.approvals import PolicyFactory
from tests.factories.core import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("postgresql")]


def actions(prefix: str) -> Counter[str]:
    rows = TimelineEvent.objects.filter(action__startswith=prefix)
    return Counter(rows.values_list("action", flat=True))


def test_fifty_applies_of_one_preview(hints: list[tuple[str, int]]) -> None:
    site = Site()
    body = {"preview_ref": site.preview()["preview_ref"]}
    start = threading.Barrier(50)

    def apply(_: int) -> int:
        caller = Api(site.engineer)
        start.wait(60)
        return caller.post("/deploy/releases/apply", body).status

    statuses = Counter(threads.each(apply, range(50)))
    assert statuses == {202: 1, 200: 49}
    assert len(hints) == 1
    assert actions("release.") == {"release.previewed": 1, "release.approved": 1}


def test_fifty_applies_that_need_an_approval_ask_once() -> None:
    site = Site("production")
    body = {"preview_ref": site.preview()["preview_ref"]}

    def apply(_: int) -> int:
        return Api(site.engineer).post("/deploy/releases/apply", body).status

    statuses = Counter(threads.each(apply, range(50)))
    assert statuses == {202: 1, 200: 49}
    assert ApprovalInboxItem.objects.count() == 1
    assert actions("approval.") == {"approval.created": 1}


def test_every_message_delivered_five_times(runtime: RecordingRuntime) -> None:
    site = Site()
    release = site.apply(site.preview())
    delivered = threading.Barrier(5)

    def during(_release: Release, _lease: Lease) -> Outcome:
        threads.each(run.run, [release.pk] * 3)  # and three more while it runs
        return Outcome()

    runtime.during = during

    def deliver(pk: int) -> None:
        delivered.wait(60)
        run.run(pk)

    threads.each(deliver, [release.pk] * 5)
    run.run(release.pk)
    assert runtime.applied == [release.pk]
    assert Release.objects.get().status == "applied"
    assert actions("release.") == {
        "release.previewed": 1,
        "release.approved": 1,
        "release.applying": 1,
        "release.applied": 1,
    }


def test_every_message_of_several_releases_delivered_five_times(
    runtime: RecordingRuntime, hints: list[tuple[str, int]]
) -> None:
    sites = [Site() for _ in range(4)]
    releases = [site.apply(site.preview()) for site in sites]
    messages = [pk for _task, pk in hints]
    assert messages == [release.pk for release in releases]
    threads.each(run.run, messages * 5)
    assert sorted(runtime.applied) == messages
    assert actions("release.applied") == {"release.applied": 4}


def test_two_releases_for_one_target(runtime: RecordingRuntime) -> None:
    site = Site()
    releases = [site.apply(site.preview()) for _ in range(6)]
    runtime.during = alone()
    threads.each(run.run, [release.pk for release in releases])
    for release in releases:  # those that found the target taken come back
        run.run(release.pk)
    ended = Counter(Release.objects.values_list("status", "reason_code"))
    assert ended == {("applied", ""): 1, ("failed", "preview_mismatch"): 5}
    assert len(runtime.applied) == 1


def alone() -> Callable[[Release, Lease], Outcome]:
    """For `during`: takes a moment, in which nothing else may run on the target."""
    at_once = threading.Lock()

    def during(_release: Release, _lease: Lease) -> Outcome:
        assert at_once.acquire(blocking=False)
        time.sleep(0.02)
        at_once.release()
        return Outcome()

    return during


def test_two_previews_of_one_target_applied_and_run_at_once(runtime: RecordingRuntime) -> None:
    runtime.during = alone()
    site = Site()
    for _ in range(8):
        previews = [site.preview(variables={"TAG": tag}) for tag in ("a", "b")]
        start = threading.Barrier(2)

        def go(preview: dict[str, Any], start: threading.Barrier = start) -> str:
            caller = Api(site.engineer)
            start.wait(60)
            answer = caller.post("/deploy/releases/apply", {"preview_ref": preview["preview_ref"]})
            run.run(preview["release_id"])
            return answer.code

        refused = threads.each(go, previews)
        for preview in previews:
            run.run(preview["release_id"])  # what found the target taken
        rows = Release.objects.filter(pk__in=[preview["release_id"] for preview in previews])
        ended = sorted(rows.values_list("status", "reason_code"))
        late = [code for code in refused if code]
        if late:  # too late to be sent
            assert late[0] in {"release_locked", "preview_mismatch"}
            assert ended == [("applied", ""), ("preview", "")]
        else:  # sent, and then not what its preview said
            assert ended == [("applied", ""), ("failed", "preview_mismatch")]
        assert not DeploymentTarget.objects.filter(active_release__isnull=False).exists()
    assert len(runtime.applied) == 8


def test_twenty_reviewers_and_three_votes_to_give() -> None:
    site = Site("production")
    PolicyFactory.make(project=site.project, tier="production", required_approvals=3)
    release = site.apply(site.preview())
    path = f"/approvals/inbox/{site.ticket(release).ticket}/approve"
    reviewers = [member(site.project, "approver") for _ in range(20)]
    start = threading.Barrier(20)

    def approve(number: int) -> str:
        caller = Api(reviewers[number])
        start.wait(60)
        answer = caller.post(path)
        return answer.code or str(answer.status)

    assert Counter(threads.each(approve, range(20))) == {"200": 3, "approval_already_decided": 17}
    item = ApprovalInboxItem.objects.get()
    assert (item.status, item.approvals_count) == ("approved", 3)
    assert ApprovalInboxAction.objects.filter(verb="approved").count() == 3
    assert actions("release.approved") == {"release.approved": 1}
    assert actions("approval.approved") == {"approval.approved": 3}


def test_approve_against_reject_and_cancel() -> None:
    site = Site("production")
    for _ in range(5):
        release = site.apply(site.preview())
        path = f"/approvals/inbox/{site.ticket(release).ticket}"
        calls = [
            (member(site.project, "approver"), f"{path}/approve"),
            (member(site.project, "approver"), f"{path}/reject"),
            (site.engineer, f"{path}/cancel"),
            (site.engineer, f"/deploy/releases/{release.pk}/cancel"),
        ]
        start = threading.Barrier(len(calls))

        def call(one: tuple[object, str], start: threading.Barrier = start) -> int:
            user, where = one
            caller = Api(user)  # type: ignore[arg-type]
            start.wait(60)
            body = {"comment": "x"} if where.startswith("/approvals") else None
            return caller.post(where, body).status

        statuses = threads.each(call, calls)
        assert set(statuses) <= {200, 202, 409}
        release.refresh_from_db()
        item = site.ticket(release)
        edges = TimelineEvent.objects.filter(
            resource_type="release", resource_id=release.pk
        ).values_list("action", flat=True)
        assert (release.status, item.status) in {
            ("approved", "approved"),
            ("failed", "rejected"),
            ("failed", "cancelled"),
            ("failed", "approved"),  # approved, and cancelled before it ran
        }
        # From pending_approval one edge, or two by way of approved.
        assert len(edges) == (4 if (release.status, item.status) == ("failed", "approved") else 3)
