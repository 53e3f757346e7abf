"""Services and their revisions: numbered, never changed, secrets apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from config.core import threads
from deployments.models import ServiceRevision
from tests.callers import Api
from tests.deployments.site import Site
from tests.factories.deployments import MANIFEST

pytestmark = pytest.mark.django_db


def path(site: Site) -> str:
    return f"/deploy/services/{site.service.pk}/revisions"


def test_numbers_follow_each_other(site: Site) -> None:
    made = [site.api.post(path(site), {"manifest": MANIFEST}).ok(201) for _ in range(2)]
    assert [one["number"] for one in made] == [2, 3]
    assert [one["number"] for one in site.api.get(path(site)).results] == [3, 2, 1]
    assert made[0]["created_by"] == site.engineer.username
    assert site.api.get(f"/deploy/services/{site.service.pk}").ok()["latest_revision"] == 3


def test_a_revision_is_never_changed(site: Site) -> None:
    revision = site.service.revisions.get()
    for method in ("PATCH", "PUT", "DELETE"):
        site.api.request(method, f"{path(site)}/{revision.pk}", {}).refused(404, "not_found")


def test_a_secrets_default_is_not_shown_and_not_stored_in_clear(site: Site) -> None:
    variables = {
        "TOKEN": {"default": "canary-default", "secret": True},
        "TAG": {"default": "1"},
    }
    answer = site.api.post(path(site), {"manifest": MANIFEST, "variables": variables})
    shown = answer.ok(201)["variables"]
    assert shown["TOKEN"] == {"secret": True, "required": False, "default": None}
    assert shown["TAG"]["default"] == "1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM deployments_servicerevision")
        assert "canary-default" not in str(cursor.fetchall())
    assert "canary-default" not in answer.text + site.api.get(path(site)).text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "validation_error"),
        ({"manifest": ""}, 400, "validation_error"),
        ({"manifest": "a: [", "note": "x"}, 422, "manifest_invalid"),
        ({"manifest": "a: &x 1\nb: *x"}, 422, "manifest_invalid"),
        ({"manifest": "a: 1\na: 2"}, 422, "manifest_invalid"),
        ({"manifest": MANIFEST, "variables": {"1A": {}}}, 400, "validation_error"),
        ({"manifest": MANIFEST, "variables": {"A": {"colour": 1}}}, 400, "validation_error"),
        ({"manifest": MANIFEST, "variables": {"A": "text"}}, 400, "validation_error"),
    ],
)
def test_what_is_no_revision(site: Site, body: dict[str, Any], status: int, code: str) -> None:
    site.api.post(path(site), body).refused(status, code)
    assert site.service.revisions.count() == 1


@pytest.mark.parametrize("name", ["Web", "-web", "web-", "a b", "a" * 64, "web;rm", "web\n x", ""])
def test_service_names_are_fit_for_hosts(site: Site, name: str) -> None:
    body = {"name": name, "project_id": site.project.pk, "runtime_type": "compose"}
    answer = site.api.post("/deploy/services", body)
    assert set(answer.refused(400, "validation_error")["fields"]) == {"name"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_many_at_once_have_a_number_each() -> None:
    site = Site()

    def create(_: int) -> int:
        return Api(site.engineer).post(path(site), {"manifest": MANIFEST}).status

    statuses = threads.each(create, range(4), at_once=4)
    assert set(statuses) == {201}
    numbers = ServiceRevision.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]
