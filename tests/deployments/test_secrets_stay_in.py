"""A secret variable goes to the runtime, and into nothing that anybody reads."""

from __future__ import annotations

import base64
import json
import logging

import pytest
from django.db import connection
from django.test import Client

from config.core.models import TimelineEvent
from config.core.secrets import Secret
from deployments.models import Release
from deployments.rendering import hide
from deployments.secrets import content_of, masks_of
from tests.callers import Api
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.deployments.site import Site
from tests.factories.core import AdminFactory, member

pytestmark = pytest.mark.django_db
CANARY, OLDER, DEFAULT = "canary-given-8d2f", "canary-older-77aa", "canary-default-c0de"
MANIFEST = """\
services:
  web:
    image: registry.example.net/web:1
    environment: {PASSWORD: "${PASSWORD}", URL: "postgres://u:${PASSWORD}@db", KEY: "${KEY}"}
"""


def test_no_canary_anywhere(
    production: Site, runtime: RecordingRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site, project = production, production.project
    variables = {
        "PASSWORD": {"secret": True, "required": True},
        "KEY": {"secret": True, "default": DEFAULT},
    }
    base = f"/deploy/services/{site.service.pk}/revisions"
    texts = [site.api.post(base, {"manifest": MANIFEST, "variables": variables}).text]
    approver = Api(member(project, "approver"))

    def release(secret: str) -> Release:
        preview = site.preview(variables={"PASSWORD": secret})
        made = site.apply(preview)
        texts.append(str(preview))
        ticket = site.ticket(made).ticket
        texts.append(approver.get(f"/approvals/inbox/{ticket}").text)
        texts.append(approver.post(f"/approvals/inbox/{ticket}/approve").text)
        return site.run(made)

    first = release(OLDER)
    second = release(CANARY)
    # It is there where it has to be.
    environment = content_of(second)["services"]["web"]["environment"]
    assert (environment["PASSWORD"], environment["KEY"]) == (CANARY, DEFAULT)
    runtime.during = failing()
    release("canary-third-1234")
    wrong = site.api.post(
        "/deploy/releases/apply",
        {"preview_ref": second.preview_ref, "variables": {"PASSWORD": "canary-other"}},
    )
    assert wrong.refused(409, "preview_mismatch") == {"mismatch": ["variables"]}
    texts.append(wrong.text)
    back = site.api.post(f"/deploy/releases/{second.pk}/rollback", {"reason": "x", "dry_run": True})
    assert back.ok(201)["diff"]["summary"]["update"] == 1
    texts.append(back.text)
    for pk in (first.pk, second.pk):
        for part in ("", "/timeline", "/steps"):
            texts.append(site.api.get(f"/deploy/releases/{pk}{part}").text)
    texts += [site.api.get(path).text for path in ("/deploy/releases", "/events", base)]
    texts += admin_pages(second)
    texts += [str(vars(r)) for r in caplog.records if r.name != "django.db.backends"]
    texts += [str(event) for event in TimelineEvent.objects.values()]
    with connection.cursor() as cursor:
        for table in ("deployment_releases", "deployments_servicerevision", "approval_inbox_items"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - names from above
            texts.append(str(cursor.fetchall()))
    assert "PASSWORD" in "".join(texts)
    for text in texts:
        assert "canary" not in text
        assert base64.b64encode(CANARY.encode()).decode()[:16] not in text


def admin_pages(release: Release) -> list[str]:
    browser = Client()
    browser.force_login(AdminFactory.make())
    pages = []
    for path in (
        "release/",
        f"release/{release.pk}/change/",
        f"servicerevision/{release.revision_id}/change/",
        f"service/{release.service_id}/change/",
        f"deploymenttarget/{release.target_id}/change/",
    ):
        answer = browser.get(f"/admin/deployments/{path}")
        assert answer.status_code == 200, path
        pages.append(answer.content.decode())
    return pages


def test_a_changed_secret_shows_as_a_change(site: Site) -> None:
    site.revision(
        manifest=MANIFEST, variables={"PASSWORD": {"secret": True}, "KEY": {"default": "k"}}
    )
    site.deploy(variables={"PASSWORD": OLDER})
    same = site.preview(variables={"PASSWORD": OLDER})
    other = site.preview(variables={"PASSWORD": CANARY})
    assert same["diff"]["summary"]["update"] == 0
    assert other["diff"]["summary"]["update"] == 1
    assert "canary" not in other["diff"]["resources"][0]["unified"]


def test_a_secret_is_masked_as_messages_quote_it_and_in_base64() -> None:
    canary = 'first "line"\nsecond-canary'
    hidden = masks_of({"KEY": Secret(canary)})
    encoded = base64.b64encode(canary.encode()).decode()
    told = f"Invalid value: {json.dumps(canary)}; data: {encoded}"
    shown = hide(told, hidden)
    assert "canary" not in shown
    assert encoded not in shown


def test_a_secret_too_short_to_be_masked_is_not_taken(site: Site) -> None:
    site.revision(
        manifest="services: {web: {image: 'web:1', environment: {URL: 'redis://:${PASSWORD}@db'}}}",
        variables={"PASSWORD": {"secret": True}},
    )
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    sent = {**body, "variables": {"PASSWORD": "abc"}}
    refused = site.api.post("/deploy/releases/preview", sent).refused(400, "validation_error")
    assert "at least 4 characters" in refused["fields"]["variables.PASSWORD"][0]
