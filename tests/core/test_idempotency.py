"""`Idempotency-Key`: a repeated POST is answered, not done again."""

from __future__ import annotations

import pytest

from config.core import services
from config.core.models import APIToken, IdempotencyRecord, Project
from tests.callers import Api
from tests.factories.core import AdminFactory, UserFactory

pytestmark = pytest.mark.django_db
BODY = {"name": "Shop", "slug": "shop"}


@pytest.fixture
def admin() -> Api:
    return Api(AdminFactory.make())


def test_the_same_again(admin: Api) -> None:
    first = admin.post("/projects", BODY, Idempotency_Key="k1")
    again = admin.post("/projects", BODY, Idempotency_Key="k1")
    assert (again.ok(201), again.headers["Idempotency-Replayed"]) == (first.ok(201), "true")
    assert "Idempotency-Replayed" not in first.headers
    assert Project.objects.count() == 1


def test_another_body_or_endpoint_is_a_conflict(admin: Api) -> None:
    admin.post("/projects", BODY, Idempotency_Key="k1").ok(201)
    other = BODY | {"slug": "other", "name": "Other"}
    admin.post("/projects", other, Idempotency_Key="k1").refused(409, "idempotency_conflict")
    admin.post("/users", BODY, Idempotency_Key="k1").refused(409, "idempotency_conflict")
    assert Project.objects.count() == 1


def test_keys_are_each_callers_own(admin: Api) -> None:
    admin.post("/auth/tokens", {"name": "a"}, Idempotency_Key="k1").ok(201)
    Api(UserFactory.make()).post("/auth/tokens", {"name": "a"}, Idempotency_Key="k1").ok(201)
    assert APIToken.objects.count() == 2


def test_what_failed_can_be_tried_again(admin: Api) -> None:
    admin.post("/projects", {"name": "Shop"}, Idempotency_Key="k1").refused(400, "validation_error")
    admin.post("/projects", BODY, Idempotency_Key="k1").ok(201)


def test_what_broke_can_be_tried_again(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(services, "create_project", broken)
        with pytest.raises(RuntimeError):
            admin.post("/projects", BODY, Idempotency_Key="k1")
    admin.post("/projects", BODY, Idempotency_Key="k1").ok(201)


def test_while_the_first_is_under_way(admin: Api) -> None:
    admin.post("/projects", BODY, Idempotency_Key="k1").ok(201)
    IdempotencyRecord.objects.update(status=None)
    admin.post("/projects", BODY, Idempotency_Key="k1").refused(409, "idempotency_conflict")


def test_a_token_in_an_answer_is_kept_encrypted(admin: Api) -> None:
    first = admin.post("/auth/tokens", {"name": "a"}, Idempotency_Key="k1").ok(201)
    assert first["token"] not in str(list(IdempotencyRecord.objects.values()))
    record = IdempotencyRecord.objects.get()
    assert first["token"] not in str(record.body)
    again = admin.post("/auth/tokens", {"name": "a"}, Idempotency_Key="k1").ok(201)
    assert again == first


def test_a_key_has_a_length(admin: Api) -> None:
    admin.post("/projects", BODY, Idempotency_Key="k" * 129).refused(400, "validation_error")
    admin.post("/projects", BODY, Idempotency_Key="k" * 128).ok(201)
