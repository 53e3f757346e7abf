"""Numbers, times and cursors that no row can have are errors of the contract, never a 500."""

from __future__ import annotations

import pytest

from tests.callers import Api
from tests.factories.core import AdminFactory

pytestmark = pytest.mark.django_db
HUGE = "9" * 30


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/deploy/releases", "project", HUGE),
        ("/deploy/releases", "requested_by", "-1"),
        ("/deploy/releases", "since", "0001-01-01T00:00:00+14:00"),
        ("/deploy/releases", "until", "9999-12-31T23:59:59-14:00"),
        ("/deploy/targets", "environment", HUGE),
        ("/approvals/inbox", "assigned_to", HUGE),
        ("/approvals/inbox", "project", "1.5"),
        ("/events", "resource_id", HUGE),
        ("/events", "cursor", "cD1hYmM="),
    ],
)
def test_refused(path: str, name: str, value: str) -> None:
    refused = Api(AdminFactory.make()).get(path, **{name: value})
    assert set(refused.refused(400, "validation_error")["fields"]) == {name}


def test_a_search_for_a_number_too_large_for_a_ticket() -> None:
    assert Api(AdminFactory.make()).get("/approvals/inbox", q="9" * 5000).results == []


def test_a_stream_with_a_bad_token() -> None:
    for path in ("/deploy/releases/1/logs/stream", "/environments/1/install/tasks/1/logs/stream"):
        Api(token="slw_nobody's").get(path).refused(401, "not_authenticated")
