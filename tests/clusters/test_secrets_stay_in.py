"""What signs in to a cluster goes in, and comes out nowhere but to sign in."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clusters.access import login_of
from clusters.models import Cluster
from config.core.models import IdempotencyRecord, TimelineEvent, User
from tests.callers import Answer, Api
from tests.clusters.conftest import Site
from tests.factories.core import AdminFactory
from tests.kube.cluster import StandIn, kubeconfig
from tests.kube.failures import Close

pytestmark = pytest.mark.django_db
TOKENS = ("canary-3f1a-first-token", "canary-3f1a-other-token")


@pytest.fixture
def secrets() -> list[str]:
    """What may be seen nowhere; a test adds its own."""
    return [*TOKENS]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture, secrets: list[str]) -> Iterator[list[str]]:
    """Everything that this test's requests bring about."""
    caplog.set_level(logging.DEBUG)
    found: list[str] = []
    yield found
    assert len(found) > 3
    models = (TimelineEvent, IdempotencyRecord)
    found += [str(row) for model in models for row in model.objects.values()]
    # The statements are logged where the database is asked to; what it holds is read below.
    records = [record for record in caplog.records if record.name != "django.db.backends"]
    found += [str(vars(record)) + caplog.handler.format(record) for record in records]
    with connection.cursor() as cursor:
        for table in ("clusters", "cluster_connections", "core_idempotencyrecord"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - from the line above
            found += [str(row) for row in cursor.fetchall()]
    for secret in secrets:
        for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]):
            assert not [text for text in found if form in text]


def pages(admin: User, cluster: Cluster) -> list[str]:
    """Of the admin site: whatever it has of clusters."""
    browser = Client()
    browser.force_login(admin)
    found = [
        browser.get(f"/admin/clusters/{path}").content.decode()
        for path in ("", "cluster/", f"cluster/{cluster.pk}/change/")
    ]
    assert all(cluster.name in page for page in found[1:])
    assert "connection" not in found[0].lower()
    return found


def texts(*answers: Answer) -> list[str]:
    return [answer.text for answer in answers]


@pytest.fixture
def admin() -> User:
    return AdminFactory.make()


def test_a_token(
    site: Site,
    stand_in: StandIn,
    api: Callable[[User | None], Api],
    admin: User,
    written: list[str],
) -> None:
    stand_in.api.access.users |= dict.fromkeys(TOKENS, "admin")
    body = {"name": "one", "project_id": site.project.pk, **site.parts(token=TOKENS[0])}
    made = site.api.post("/clusters/import", body, Idempotency_Key="k")
    cluster = Cluster.objects.get(pk=made.ok(201)["id"])
    path = f"/clusters/{cluster.pk}"
    written += texts(made, site.api.post("/clusters/import", body, Idempotency_Key="k"))
    written += texts(site.api.post("/clusters/import", body))  # the name is taken
    written += texts(site.api.post(f"{path}/test"), site.api.get(f"{path}/namespaces"))
    rotated = site.api.post(f"{path}/rotate", {"token": TOKENS[1]})
    assert login_of(cluster).token.reveal() == TOKENS[1]
    written += texts(rotated, site.api.get(path), site.api.get("/clusters"))
    written += [*pages(admin, cluster), api(admin).get("/events").text]
    written += texts(site.api.delete(path))


def test_in_what_fails(site: Site, stand_in: StandIn, written: list[str]) -> None:
    stand_in.api.access.users[TOKENS[0]] = "admin"
    good = site.parts(token=TOKENS[0])
    bodies: list[dict[str, Any]] = [
        site.parts(token=TOKENS[1]),  # not known there
        good | {"ca_cert": ""},
        good | {"ca_cert": TOKENS[1]},
        good | {"client_key": TOKENS[1]},
        good | {"endpoint": f"ftp://{TOKENS[1]}"},
        {"kubeconfig": f"token: {TOKENS[1]}\ntoken: {TOKENS[1]}"},
        {"kubeconfig": f"token: !!int {TOKENS[1]}"},
        {"kubeconfig": kubeconfig(stand_in.login).replace("token: ", f"token: {TOKENS[1]} ")},
        {"kubeconfig": kubeconfig(stand_in.login).replace("token: ", f"password: {TOKENS[1]} ")},
    ]
    answers = [site.bring(**body) for body in bodies]
    stand_in.fail(lambda *_: Close())
    answers.append(site.bring(**good))
    assert all(answer.status in (400, 422, 502) for answer in answers)
    written += texts(*answers)


def test_a_certificates_key(
    site: Site,
    stand_in: StandIn,
    admin: User,
    secrets: list[str],
    written: list[str],
) -> None:
    """Also where it is sent in one file with the certificate."""
    pair = stand_in.authority.client("admin")
    secrets += pair.key.splitlines()[1:-1]
    both = site.parts(client_cert=pair.key + pair.certificate, client_key=pair.key)
    made = site.bring(**both)
    cluster = Cluster.objects.get(pk=made.ok(201)["id"])
    assert login_of(cluster).client_key.reveal() == pair.key
    path = f"/clusters/{cluster.pk}"
    written += texts(made, site.api.post(f"{path}/test"), site.api.get(path))
    written += pages(admin, cluster)
    stand_in.fail(lambda *_: Close())
    written += texts(site.api.post(f"{path}/test"), site.bring(**both | {"name": "two"}))
