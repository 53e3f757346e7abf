"""`GET /deploy/metrics/summary`: figures computed by hand, and what must not count."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deployments.lifecycle import HISTORICAL
from deployments.metrics import quantile
from deployments.models import Release, ServiceRevision
from tests.callers import Api
from tests.deployments.site import Site
from tests.factories.core import AdminFactory, UserFactory, member
from tests.factories.deployments import (
    ReleaseFactory,
    RevisionFactory,
    ServiceFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db
SUMMARY = "/deploy/metrics/summary"
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
NOTHING = {
    "deployments": 0,
    "deployments_per_day": 0.0,
    "rollbacks": 0,
    "changes": 0,
    "failures": 0,
    "change_failure_rate": None,
    "lead_time_median_seconds": None,
    "lead_time_p90_seconds": None,
    "time_to_restore_median_seconds": None,
}
HOUR = 3600


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def caller(site: Site) -> Api:
    return Api(member(site.project, "viewer"))


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def ended(site: Site, status: str, at: datetime, **fields: Any) -> Release:
    """A release that ran for a minute and ended `at`; of a revision made an hour before it."""
    if "revision" not in fields:
        fields["revision"] = revision(site, at - timedelta(hours=1))
    if status in ("applied", "succeeded", "success"):
        fields.setdefault("applied_at", at)
    fields = {"target": site.target, "service": site.service} | fields
    times = {"started_at": at - timedelta(minutes=1), "finished_at": at}
    return ReleaseFactory.make(status=status, **times | fields)


def undone(site: Site, at: datetime, **fields: Any) -> Release:
    """Applied, and rolled back later."""
    return ended(site, "rollback", at, applied_at=at, **fields)


def revision(site: Site, made: datetime) -> ServiceRevision:
    found = RevisionFactory.make(service=site.service)
    ServiceRevision.objects.filter(pk=found.pk).update(created_at=made)
    return found


def totals(caller: Api, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(SUMMARY, **query).ok()["totals"]
    return found


def test_nothing_yet(site: Site, caller: Api) -> None:
    ReleaseFactory.make(target=site.target, service=site.service)  # a preview
    body = caller.get(SUMMARY).ok()
    assert body["totals"] == NOTHING
    assert body["by_service"] == []
    assert body["window"] == {
        "days": 30,
        "since": "2026-03-02T00:00:00Z",
        "until": "2026-03-31T12:00:00Z",
    }
    assert len(body["series"]) == 30
    assert body["series"][0] == {"date": "2026-03-02", "deployments": 0, "failures": 0}
    assert body["series"][-1]["date"] == "2026-03-31"
    assert "NaN" not in json.dumps(body)


def test_every_figure_by_hand(site: Site, caller: Api) -> None:
    """Two good ones, one that fails, one that is undone, and what brings the service back."""
    ended(site, "applied", ago(days=5), revision=revision(site, ago(days=5, hours=2)))
    undone(site, ago(days=4), revision=revision(site, ago(days=4, hours=4)))  # impaired …
    ended(site, "applied", ago(days=4, hours=-6), kind="rollback")  # … for six hours
    ended(site, "failed", ago(days=2), reason_code="unhealthy")  # impaired …
    ended(site, "applied", ago(days=1), revision=revision(site, ago(days=1, hours=6)))  # … a day
    body = caller.get(SUMMARY, window="10d").ok()
    assert body["totals"] == {
        "deployments": 3,
        "deployments_per_day": 0.3,
        "rollbacks": 1,
        "changes": 4,
        "failures": 2,
        "change_failure_rate": 0.5,
        "lead_time_median_seconds": 4 * HOUR,  # of 2, 4 and 6 hours
        "lead_time_p90_seconds": pytest.approx(5.6 * HOUR),
        "time_to_restore_median_seconds": 15 * HOUR,  # of 6 and 24 hours
    }
    assert body["by_service"] == [
        {"service": {"id": site.service.pk, "name": site.service.name}, **body["totals"]}
    ]
    told = {day["date"]: (day["deployments"], day["failures"]) for day in body["series"]}
    assert len(told) == 10
    assert {day: counts for day, counts in told.items() if counts != (0, 0)} == {
        "2026-03-26": (1, 0),
        "2026-03-27": (1, 1),
        "2026-03-29": (0, 1),
        "2026-03-30": (1, 0),
    }


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("failed", {"reason_code": "approval_rejected", "started_at": None}),
        ("failed", {"reason_code": "approval_ticket_expired", "started_at": None}),
        ("failed", {"reason_code": "cancelled", "started_at": None}),
        ("failed", {"reason_code": "cancelled"}),  # by a person, while it ran
        ("failed", {"reason_code": "preview_mismatch"}),  # touched nothing
        ("rollback", {"reason_code": "cancelled"}),
        ("rejected", {}),
        ("cancelled", {}),
        ("failed", {"legacy_status": "rejected"}),
        ("failed", {"legacy_status": "cancelled"}),
        ("error", {"started_at": None}),
        ("preview", {"started_at": None, "finished_at": None}),
        ("pending_approval", {"started_at": None, "finished_at": None}),
        ("approved", {"started_at": None, "finished_at": None}),
        ("applying", {"finished_at": None}),
        ("deploying", {}),
        ("draft", {}),
        ("pending", {}),
        ("applied", {"applied_at": None, "finished_at": None}),  # when?
    ],
)
def test_what_does_not_count(site: Site, caller: Api, status: str, fields: dict[str, Any]) -> None:
    ended(site, status, ago(days=1), **fields)
    body = caller.get(SUMMARY).ok()
    assert body["totals"] == NOTHING
    assert body["by_service"] == []
    assert not any(day["deployments"] or day["failures"] for day in body["series"])


@pytest.mark.parametrize(
    ("status", "fields", "deployments", "failures"),
    [
        ("applied", {}, 1, 0),
        ("succeeded", {}, 1, 0),
        ("success", {"applied_at": None, "started_at": None}, 1, 0),
        ("success", {"finished_at": None}, 1, 0),
        ("failed", {"reason_code": "step_timeout"}, 0, 1),
        ("error", {}, 0, 1),
        ("exploded", {}, 0, 1),  # an unknown word is a failure
        ("rollback", {}, 0, 1),  # failed, and rolled back: never applied
        ("rolled_back", {}, 0, 1),
        ("rollback", {"applied_at": ago(days=1)}, 1, 1),
        ("rolled_back", {"applied_at": ago(days=1), "started_at": None}, 1, 1),
    ],
)
def test_what_counts_as_what(
    site: Site, caller: Api, status: str, fields: dict[str, Any], deployments: int, failures: int
) -> None:
    ended(site, status, ago(days=1), **fields)
    found = totals(caller)
    assert (found["deployments"], found["changes"], found["failures"]) == (deployments, 1, failures)
    assert found["change_failure_rate"] == failures


def test_no_historical_word_is_forgotten_above() -> None:
    assert set(HISTORICAL) == {
        "succeeded", "success", "error", "rolled_back",  # count
        "rejected", "cancelled", "deploying", "executing", "draft", "pending",  # don't
    }  # fmt: skip


def test_a_rollback_is_no_change(site: Site, caller: Api) -> None:
    ended(site, "applied", ago(hours=2), kind="rollback")
    ended(site, "failed", ago(hours=1), kind="rollback")
    assert totals(caller) == NOTHING | {"rollbacks": 1}


def test_lead_time_is_of_a_revisions_first_deployment(site: Site, caller: Api) -> None:
    one = revision(site, ago(days=3))
    ended(site, "failed", ago(days=2, hours=20), revision=one)  # not applied
    ended(site, "applied", ago(days=2), revision=one)
    ended(site, "applied", ago(days=1), revision=one)  # again
    elsewhere = TargetFactory.make(environment=site.target.environment)
    ended(site, "applied", ago(hours=1), revision=one, target=elsewhere)
    old = revision(site, ago(days=90))
    ended(site, "applied", ago(days=80), revision=old)  # first, before the window
    ended(site, "applied", ago(hours=1), revision=old)
    back = revision(site, ago(days=50))
    ended(site, "applied", ago(hours=1), revision=back, kind="rollback")
    taken_over = revision(site, ago(hours=1))
    ended(site, "applied", ago(hours=2), revision=taken_over)  # before it was made
    found = totals(caller)
    assert found["lead_time_median_seconds"] == found["lead_time_p90_seconds"] == 24 * HOUR


def test_restored_by_the_next_release_of_that_service_on_that_target(
    site: Site, caller: Api
) -> None:
    ended(site, "failed", ago(hours=10))
    ended(site, "failed", ago(hours=8))  # the same trouble still
    ended(site, "applied", ago(hours=9), target=TargetFactory.make(project=site.project))
    other = ServiceFactory.make(project=site.project)
    ended(site, "applied", ago(hours=9), service=other)
    ended(site, "failed", ago(hours=7), reason_code="cancelled")
    ended(site, "applied", ago(hours=6))  # four hours
    ended(site, "applied", ago(hours=5))  # nothing to restore
    assert totals(caller)["time_to_restore_median_seconds"] == 4 * HOUR
    undone(site, ago(hours=4))  # does not hold …
    undone(site, ago(hours=3))  # … nor does what came an hour later …
    ended(site, "applied", ago(hours=1), kind="rollback")  # … two hours: of 4, 1 and 2 hours
    assert totals(caller)["time_to_restore_median_seconds"] == 2 * HOUR
    ended(site, "failed", ago(minutes=30))  # not restored yet: nobody knows how long it takes
    assert totals(caller)["time_to_restore_median_seconds"] == 2 * HOUR


def test_never_restored(site: Site, caller: Api) -> None:
    ended(site, "failed", ago(hours=10))
    assert totals(caller)["time_to_restore_median_seconds"] is None


def test_a_window_is_whole_days(site: Site, caller: Api) -> None:
    ended(site, "applied", datetime(2026, 3, 25, tzinfo=UTC))
    ended(site, "applied", datetime(2026, 3, 24, 23, 59, 59, tzinfo=UTC))
    ended(site, "applied", NOW)
    ended(site, "applied", NOW + timedelta(seconds=1))
    body = caller.get(SUMMARY, window="7d").ok()
    assert [day["deployments"] for day in body["series"]] == [1, 0, 0, 0, 0, 0, 1]
    assert [totals(caller, window=w)["deployments"] for w in ("1d", "7d", "8d")] == [1, 2, 3]
    year = caller.get(SUMMARY, window="365d").ok()["series"]
    assert (len(year), year[0]["date"]) == (365, "2025-04-01")


@pytest.mark.parametrize(
    "window", ["", "0d", "366d", "999d", "1000d", "30", "d", "-1d", "1.5d", "30 d", "30D", "4w",
               "٣d", "030d", "30d30d", "NaN"],
)  # fmt: skip
def test_other_windows(caller: Api, window: str) -> None:
    data = caller.get(SUMMARY, window=window).refused(400, "validation_error")
    assert set(data["fields"]) == {"window"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("project", "x"), ("project", "0"), ("service", "-1"), ("service", "9" * 30), ("project", ""),
     ("target", "1"), ("limit", "5"), ("windows", "7d")],
)  # fmt: skip
def test_other_filters(caller: Api, name: str, value: str) -> None:
    data = caller.get(SUMMARY, **{name: value}).refused(400, "validation_error")
    assert set(data["fields"]) == {name}


def test_by_project_and_by_service(site: Site, caller: Api) -> None:
    ended(site, "applied", ago(days=1))
    second = ServiceFactory.make(project=site.project, name="a-first-name")
    ended(site, "failed", ago(days=1), service=second, revision=RevisionFactory.make())
    body = caller.get(SUMMARY, project=site.project.pk).ok()
    told = {
        row["service"]["name"]: (row["deployments"], row["failures"]) for row in body["by_service"]
    }
    assert list(told) == ["a-first-name", site.service.name]
    assert told == {"a-first-name": (0, 1), site.service.name: (1, 0)}
    assert (body["totals"]["changes"], body["totals"]["change_failure_rate"]) == (2, 0.5)
    only = caller.get(SUMMARY, service=second.pk).ok()
    assert [row["service"]["id"] for row in only["by_service"]] == [second.pk]
    assert totals(caller, service=second.pk)["failures"] == 1
    assert totals(caller, project=10**9) == totals(caller, service=10**9) == NOTHING


def test_only_what_the_caller_sees(site: Site) -> None:
    ended(site, "applied", ago(days=1))
    elsewhere = Site()
    ended(elsewhere, "failed", ago(days=1))
    stranger = Api(UserFactory.make())
    for query in ({}, {"project": site.project.pk}, {"service": site.service.pk}):
        body = stranger.get(SUMMARY, **query).ok()
        assert (body["totals"], body["by_service"]) == (NOTHING, [])
    own = Api(member(site.project, "viewer"))
    assert totals(own) == totals(own, project=site.project.pk)
    assert (totals(own)["deployments"], totals(own)["failures"]) == (1, 0)
    assert totals(own, project=elsewhere.project.pk) == NOTHING
    on_target = Api(member(elsewhere.target, "viewer"))
    assert totals(on_target)["failures"] == 1
    everything = totals(Api(AdminFactory.make()))
    assert (everything["changes"], everything["change_failure_rate"]) == (2, 0.5)
    Api(None).get(SUMMARY).refused(401, "not_authenticated")


def test_the_same_queries_however_many_releases(site: Site, caller: Api) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            caller.get(SUMMARY).ok()
        return len([query for query in made if "deployment_releases" in query["sql"]])

    ended(site, "applied", ago(days=1))
    caller.get(SUMMARY).ok()
    few = queries()
    for hours in range(20):
        ended(site, ("applied", "failed")[hours % 2], ago(hours=hours))
    assert queries() == few == 2


def test_quantiles() -> None:
    assert quantile([], 0.5) is None
    assert quantile([7.0], 0.9) == 7.0
    assert quantile([4.0, 1.0], 0.5) == 2.5
    assert quantile([float(n) for n in range(11)], 0.9) == 9.0
