"""A channel's URL and signing secret go in, and come out nowhere but to the receiver."""

from __future__ import annotations

import base64
import logging
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config.core.models import IdempotencyRecord, Project, TimelineEvent, User
from config.notifications.models import Channel, Delivery
from tests.callers import Answer, Api
from tests.factories.core import AdminFactory
from tests.factories.notifications import delivery_to
from tests.notifications.receivers import WebReceiver
from tests.notifications.working import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]
CANARY = "canary-9c41-of-a-channel"


@pytest.fixture
def secrets() -> list[str]:
    return [CANARY]


@pytest.fixture
def written(
    caplog: pytest.LogCaptureFixture, secrets: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """Everything that this test brings about, the couriers' command lines too."""
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    run = subprocess.run

    def noting(command: list[str], **options: Any) -> Any:
        found.append(str(command) + str(options["env"]))
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", noting)
    yield found
    assert len(found) > 5
    found += [str(row) for model in (TimelineEvent, Delivery) for row in model.objects.values()]
    records = [record for record in caplog.records if record.name != "django.db.backends"]
    found += [str(vars(record)) + caplog.handler.format(record) for record in records]
    with connection.cursor() as cursor:
        for model in (Channel, Delivery, TimelineEvent, IdempotencyRecord):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608 - a model's
            found += [str(row) for row in cursor.fetchall()]
    for secret in secrets:
        for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]):
            assert not [text for text in found if form in text]


def pages(admin: User, channel: Channel) -> list[str]:
    browser = Client()
    browser.force_login(admin)
    paths = ["channel/", f"channel/{channel.pk}/change/", "delivery/"]
    paths += [f"delivery/{row.pk}/change/" for row in channel.deliveries.all()]
    found = [browser.get(f"/admin/notifications/{path}") for path in paths]
    assert {page.status_code for page in found} == {200}
    texts = [page.content.decode() for page in found]
    assert channel.name in texts[0]
    assert channel.address in texts[1]
    return texts


def urls(web: WebReceiver) -> list[tuple[str, str]]:
    """Of receivers that answer, and of such that don't, with the canary wherever it can be."""
    nobody = "127.0.0.1:1"
    return [
        ("webhook", f"http://{web.address}/{CANARY}?token={CANARY}"),
        ("webhook", f"http://{nobody}/{CANARY}"),
        ("apprise", f"gotify://{web.address}/{CANARY}"),
        ("apprise", f"mailto://user:{CANARY}@{nobody}?from=a@b.org&to=c@d.org"),
        ("apprise", f"rocket://user:{CANARY}@{nobody}/room"),
    ]


@pytest.mark.parametrize("number", range(5))
def test_of_channels_that_work_and_that_do_not(
    project: Project,
    web: WebReceiver,
    api: Callable[[User | None], Api],
    secrets: list[str],
    written: list[str],
    number: int,
) -> None:
    admin = AdminFactory.make()
    caller, path = api(admin), f"/projects/{project.pk}/notifications"
    kind, url = urls(web)[number]
    body = {"name": "one", "kind": kind, "url": url, "events": ["release.failed"]}
    made = caller.post(path, body, Idempotency_Key="k").ok(201)
    if made["signing_secret"]:
        secrets.append(made["signing_secret"].removeprefix("whsec_"))
    channel = Channel.objects.get(pk=made["id"])
    one = f"{path}/{channel.pk}"
    web.answers = [(500, {}), (200, {}), (401, {}), (200, {})]
    answers: list[Answer] = [caller.post(f"{one}/test"), caller.post(f"{one}/test")]
    for _ in range(2):
        delivery_to(channel)
    work_off()
    answers += [caller.get(path), caller.get(one), caller.get(f"{one}/deliveries")]
    answers += [caller.patch(one, {"url": url}), caller.get("/events"), caller.post(path, body)]
    rotated = caller.post(f"{one}/rotate")
    if rotated.status == 200:
        secrets.append(rotated.body["signing_secret"].removeprefix("whsec_"))
    written += [answer.text for answer in answers]
    written += pages(admin, channel)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("webhook", f"ftp://{CANARY}/"),
        ("webhook", f"https://user:{CANARY}@example.org/"),
        ("webhook", f"https://10.0.0.1/{CANARY}"),
        ("webhook", f"https://example.org:{CANARY}/"),
        ("apprise", f"{CANARY}://example.org/"),
        ("apprise", f"slack://{CANARY}"),
        ("apprise", f"mailto://u:{CANARY}@example.org?{CANARY}={CANARY}"),
        ("apprise", f"mailto://u:{CANARY}@example.org?smtp=10.0.0.1"),
    ],
)
def test_of_urls_that_are_refused(
    project: Project,
    api: Callable[[User | None], Api],
    written: list[str],
    kind: str,
    url: str,
) -> None:
    caller, path = api(AdminFactory.make()), f"/projects/{project.pk}/notifications"
    body = {"name": "one", "kind": kind, "url": url, "events": []}
    for _ in range(6):
        answer = caller.post(path, body)
        assert answer.status == 400
        written.append(answer.text)
