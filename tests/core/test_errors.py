"""Contract, "Errors": one shape for every refusal, 400 to 503."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client

from config.core import views
from config.core.models import User
from tests.callers import Api
from tests.factories.core import PASSWORD, AdminFactory, ProjectFactory, UserFactory, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def admin(api: ApiOf) -> Api:
    return api(AdminFactory.make())


def test_wrong_types_name_their_fields(admin: Api) -> None:
    data = admin.post("/users", {"username": "a b", "is_bot": "perhaps"}).refused(
        400, "validation_error"
    )
    assert set(data["fields"]) == {"username", "is_bot"}
    assert all(isinstance(text, str) for texts in data["fields"].values() for text in texts)


def test_a_field_that_is_not_declared_is_refused(admin: Api) -> None:
    data = admin.post("/users", {"username": "newcomer", "is_superuser": True}).refused(
        400, "validation_error"
    )
    assert set(data["fields"]) == {"is_superuser"}
    assert not User.objects.filter(username="newcomer").exists()


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("/projects", "colour"),
        ("/events", "resource"),
        ("/deploy/releases", "status"),
        ("/deploy/services", "team"),
        ("/approvals/inbox", "state"),
        ("/approvals/policies", "tier"),
        ("/environments", "name"),
        ("/environments/credentials", "kind"),
        ("/users", "q"),
        ("/auth/tokens", "user"),
    ],
)
def test_a_filter_that_is_not_listed_is_refused(admin: Api, path: str, unknown: str) -> None:
    data = admin.get(path, **{unknown: "1"}).refused(400, "validation_error")
    assert set(data["fields"]) == {unknown}


def test_a_filter_of_the_wrong_type_is_refused(admin: Api) -> None:
    data = admin.get("/deploy/releases", project="one", state="gone").refused(
        400, "validation_error"
    )
    assert set(data["fields"]) == {"project", "state"}


@pytest.mark.parametrize("body", [b"{", b"[1,", b'{"username": }', b"\xff\xfe"])
def test_malformed_json(admin: Api, body: bytes) -> None:
    data = admin.request("POST", "/users", body).refused(400, "validation_error")
    assert set(data["fields"]) == {"body"}


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"3"])
def test_json_that_is_no_object(admin: Api, body: bytes) -> None:
    admin.request("POST", "/users", body).refused(400, "validation_error")


def test_a_body_that_is_not_json(admin: Api) -> None:
    answer = admin.client.post("/api/v1/users", {"username": "form"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"


def test_signed_out(api: ApiOf) -> None:
    answer = api(None).get("/projects")
    answer.refused(401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header", ["Token wrong", "Token", "Token a b", "Token \xe9", "Token " + "x" * 500]
)
def test_a_token_that_is_none(header: str) -> None:
    answer = Client().get("/api/v1/projects", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_what_may_be_read_and_not_done(api: ApiOf) -> None:
    project = ProjectFactory.make()
    viewer = api(member(project, "viewer"))
    data = viewer.patch(f"/projects/{project.pk}", {"name": "Renamed"}).refused(
        403, "permission_denied"
    )
    assert data == {"permission": "project_manage"}


def test_what_may_not_be_read_does_not_exist(api: ApiOf) -> None:
    hidden = ProjectFactory.make()
    outsider = api(UserFactory.make())
    seen = outsider.get(f"/projects/{hidden.pk}")
    missing = outsider.get(f"/projects/{hidden.pk + 999}")
    assert seen.refused(404, "not_found") == missing.refused(404, "not_found")
    assert seen.body["message"] == missing.body["message"]


@pytest.mark.parametrize("path", ["/nothing", "/projects/", "/projects/abc", "/deploy"])
def test_no_such_endpoint(admin: Api, path: str) -> None:
    admin.get(path).refused(404, "not_found")
    assert Client(enforce_csrf_checks=True).post(f"/api/v1{path}").status_code == 404


def test_ids_that_no_database_holds_are_not_found(admin: Api) -> None:
    admin.get(f"/projects/{10**30}").refused(404, "not_found")
    admin.get("/approvals/inbox/APR-999999999999999999").refused(404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/projects"), ("DELETE", "/events"), ("POST", "/auth/me"), ("PATCH", "/users")],
)
def test_wrong_method(admin: Api, method: str, path: str) -> None:
    admin.request(method, path, {}).refused(405, "method_not_allowed")


def test_a_session_without_the_csrf_token_changes_nothing() -> None:
    UserFactory.make(username="someone", password=PASSWORD)
    browser = Client(enforce_csrf_checks=True)
    credentials = {"username": "someone", "password": PASSWORD}
    refused = browser.post("/api/v1/auth/login", credentials, "application/json")
    assert refused.status_code == 403
    assert refused.json()["code"] == "permission_denied"
    assert set(refused.json()) == {"code", "message", "data", "request_id"}


def test_the_database_away(api: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = api(AdminFactory.make())

    def away(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(views.ProjectViewSet, "get_queryset", away)
    answer = caller.get("/projects")
    answer.refused(503, "dependency_unavailable")
    assert "connection refused" not in answer.text


def test_a_proxys_request_id_is_kept_and_odd_ones_are_not(client: Client) -> None:
    kept = client.get("/api/v1/projects", headers={"X-Request-ID": "proxy-0123456789"})
    assert kept.json()["request_id"] == kept["X-Request-ID"] == "proxy-0123456789"
    odd = client.get("/api/v1/projects", headers={"X-Request-ID": "<script>alert(1)</script>"})
    assert odd["X-Request-ID"] != "<script>alert(1)</script>"
    assert odd.json()["request_id"] == odd["X-Request-ID"]


def test_a_body_that_is_too_large_is_told_in_the_contracts_shape() -> None:
    api = Api(UserFactory.make())
    answer = api.post("/auth/tokens", {"name": "x" * 6_000_000})
    answer.refused(400, "validation_error")


@pytest.mark.parametrize("body", [rb'{"name": "\ud800"}', rb'{"\udfff": 1}', rb'["\uD801x"]'])
def test_halves_of_surrogate_pairs_are_refused(admin: Api, body: bytes) -> None:
    data = admin.request("POST", "/projects", body).refused(400, "validation_error")
    assert "surrogate" in data["fields"]["body"][0]


def test_whole_pairs_are_text(admin: Api) -> None:
    made = admin.request("POST", "/projects", rb'{"name": "\ud83d\ude80", "slug": "rocket"}')
    assert made.ok(201)["name"] == "\N{ROCKET}"
