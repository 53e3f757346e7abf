"""Every endpoint and method, for every kind of caller, in one table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from approvals import registry as subjects
from config.core import threads
from deployments.runtimes import registry
from tests.approvals.recording_subject import RecordingSubject
from tests.callers import Api
from tests.contract.world import CALLERS, World
from tests.deployments.recording_runtime import RecordingRuntime
from tests.factories.deployments import MANIFEST

pytestmark = pytest.mark.django_db
Body = Callable[[World], Any]

READERS = (
    "viewer",
    "engineer",
    "approver",
    "release_bot",
    "project_admin",
    "break_glass",
    "admin",
)
RELEASE = ("engineer", "release_bot", "project_admin", "admin")
INSTALL = ("engineer", "project_admin", "admin")
REVIEW = ("approver", "project_admin", "admin")
MANAGE = ("project_admin", "admin")
EMERGENCY = ("break_glass", "admin")
ADMIN = ("admin",)
SIGNED_IN = ("none", *READERS)


@dataclass(frozen=True)
class Rule:
    """`may` get `ok`; others who read the project `denied`, and who doesn't `hidden`."""

    may: tuple[str, ...]
    ok: int = 200
    denied: int = 403
    hidden: int = 404
    anonymous: int = 401
    body: Body | None = None
    query: Callable[[World], dict[str, Any]] = lambda _: {}

    def expected(self) -> dict[str, int]:
        found = {}
        for caller in CALLERS:
            if caller in ("anonymous", "inactive"):
                found[caller] = self.anonymous
            elif caller in self.may:
                found[caller] = self.ok
            else:
                found[caller] = self.hidden if caller == "none" else self.denied
        return found


def only(name: str, value: Any) -> Body:
    return lambda _: {name: value}


def in_project(**fields: Any) -> Body:
    return lambda world: {"project_id": world.project.pk, **fields}


def parameters(world: World) -> dict[str, Any]:
    return {"service_id": world.service.pk, "target_id": world.target.pk}


def step(world: World) -> dict[str, Any]:
    return {"step": world.step.pk}


def address(world: World) -> dict[str, Any]:
    nodes = [world.node.pk, 10**9]
    return {"vip": "192.0.2.9", "interface": "eth0", "port": 80, "nodes": nodes}


def governed(world: World) -> dict[str, Any]:
    return {"project": world.project.pk, "tier": "production", "action": "apply"}


ENVIRONMENT = {"name": "another", "tier": "staging", "runtime_type": "compose"}
CLUSTER = {"name": "another", "endpoint": "https://a.example.net", "token": "x", "verify": False}
CREDENTIAL = {"name": "another", "kind": "password", "password": "x"}
POLICY = {"tier": "staging", "action": "rollback"}
FREEZE = {
    "tier": "staging",
    "reason": "Holidays",
    "starts_at": "2026-12-24T00:00:00Z",
    "ends_at": "2026-12-27T00:00:00Z",
}
BULK = {"tickets": ["APR-999999"], "decision": "approve"}
CHANNEL = {
    "name": "another",
    "kind": "webhook",
    "url": "https://hooks.example.org/x",
    "events": ["release.failed"],
}
FINGERPRINT = "SHA256:" + "A" * 43

RULES = {
    # --- the platform
    "GET schema": Rule(SIGNED_IN, anonymous=200),
    "GET docs": Rule(SIGNED_IN, anonymous=200),
    "GET auth/me": Rule(SIGNED_IN),
    "POST auth/login": Rule(SIGNED_IN, 400, anonymous=400),
    "POST auth/logout": Rule(SIGNED_IN, 204),
    "GET auth/tokens": Rule(SIGNED_IN),
    "POST auth/tokens": Rule(SIGNED_IN, 201, body=only("name", "mine")),
    "DELETE auth/tokens/{token}": Rule(ADMIN, 204, denied=404),
    "GET projects": Rule(SIGNED_IN),
    "POST projects": Rule(ADMIN, 201, hidden=403, body=lambda _: {"name": "N", "slug": "n"}),
    "GET projects/{project}": Rule(READERS),
    "PATCH projects/{project}": Rule(MANAGE, body=only("name", "Renamed")),
    "GET projects/{project}/roles": Rule(READERS),
    "POST projects/{project}/roles": Rule(
        MANAGE, 201, body=lambda world: {"role": "viewer", "user_id": world.newcomer.pk}
    ),
    "DELETE projects/{project}/roles/{grant}": Rule(MANAGE, 204, denied=404),
    # Nothing is public here: a test ends with the reason why it sent nothing.
    "GET projects/{project}/notifications": Rule(MANAGE),
    "POST projects/{project}/notifications": Rule(MANAGE, 201, body=lambda _: CHANNEL),
    "GET projects/{project}/notifications/{channel}": Rule(MANAGE),
    "PATCH projects/{project}/notifications/{channel}": Rule(MANAGE, body=only("name", "renamed")),
    "DELETE projects/{project}/notifications/{channel}": Rule(MANAGE, 204),
    "POST projects/{project}/notifications/{channel}/rotate": Rule(MANAGE),
    "POST projects/{project}/notifications/{channel}/test": Rule(MANAGE),
    "GET projects/{project}/notifications/{channel}/deliveries": Rule(MANAGE),
    "GET teams": Rule(SIGNED_IN),
    "POST teams": Rule(
        ADMIN, 201, hidden=403, body=lambda _: {"name": "T", "slug": "t", "members": []}
    ),
    "GET users": Rule(SIGNED_IN),
    "POST users": Rule(ADMIN, 201, hidden=403, body=only("username", "somebody-new")),
    "GET events": Rule(SIGNED_IN),
    # --- approvals
    "GET approvals/inbox": Rule(SIGNED_IN),
    "GET approvals/inbox/summary": Rule(SIGNED_IN),
    "GET approvals/inbox/{ticket}": Rule(READERS),
    "POST approvals/inbox/{ticket}/approve": Rule(REVIEW),
    "POST approvals/inbox/{ticket}/break-glass": Rule(EMERGENCY, body=only("reason", "Outage")),
    "POST approvals/inbox/bulk": Rule(SIGNED_IN, body=lambda _: BULK),
    "POST approvals/inbox/{ticket}/reject": Rule(REVIEW, body=only("comment", "No")),
    "POST approvals/inbox/{ticket}/claim": Rule(REVIEW),
    "POST approvals/inbox/{ticket}/assign": Rule(
        REVIEW, body=lambda world: {"user_id": world.reviewer.pk}
    ),
    "POST approvals/inbox/{ticket}/comment": Rule(READERS, body=only("comment", "Why?")),
    "POST approvals/inbox/{ticket}/cancel": Rule(("engineer",)),  # who asked for it
    "GET approvals/policies": Rule(SIGNED_IN),
    "GET approvals/policies/effective": Rule(READERS, hidden=400, query=governed),
    "POST approvals/policies": Rule(MANAGE, 201, hidden=400, body=in_project(**POLICY)),
    "PATCH approvals/policies/{policy}": Rule(MANAGE, body=lambda _: {"enabled": False}),
    "DELETE approvals/policies/{policy}": Rule(MANAGE, 204),
    "GET approvals/freezes": Rule(SIGNED_IN),
    "POST approvals/freezes": Rule(MANAGE, 201, hidden=400, body=in_project(**FREEZE)),
    "PATCH approvals/freezes/{freeze}": Rule(MANAGE, body=lambda _: {"enabled": False}),
    "DELETE approvals/freezes/{freeze}": Rule(MANAGE, 204),
    # --- clusters
    "GET clusters": Rule(SIGNED_IN),
    "POST clusters/import": Rule(MANAGE, 201, hidden=400, body=in_project(**CLUSTER)),
    "GET clusters/{cluster}": Rule(READERS),
    "PATCH clusters/{cluster}": Rule(MANAGE, body=only("name", "renamed")),
    "DELETE clusters/{cluster}": Rule(MANAGE, 204),
    "POST clusters/{cluster}/test": Rule(MANAGE),
    "POST clusters/{cluster}/rotate": Rule(MANAGE, 502, body=only("token", "x")),
    "GET clusters/{cluster}/namespaces": Rule(READERS, 502),
    "GET clusters/{cluster}/workloads": Rule(READERS, 502),
    # --- environments
    "GET environments": Rule(SIGNED_IN),
    "POST environments": Rule(MANAGE, 201, hidden=400, body=in_project(**ENVIRONMENT)),
    "GET environments/{environment}": Rule(READERS),
    "PATCH environments/{environment}": Rule(MANAGE, body=only("name", "renamed")),
    "DELETE environments/{environment}": Rule(MANAGE, 204),
    "POST environments/{environment}/adopt": Rule(MANAGE, 502),
    "GET environments/credentials": Rule(SIGNED_IN),
    "POST environments/credentials": Rule(MANAGE, 201, hidden=400, body=in_project(**CREDENTIAL)),
    "GET environments/bastions": Rule(SIGNED_IN),
    "POST environments/bastions": Rule(
        MANAGE,
        201,
        denied=400,
        hidden=400,
        body=lambda world: {
            "name": "another",
            "project_id": world.project.pk,
            "host": "192.0.2.1",
            "credential_id": world.credential.pk,
        },
    ),
    "GET environments/bastions/{bastion}": Rule(MANAGE, denied=404),
    "PATCH environments/bastions/{bastion}": Rule(MANAGE, denied=404, body=only("name", "renamed")),
    "DELETE environments/bastions/{bastion}": Rule(MANAGE, 204, denied=404),
    "POST environments/bastions/{bastion}/scan": Rule(MANAGE, 502, denied=404),
    "POST environments/bastions/{bastion}/enroll": Rule(
        MANAGE, 502, denied=404, body=only("fingerprint", FINGERPRINT)
    ),
    "GET environments/{environment}/nodes": Rule(READERS),
    # Who may not use the credential is told that there is none of that id.
    "POST environments/{environment}/nodes": Rule(
        MANAGE,
        201,
        denied=400,
        body=lambda world: {
            "name": "another",
            "host": "192.0.2.1",
            "role": "compose",
            "credential_id": world.credential.pk,
        },
    ),
    "GET environments/{environment}/nodes/{node}": Rule(READERS),
    "PATCH environments/{environment}/nodes/{node}": Rule(MANAGE, body=only("name", "renamed")),
    "DELETE environments/{environment}/nodes/{node}": Rule(MANAGE, 409),  # it has steps
    "POST environments/{environment}/nodes/{node}/scan": Rule(MANAGE, 502),
    "POST environments/{environment}/nodes/{node}/check": Rule(MANAGE, 502),
    "POST environments/{environment}/nodes/{node}/enroll": Rule(
        MANAGE, 502, body=only("fingerprint", FINGERPRINT)
    ),
    "GET environments/bundles": Rule(SIGNED_IN),
    "GET environments/bundles/{project}/{environment}": Rule(SIGNED_IN, 404),
    "POST environments/bundles/{project}/{environment}/verify": Rule(SIGNED_IN, 404),
    "POST environments/{environment}/install/preview": Rule(
        INSTALL, 422, body=lambda _: {"bundle": "none", "version": "1"}
    ),
    "POST environments/{environment}/install/apply": Rule(
        INSTALL, body=lambda world: {"preview_ref": world.preview.preview_ref}
    ),
    # Somebody else's node is as good as none.
    "POST environments/{environment}/lvs-vip/preview": Rule(INSTALL, 400, body=address),
    "POST environments/{environment}/lvs-vip/apply": Rule(
        INSTALL, body=lambda world: {"preview_ref": world.preview.preview_ref}
    ),
    "GET environments/{environment}/install/tasks": Rule(READERS),
    "GET environments/{environment}/install/tasks/{task}": Rule(READERS),
    "POST environments/{environment}/install/tasks/{task}/cancel": Rule(INSTALL, 409),
    "POST environments/{environment}/install/tasks/{task}/retry": Rule(INSTALL, 409),
    "GET environments/{environment}/install/tasks/{task}/logs": Rule(READERS, query=step),
    "GET environments/{environment}/install/tasks/{task}/logs/download": Rule(READERS, query=step),
    "GET environments/{environment}/install/tasks/{task}/logs/stream": Rule(READERS),
    # --- deployments
    "GET deploy/services": Rule(SIGNED_IN),
    "POST deploy/services": Rule(
        RELEASE, 201, hidden=400, body=in_project(name="another", runtime_type="compose")
    ),
    "GET deploy/services/{service}": Rule(READERS),
    "PATCH deploy/services/{service}": Rule(RELEASE, body=only("description", "New")),
    "DELETE deploy/services/{service}": Rule(MANAGE, 204),
    "GET deploy/services/{service}/revisions": Rule(READERS),
    "POST deploy/services/{service}/revisions": Rule(RELEASE, 201, body=only("manifest", MANIFEST)),
    "GET deploy/targets": Rule(SIGNED_IN),
    "POST deploy/targets": Rule(
        MANAGE,
        201,
        hidden=400,
        body=lambda world: {
            "name": "another",
            "project_id": world.project.pk,
            "environment_id": world.environment.pk,
            "runtime_type": "compose",
        },
    ),
    "GET deploy/targets/{target}": Rule(READERS),
    "PATCH deploy/targets/{target}": Rule(MANAGE, body=only("name", "renamed")),
    "DELETE deploy/targets/{target}": Rule(MANAGE, 204),
    "GET deploy/metrics/summary": Rule(SIGNED_IN),
    "GET deploy/releases": Rule(SIGNED_IN),
    "POST deploy/releases/preview": Rule(RELEASE, 201, hidden=400, body=parameters),
    "POST deploy/releases/apply": Rule(
        RELEASE, 202, hidden=400, body=lambda world: {"preview_ref": world.previewed.preview_ref}
    ),
    "GET deploy/releases/{release}": Rule(READERS),
    "POST deploy/releases/{release}/rollback": Rule(RELEASE, 202, body=only("reason", "Broken")),
    "POST deploy/releases/{approved}/cancel": Rule(RELEASE, 202),
    "GET deploy/releases/{release}/timeline": Rule(READERS),
    "GET deploy/releases/{release}/diagnostics": Rule(READERS),
    "GET deploy/releases/{release}/steps": Rule(READERS),
    "GET deploy/releases/{release}/logs": Rule(READERS),
    "GET deploy/releases/{release}/logs/stream": Rule(READERS),
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:  # noqa: ARG001 - made first
    """Made once; every call on it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other threads don't see what isn't committed."""
    monkeypatch.setattr(threads, "each", lambda do, items, **_: [do(item) for item in items])
    monkeypatch.setitem(registry._RUNTIMES, "compose", RecordingRuntime())
    monkeypatch.setitem(subjects._handlers, "subject", RecordingSubject())


@pytest.mark.parametrize("endpoint", RULES)
def test_each_caller(world: World, endpoint: str) -> None:
    rule = RULES[endpoint]
    method, path = endpoint.format(**world.ids).split(" ")
    found = {}
    for name in CALLERS:
        with transaction.atomic():
            body = rule.body(world) if rule.body else None
            caller = Api(world.callers[name])
            answer = caller.request(method, f"/{path}", body, query=rule.query(world))
            found[name] = answer.status
            if answer.status >= 400:
                answer.refused(answer.status, answer.code)
            transaction.set_rollback(True)
    assert found == rule.expected()


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield path, pattern


def methods_of(pattern: URLPattern) -> set[str]:
    view: Any = pattern.callback
    if actions := getattr(view, "actions", None):
        return {method.upper() for method in actions} - {"HEAD"}
    kind = getattr(view, "cls", None)
    if kind is None:  # a stream
        return {"GET"}
    names = set(kind.http_method_names) - {"options", "head"}
    return {name.upper() for name in names if hasattr(kind, name)}


def test_no_endpoint_is_unlisted() -> None:
    served = set()
    for path, pattern in routes(get_resolver().url_patterns):
        if path.startswith("api/v1/"):
            name = path.removeprefix("api/v1/").replace("^", "").replace("$", "")
            name = re.sub(r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "{}", name)
            served |= {f"{method} {name}" for method in methods_of(pattern)}
    assert {re.sub(r"\{\w+\}", "{}", endpoint) for endpoint in RULES} == served
