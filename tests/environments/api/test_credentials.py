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
from tests.environments.api import keys
from tests.factories.core import AdminFactory, ProjectFactory, member
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-8d2f-credential"
SECRETS = ("private_key", "passphrase", "password", "sudo_password")
PATH = "/environments/credentials"


KEY = keys.text("ed25519", passphrase=CANARY)
CANARIES = (CANARY, base64.b64encode(CANARY.encode()).decode().rstrip("=")[:-1], KEY[100:160])


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
        assert not [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize("kind", ["private_key", "password"])
def test_secrets_are_write_only(
    api: Callable[[User | None], Api], written: list[str], kind: str
) -> None:
    project, admin = ProjectFactory.make(), AdminFactory.make()
    caller = api(member(project, "project_admin"))
    body = {
        "name": "key", "project_id": project.pk, "kind": kind,
        **dict.fromkeys(SECRETS, CANARY), "private_key": KEY,
    }  # fmt: skip
    made = caller.post(PATH, body)
    assert set(made.ok(201)) == {"id", "name", "project_id", "kind", "created_at"}
    again = caller.post(PATH, body)  # the name is taken
    assert set(again.refused(400, "validation_error")["fields"]) == {"name"}
    wrong = caller.post(PATH, body | {"name": "b", "colour": CANARY[:3]})
    locked = caller.post(PATH, body | {"name": "c", "passphrase": f"not {CANARY}"})
    assert set(locked.refused(400, "validation_error")["fields"]) == {"passphrase"}
    broken = caller.post(PATH, body | {"name": "d", "private_key": KEY[:-120]})
    assert set(broken.refused(400, "validation_error")["fields"]) == {"private_key"}
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
    written += [made.text, again.text, wrong.text, locked.text, broken.text, node.text, *pages]
    written += [caller.get(PATH).text, api(admin).get("/events").text]
    assert str(SSHCredential.objects.get().password) == "••••••"


@pytest.mark.parametrize("kind", ["private_key", "password"])
def test_each_kind_needs_its_secret(api: Callable[[User | None], Api], kind: str) -> None:
    project = ProjectFactory.make()
    body = {"name": "key", "project_id": project.pk, "kind": kind}
    answer = api(member(project, "project_admin")).post(PATH, body)
    assert set(answer.refused(400, "validation_error")["fields"]) == {kind}


@pytest.mark.parametrize(
    ("kind", "bits", "form", "passphrase"),
    [
        ("ed25519", 0, "OpenSSH", ""), ("ed25519", 0, "PKCS8", "open sesame"),
        ("ecdsa", 256, "OpenSSH", "open sesame"), ("ecdsa", 384, "PEM", ""),
        ("ecdsa", 521, "PKCS8", "open sesame"),
        ("rsa", 3072, "PEM", "open sesame"), ("rsa", 3072, "OpenSSH", ""),
        ("rsa", 4096, "PKCS8", ""),
    ],
)  # fmt: skip
def test_a_private_key(
    api: Callable[[User | None], Api], kind: str, bits: int, form: str, passphrase: str
) -> None:
    project = ProjectFactory.make()
    body = {
        "name": "key",
        "project_id": project.pk,
        "kind": "private_key",
        "private_key": keys.text(kind, bits=bits, form=form, passphrase=passphrase),
        **({"passphrase": passphrase} if passphrase else {}),
    }
    caller = api(member(project, "project_admin"))
    caller.post(PATH, body).ok(201)
    wrong = body | {"name": "other", "passphrase": "another"}
    fields = caller.post(PATH, wrong).refused(400, "validation_error")["fields"]
    assert set(fields) == {"passphrase"}
    if passphrase:
        del body["passphrase"]
        fields = caller.post(PATH, body | {"name": "other"}).refused(400, "validation_error")
        assert fields == {"fields": {"passphrase": ["The private key needs a passphrase."]}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "can't be read"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "read"),
        (keys.text("rsa", bits=2048), "2048 bits; at least 3072"),
        (keys.text("rsa", bits=2048, form="PKCS8"), "2048 bits; at least 3072"),
        (keys.text("dsa"), "DSA keys are too weak"),
        (keys.text("dsa", form="PEM"), "DSA keys are too weak"),
        (keys.text("secp256k1", form="PKCS8"), "secp256k1"),
        (keys.text("ed448", form="PKCS8"), "neither"),
        pytest.param(keys.public("ed25519"), "can't be read", id="a public key"),
    ],
)
@pytest.mark.filterwarnings("ignore:SSH DSA key")
def test_what_is_no_private_key(api: Callable[[User | None], Api], text: str, reason: str) -> None:
    project = ProjectFactory.make()
    body = {"name": "k", "project_id": project.pk, "kind": "private_key", "private_key": text}
    caller = api(member(project, "project_admin"))
    for extra in ({}, {"kind": "password", "password": "x"}):
        fields = caller.post(PATH, body | extra).refused(400, "validation_error")["fields"]
        assert set(fields) == {"private_key"}
        assert reason in fields["private_key"][0]
    assert not SSHCredential.objects.exists()
