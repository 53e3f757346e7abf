"""One server and two hosts for all of these tests: both take seconds to make."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.server import ROOT, Server
from tests.e2e import phases, roots
from tests.e2e.demo import Demo
from tests.e2e.fleet import Fleet
from tests.e2e.site import Site
from tests.lab import Host, images
from tests.lab.fixtures import LabNamed

BUNDLE = "compose-debian13"
VIP_BUNDLE = "lvs-vip-debian13"
# Who dies is noticed after these seconds, instead of half a minute.
QUICK = {
    "SLIPWAY_LEASE_SECONDS": "5",
    "SLIPWAY_RECONCILE_SECONDS": "2",
    "SLIPWAY_HOST_PATIENCE_SECONDS": "8",
}
# A host that starts again is waited for.
ROUGH = QUICK | {"SLIPWAY_LEASE_SECONDS": "2", "SLIPWAY_HOST_PATIENCE_SECONDS": "60"}
DEMO_TEST = "test_told_to_its_end_it_leaves_nothing"
SERVICES = ("SLIPWAY_DATABASE_URL", "SLIPWAY_REDIS_URL")  # where set, of this test run


@pytest.fixture(scope="session")
def built_root() -> Path:
    """The root that `make` builds; what it lacks is built here, from the archive."""
    data = Path(os.environ.get("SLIPWAY_DATA_DIR", ROOT / "var"))
    root = Path(os.environ.get("SLIPWAY_BUNDLE_ROOT", data / "bundles"))
    for bundle in (BUNDLE, VIP_BUNDLE):
        if (root / "bin/linux-amd64" / bundle).is_dir():
            continue
        command = [sys.executable, str(ROOT / "manage.py"), "bundle", "build", bundle]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        subprocess.run([*command, "--root", str(root)], check=True, env=environment)
    return root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo runs beside the other tests; its end is waited for after them."""
    items.sort(key=lambda item: item.name == DEMO_TEST)


@pytest.fixture(scope="session", autouse=True)
def demo(
    request: pytest.FixtureRequest, built_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """Started before the first of these tests, if any of them asks for it."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    if any(item.name == DEMO_TEST for item in request.session.items):
        demo.start(built_root)
    yield demo
    if demo.process:
        demo.process.terminate()
        demo.process.communicate()


@pytest.fixture(scope="session")
def bundle_root(built_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return roots.make(tmp_path_factory.mktemp("bundles") / "root", built_root)


@pytest.fixture(scope="session")
def hosts(lab_named: LabNamed) -> Iterator[list[Host]]:
    with lab_named("e2e") as lab:
        yield lab.up(2)


@pytest.fixture(scope="session")
def site(
    hosts: list[Host], bundle_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    server = Server(tmp_path_factory.mktemp("slipway"), bundle_root, QUICK | _services())
    api = server.admin("correct horse battery staple")
    server.start()
    try:
        yield Site.open(server, api, hosts, bundle_root)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def rough(lab_named: LabNamed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Another server, with two hosts of its own: for tests that break what others rely on."""
    with lab_named("rough") as lab:
        root = phases.make(tmp_path_factory.mktemp("phases"))
        server = Fleet(tmp_path_factory.mktemp("rough"), root, ROUGH | _services())
        hosts = lab.up(2)
        api = server.admin("correct horse battery staple")
        server.start()
        try:
            yield Site.open(server, api, hosts, root)
        finally:
            server.stop()


@pytest.fixture(scope="session")
def docker_environment(site: Site) -> int:
    """Both hosts with Docker from the real bundle, and the applications' images on them."""
    environment = site.environment(*site.hosts)
    site.install(environment, BUNDLE).succeeded(180)
    for host in site.hosts:
        for version in images.VERSIONS:
            host.exec("docker", "load", input=images.archive_bytes(version))
    return environment


@pytest.fixture(scope="session")
def one_host(site: Site, docker_environment: int) -> int:
    """An environment of the first host alone, as it is; `docker_environment` made it fit."""
    assert docker_environment
    environment = site.environment(site.hosts[0])
    assert site.api.post(f"/environments/{environment}/adopt")["status"] == "ready"
    return environment


def _services() -> dict[str, str]:
    return {name: os.environ[name] for name in SERVICES if os.environ.get(name)}
