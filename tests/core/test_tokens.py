"""Tokens: hashed, expiring, limited; at most as mighty as their user."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from config.core.models import APIToken, Project, TimelineEvent, User
from tests.callers import Api
from tests.factories.core import AdminFactory, BotFactory, ProjectFactory, grant, member, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def engineer(project: Project) -> User:
    return member(project, "engineer")


def test_the_key_is_shown_once_and_stored_as_a_hash(engineer: User) -> None:
    session = Api(engineer)
    made = session.post("/auth/tokens", {"name": "ci"}).ok(201)
    key = made["token"]
    assert key.startswith("slw_")
    assert key.startswith(made["prefix"])
    [listed] = session.get("/auth/tokens").results
    assert "token" not in listed
    assert "digest" not in listed
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_apitoken")
        assert key not in str(cursor.fetchall())
    assert key not in str(list(TimelineEvent.objects.values()))
    assert Api(token=key).get("/auth/me").ok()["user"]["username"] == engineer.username


def test_it_expires(engineer: User) -> None:
    key = token_for(engineer)
    assert Api(token=key).get("/auth/me").status == 200
    APIToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    Api(token=key).get("/auth/me").refused(401, "not_authenticated")


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_at_most_a_year(engineer: User, days: int) -> None:
    expires = (timezone.now() + timedelta(days=days)).isoformat()
    answer = Api(engineer).post("/auth/tokens", {"name": "x", "expires_at": expires})
    assert set(answer.refused(400, "validation_error")["fields"]) == {"expires_at"}


def test_revoked(engineer: User) -> None:
    session = Api(engineer)
    made = session.post("/auth/tokens", {"name": "ci"}).ok(201)
    session.delete(f"/auth/tokens/{made['id']}").ok(204)
    Api(token=made["token"]).get("/auth/me").refused(401, "not_authenticated")
    actions = TimelineEvent.objects.filter(action__startswith="token").order_by("seq")
    assert [event.action for event in actions] == ["token.created", "token.revoked"]


def test_of_an_inactive_user(engineer: User) -> None:
    key = token_for(engineer)
    engineer.is_active = False
    engineer.save()
    Api(token=key).get("/projects").refused(401, "not_authenticated")


def test_scope_read_reads(engineer: User, project: Project) -> None:
    caller = Api(token=token_for(engineer, scope="read"))
    assert caller.get(f"/projects/{project.pk}").status == 200
    body = {"name": "web", "project_id": project.pk, "runtime_type": "compose"}
    caller.post("/deploy/services", body).refused(403, "permission_denied")
    Api(token=token_for(engineer)).post("/deploy/services", body).ok(201)


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["10.1.0.0/16"], "10.1.2.3", 200),
        (["10.1.0.0/16"], "10.2.0.1", 401),
        (["192.0.2.7/32", "2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "10.1.2.3", 401),
        ([], "10.2.0.1", 200),
    ],
)
def test_networks(engineer: User, networks: list[str], address: str, status: int) -> None:
    key = token_for(engineer, allowed_networks=networks)
    assert Api(token=key, address=address).get("/auth/me").status == status


@pytest.mark.parametrize("network", ["10.0.0.1/8", "everywhere", "300.0.0.0/8", ""])
def test_what_is_no_network(engineer: User, network: str) -> None:
    body = {"name": "x", "allowed_networks": [network]}
    Api(engineer).post("/auth/tokens", body).refused(400, "validation_error")


def test_a_project_limits_what_its_user_sees(engineer: User, project: Project) -> None:
    other = ProjectFactory.make()
    grant(engineer, "engineer", other)
    caller = Api(token=token_for(engineer, project=project))
    assert [row["id"] for row in caller.get("/projects").results] == [project.pk]
    caller.get(f"/projects/{other.pk}").refused(404, "not_found")
    assert {e["project_id"] for e in caller.get("/events").results} == {project.pk}


def test_it_limits_admins_as_well(project: Project) -> None:
    other = ProjectFactory.make()
    caller = Api(token=token_for(AdminFactory.make(), project=project))
    assert [row["id"] for row in caller.get("/projects").results] == [project.pk]
    caller.get(f"/projects/{other.pk}").refused(404, "not_found")
    for path, body in {
        "/projects": {"name": "N", "slug": "n"},
        "/users": {"username": "somebody"},
        "/teams": {"name": "T", "slug": "t", "members": []},
        "/approvals/policies": {"tier": "staging", "action": "vip"},
    }.items():
        caller.post(path, body).refused(403, "permission_denied")


@pytest.mark.parametrize("limits", [{"networks": True}, {"project": True}])
def test_a_limited_token_makes_none(
    engineer: User, project: Project, limits: dict[str, Any]
) -> None:
    fields: dict[str, Any] = (
        {"project": project} if "project" in limits else {"allowed_networks": ["127.0.0.0/8"]}
    )
    caller = Api(token=token_for(engineer, **fields))
    caller.post("/auth/tokens", {"name": "wider"}).refused(403, "permission_denied")


def test_for_others_only_admins(engineer: User) -> None:
    bot = BotFactory.make()
    body = {"name": "for the bot", "user_id": bot.pk}
    Api(engineer).post("/auth/tokens", body).refused(403, "permission_denied")
    made = Api(AdminFactory.make()).post("/auth/tokens", body).ok(201)
    assert Api(token=made["token"]).get("/auth/me").ok()["user"]["username"] == bot.username


def test_everyone_sees_their_own(engineer: User, project: Project) -> None:
    token_for(engineer)
    other = member(project, "viewer")
    assert Api(other).get("/auth/tokens").results == []
    Api(other).delete(f"/auth/tokens/{APIToken.objects.get().pk}").refused(404, "not_found")
    assert len(Api(AdminFactory.make()).get("/auth/tokens").results) == 1
