"""Callers in twenty processes, a real web server, PostgreSQL: one preview starts one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection

from approvals.models import ApprovalInboxItem
from config.core import threads
from config.core.models import TimelineEvent
from deployments import run
from deployments.models import Release
from tests.deployments import web
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.core import token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("postgresql")]
PROCESSES = 20
APPLY = "/deploy/releases/apply"


@pytest.fixture
def port(postgresql: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:  # noqa: ARG001 - or skipped
    with web.serving(connection.settings_dict, tmp_path_factory.mktemp("web")) as port:
        yield port


def actions(prefix: str) -> Counter[str]:
    rows = TimelineEvent.objects.filter(action__startswith=prefix)
    return Counter(rows.values_list("action", flat=True))


def applied_at_once(site: Site, port: int, each: int) -> Release:
    """The release that all calls were answered with; one of them started it."""
    body = {"preview_ref": site.preview()["preview_ref"]}
    token = token_for(site.engineer)
    seen = web.calls_at_once(port, APPLY, token=token, body=body, processes=PROCESSES, each=each)
    release = Release.objects.get()
    told = Counter((one.status, one.code, one.release_id) for one in seen)
    assert told == {(202, "", release.pk): 1, (200, "", release.pk): PROCESSES * each - 1}
    return release


@pytest.mark.parametrize("each", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_applies_of_one_preview(port: int, runtime: RecordingRuntime, each: int) -> None:
    release = applied_at_once(Site(), port, each)
    assert actions("release.") == {"release.previewed": 1, "release.approved": 1}
    threads.each(run.run, [release.pk] * 5)  # the hint, delivered five times
    assert runtime.applied == [release.pk]
    release.refresh_from_db()
    assert release.status == "applied"
    assert actions("release.")["release.applying"] == 1


@pytest.mark.parametrize("each", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_applies_that_need_an_approval_ask_once(port: int, each: int) -> None:
    release = applied_at_once(Site("production"), port, each)
    assert release.status == "pending_approval"
    assert ApprovalInboxItem.objects.get().ticket == release.approval_ticket
    assert actions("approval.") == {"approval.created": 1}
    assert actions("release.") == {"release.previewed": 1, "release.pending_approval": 1}
