"""Credentials go in, and come out nowhere."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client

from config.core.models import TimelineEvent, User
from environments.models import SSHCredential
from tests.callers import Api
from tests.factories.core import AdminFactory, ProjectFactory, member
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-8d2f-credential"
SECRETS = ("private_key", "passphrase", "password", "sudo_password")
PATH = "/environments/credentials"


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Everything that this test's requests bring about; no canary may be in any of it."""
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    yield found
    rows = [str(row) for row in TimelineEvent.objects.values()]
    records = [
        str(vars(record)) for record in caplog.records if record.name != "django.db.backends"
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM environments_sshcredential")
        raw = [str(row) for row in cursor.fetchall()]
    assert found
    for text in [*found, *rows, *records, *raw]:
        assert CANARY not in text
        assert base64.b64encode(CANARY.encode()).decode().rstrip("=")[:-1] not in text


@pytest.mark.parametrize("kind", ["private_key", "password"])
def test_secrets_are_write_only(
    api: Callable[[User | None], Api], written: list[str], kind: str
) -> None:
    project, admin = ProjectFactory.make(), AdminFactory.make()
    caller = api(member(project, "project_admin"))
    body = {
        "name": "key", "project_id": project.pk, "kind": kind, **dict.fromkeys(SECRETS, CANARY),
    }  # fmt: skip
    made = caller.post(PATH, body)
    assert set(made.ok(201)) == {"id", "name", "project_id", "kind", "created_at"}
    again = caller.post(PATH, body)  # the name is taken
    assert set(again.refused(400, "validation_error")["fields"]) == {"name"}
    wrong = caller.post(PATH, body | {"name": "b", "colour": CANARY[:3]})
    environment = EnvironmentFactory.make(project=project)
    node = caller.post(
        f"/environments/{environment.pk}/nodes",
        {
            "name": "n",
            "host": "127.0.0.1",
            "port": 1,
            "role": "compose",
            "credential_id": made.body["id"],
        },
    )
    browser = Client()
    browser.force_login(admin)
    pages = [
        browser.get(f"/admin/environments/{path}").content.decode()
        for path in (
            "sshcredential/",
            f"sshcredential/{made.body['id']}/change/",
            f"environment/{environment.pk}/change/",
        )
    ]
    assert all("key" in page for page in pages)
    written += [made.text, again.text, wrong.text, node.text, *pages]
    written += [caller.get(PATH).text, api(admin).get("/events").text]
    assert str(SSHCredential.objects.get().password) == "••••••"


@pytest.mark.parametrize("kind", ["private_key", "password"])
def test_each_kind_needs_its_secret(api: Callable[[User | None], Api], kind: str) -> None:
    project = ProjectFactory.make()
    body = {"name": "key", "project_id": project.pk, "kind": kind}
    answer = api(member(project, "project_admin")).post(PATH, body)
    assert set(answer.refused(400, "validation_error")["fields"]) == {kind}
