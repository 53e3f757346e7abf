"""Signing in and out, who am I, and how often one may guess."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.throttling import ScopedRateThrottle

from config.core.models import TimelineEvent
from config.core.roles import PERMISSIONS
from tests.callers import Api
from tests.factories.core import (
    PASSWORD,
    AdminFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    grant,
)

pytestmark = pytest.mark.django_db


class Browser:
    """With cookies, and the CSRF token that the SPA sends."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def post(self, path: str, body: object = None) -> tuple[int, str]:
        cookie = self.client.cookies.get("csrftoken")
        answer = self.client.post(
            f"/api/v1{path}",
            body or {},
            "application/json",
            headers={"X-CSRFToken": cookie.value if cookie else ""},
        )
        return answer.status_code, answer.json().get("code", "") if answer.content else ""

    def me(self) -> int:
        return self.client.get("/api/v1/auth/me").status_code


def test_in_and_out() -> None:
    UserFactory.make(username="someone", password=PASSWORD)
    browser = Browser()
    assert browser.me() == 401  # and sets the CSRF cookie
    assert "csrftoken" in browser.client.cookies
    assert browser.post("/auth/login", {"username": "someone", "password": PASSWORD}) == (200, "")
    session = browser.client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert browser.me() == 200
    assert browser.post("/auth/logout") == (204, "")
    assert browser.me() == 401
    [event] = TimelineEvent.objects.all()
    assert (event.action, event.actor, event.source) == ("auth.login", "someone", "ui")


@pytest.mark.parametrize("name", ["someone", "nobody"])
def test_a_wrong_password_and_a_wrong_name_are_alike(name: str) -> None:
    UserFactory.make(username="someone", password=PASSWORD)
    answer = Api().post("/auth/login", {"username": name, "password": "wrong"})
    answer.refused(401, "not_authenticated")
    assert answer.body["message"] == "Wrong user name or password."
    assert TimelineEvent.objects.filter(action="auth.login_failed").count() == (name == "someone")
    assert "wrong" not in str(list(TimelineEvent.objects.values()))


def test_inactive_users_and_bots_without_password_stay_out() -> None:
    UserFactory.make(username="gone", password=PASSWORD, is_active=False)
    UserFactory.make(username="bot", is_bot=True)
    for name in ("gone", "bot"):
        answer = Api().post("/auth/login", {"username": name, "password": PASSWORD})
        answer.refused(401, "not_authenticated")


def test_guessing_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"login": "3/min"})
    caller = Api()
    for _ in range(3):
        caller.post("/auth/login", {"username": "a", "password": "b"}).refused(
            401, "not_authenticated"
        )
    answer = caller.post("/auth/login", {"username": "a", "password": "b"})
    answer.refused(429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_me() -> None:
    user, team, project = UserFactory.make(), TeamFactory.make(), ProjectFactory.make()
    user.groups.add(team)
    grant(team, "viewer", project)
    ProjectFactory.make()
    body = Api(user).get("/auth/me").ok()
    assert body["user"]["username"] == user.username
    assert "password" not in body["user"]
    assert [one["id"] for one in body["teams"]] == [team.pk]
    [seen] = body["projects"]
    assert (seen["id"], set(seen["permissions"])) == (
        project.pk,
        {"release_read", "approval_read", "environment_read", "cluster_read"},
    )


def test_an_admin_has_every_permission_everywhere() -> None:
    ProjectFactory.make()
    [seen] = Api(AdminFactory.make()).get("/auth/me").ok()["projects"]
    assert sorted(seen["permissions"]) == sorted(PERMISSIONS)


def test_pages_say_what_browsers_may_do_with_them() -> None:
    headers = Api().get("/auth/me").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_health(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert all(answer.json()["checks"].values())
