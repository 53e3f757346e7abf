"""`GET /deploy/releases`: filters, who sees what, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deployments.models import Release
from tests.callers import Api
from tests.factories.core import AdminFactory, UserFactory, grant, member
from tests.factories.deployments import ReleaseFactory

pytestmark = pytest.mark.django_db


def ids(caller: Api, **query: Any) -> list[int]:
    return [row["release_id"] for row in caller.get("/deploy/releases", **query).results]


def test_each_filter() -> None:
    found = ReleaseFactory.make(status="applied", source="ui", approval_ticket="APR-000042")
    other = ReleaseFactory.make(status="failed", kind="rollback", source="api")
    caller = Api(AdminFactory.make())
    assert ids(caller) == [other.pk, found.pk]
    for name, value in {
        "project": found.project_id,
        "service": found.service_id,
        "target": found.target_id,
        "environment": found.environment_id,
        "state": "applied",
        "kind": "deploy",
        "source": "ui",
        "requested_by": found.requested_by_id,
        "q": "apr-000042",
    }.items():
        assert ids(caller, **{name: value}) == [found.pk], name
    assert ids(caller, q=found.service.name) == [found.pk]
    assert ids(caller, q=found.target.name) == [found.pk]
    assert ids(caller, runtime_type="k8s") == []
    now = timezone.now()
    Release.objects.filter(pk=found.pk).update(created_at=now - timedelta(days=2))
    yesterday = (now - timedelta(days=1)).isoformat()
    assert ids(caller, until=yesterday) == [found.pk]
    assert ids(caller, since=yesterday) == [other.pk]


def test_a_role_on_a_target_shows_its_releases() -> None:
    mine, _ = ReleaseFactory.make(), ReleaseFactory.make()
    sibling = ReleaseFactory.make()
    user = UserFactory.make()
    grant(user, "engineer", mine.target)
    caller = Api(user)
    assert ids(caller) == [mine.pk]
    assert caller.get(f"/deploy/releases/{mine.pk}").ok()["preview_ref"] == mine.preview_ref
    caller.get(f"/deploy/releases/{sibling.pk}").refused(404, "not_found")


def test_the_preview_ref_is_for_those_who_may_apply() -> None:
    release = ReleaseFactory.make()
    path = f"/deploy/releases/{release.pk}"
    for role, shown in {
        "viewer": None,
        "approver": None,
        "engineer": release.preview_ref,
        "release_bot": release.preview_ref,
    }.items():
        answer = Api(member(release.project, role)).get(path)
        assert answer.ok()["preview_ref"] == shown, role
        assert (release.preview_ref in answer.text) == (shown is not None)


@pytest.mark.parametrize("path", ["releases", "services", "targets"])
def test_a_page_takes_the_same_queries_however_long(path: str) -> None:
    project = ReleaseFactory.make().project
    caller = Api(member(project, "viewer"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            caller.get(f"/deploy/{path}").ok()
        return len(captured)

    few = queries()
    for _ in range(10):
        release = ReleaseFactory.make()
        Release.objects.filter(pk=release.pk).update(project=project)
        type(release.service).objects.filter(pk=release.service_id).update(project=project)
        type(release.target).objects.filter(pk=release.target_id).update(project=project)
    assert len(caller.get(f"/deploy/{path}").results) == 11
    assert queries() == few <= 10
