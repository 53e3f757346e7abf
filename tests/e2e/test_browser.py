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
    told = {
        "url": site.api.url,
        "engineer": _person(site, "engineer", "approver"),
        "approver": _person(site, "approver"),
        **_releasable(site),
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


def _releasable(site: Site) -> dict[str, str]:
    """A service with a revision, and a target in production."""
    environment = site.environment(site.hosts[0], tier="production")
    site.api.post(f"/environments/{environment}/adopt")
    service = site.service()
    site.api.post(
        f"/deploy/services/{service}/revisions",
        manifest=MANIFEST.replace("8080:8080", "8090:8080"),
        variables={"VERSION": {"default": "1"}},
    )
    target = site.target(environment)
    names = {"service": f"/deploy/services/{service}", "target": f"/deploy/targets/{target}"}
    return {kind: site.api.get(path)["name"] for kind, path in names.items()}
