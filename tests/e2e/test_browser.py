"""The SPA in Chromium on a real server with a real host: frontend/e2e, made ready for."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess

import pytest

from tests.demo.scenario import MANIFEST
from tests.demo.server import ROOT
from tests.e2e.site import Site, unique

pytestmark = [pytest.mark.lab, pytest.mark.browser]


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_the_spa_in_a_browser(site: Site, docker_environment: int) -> None:
    assert docker_environment
    environment = site.environment(site.hosts[0], tier="production")
    site.api.post(f"/environments/{environment}/adopt")
    told = {
        "url": site.api.url,
        "engineer": _person(site, "engineer", "approver"),
        "approver": _person(site, "approver"),
        "lead": _person(site, "project_admin"),
        "project": site.api.get(f"/projects/{site.project}")["name"],
        **_names(site, *_releasable(site, environment, 8090)),
        "waiting": _waiting(site, environment, 3),
    }
    done = subprocess.run(
        ["npm", "--prefix", "frontend", "run", "--silent", "e2e"],
        cwd=ROOT,
        env={**os.environ, "SLIPWAY_E2E": json.dumps(told), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _person(site: Site, *roles: str) -> dict[str, str]:
    login = {"username": unique(roles[0]), "password": secrets.token_hex(8)}
    user = site.api.post("/users", **login)["id"]
    for role in roles:
        site.api.post(f"/projects/{site.project}/roles", role=role, user_id=user)
    return login


def _releasable(site: Site, environment: int, port: int) -> tuple[int, int]:
    """A service with a revision, and a target in production: their ids."""
    service = site.service()
    site.api.post(
        f"/deploy/services/{service}/revisions",
        manifest=MANIFEST.replace("8080:8080", f"{port}:8080"),
        variables={"VERSION": {"default": "1"}},
    )
    return service, site.target(environment)


def _names(site: Site, service: int, target: int) -> dict[str, str]:
    paths = {"service": f"/deploy/services/{service}", "target": f"/deploy/targets/{target}"}
    return {kind: site.api.get(path)["name"] for kind, path in paths.items()}


def _waiting(site: Site, environment: int, count: int) -> list[str]:
    """Tickets of releases that somebody else asked for."""
    service, target = _releasable(site, environment, 8091)
    tickets = []
    for _ in range(count):
        preview = site.api.post("/deploy/releases/preview", service_id=service, target_id=target)
        release = site.api.post("/deploy/releases/apply", preview_ref=preview["preview_ref"])
        tickets.append(release["approval_ticket"])
    return tickets
