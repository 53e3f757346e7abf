"""What was previewed is what runs, though its tag moves; and it comes back without a registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.registry import ADDRESS, Registry
from tests.e2e.releases import App, Run, manifest, staged
from tests.e2e.site import Site
from tests.lab import Host

pytestmark = pytest.mark.lab

NAME = f"{ADDRESS}/shop:stable"
PORT = 8141
FIRST, SECOND = 11, 12  # versions that the hosts don't have


@pytest.fixture
def host(site: Site) -> Host:
    return site.hosts[0]


@pytest.fixture(scope="module")
def registry(site: Site, one_host: int) -> Iterator[Registry]:
    assert one_host
    registry = Registry(site.hosts[0])
    registry.start()
    yield registry
    registry.stop()


@pytest.fixture(scope="module")
def app(site: Site, one_host: int) -> App:
    return App(site, one_host)


def shop(port: int = PORT) -> str:
    return manifest(1, port).replace("image: slipway-demo:1", f"image: {NAME}")


def state(host: Host) -> str:
    """What Docker has there: images, containers, networks, volumes."""
    listed = "docker images -aq; docker ps -aq; docker network ls -q; docker volume ls -q"
    return host.exec("sh", "-c", f"({listed}) | sort").stdout


def answer(host: Host) -> str:
    return host.exec("curl", "-s", f"http://127.0.0.1:{PORT}/").stdout.strip()


def test_a_preview_pins_what_no_host_has_and_changes_nothing(
    app: App, host: Host, registry: Registry
) -> None:
    first, second = registry.push(FIRST, "shop:stable"), registry.push(SECOND, "shop:next")
    app.revision(shop())
    before = state(host)
    preview = app.preview()
    checks = {check["id"]: check for check in preview["checks"]}
    assert checks["images"]["status"] == "pass", checks
    assert checks["dry_run"]["status"] == "pass", checks
    pin = f"{ADDRESS}/shop@{first}"
    assert preview["images"] == [{"service": "web", "reference": NAME, "digest": pin}]
    assert state(host) == before

    move_tag(host, second)
    app.apply(preview).applied()
    assert answer(host) == f"version {FIRST}"
    assert staged(app, host)["services"]["web"]["image"] == pin


def move_tag(host: Host, digest: str) -> None:
    """In the registry, `stable` is from now on what `digest` is; past Docker on the host."""
    manifests = f"http://{ADDRESS}/v2/shop/manifests"
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    script = (
        f'curl -sf -H "Accept: {kind}" {manifests}/{digest} -o /tmp/manifest && '
        f'curl -sf -X PUT -H "Content-Type: {kind}" --data-binary @/tmp/manifest {manifests}/stable'
    )
    host.exec("sh", "-c", script)


def test_the_moved_tag_is_another_image_in_the_next_preview(app: App, host: Host) -> None:
    app.start().applied()
    assert answer(host) == f"version {SECOND}"


def test_the_way_back_needs_no_registry(app: App, host: Host, registry: Registry) -> None:
    registry.stop()
    newest = app.site.api.all(f"/deploy/releases?service={app.service}")[0]
    made = app.site.api.post(f"/deploy/releases/{newest['id']}/rollback", reason="It hurts")
    Run(app.site, made["id"]).applied()
    assert answer(host) == f"version {FIRST}"
    registry.start()


def test_no_registry_answers_and_that_is_said(app: App, registry: Registry) -> None:
    registry.stop()
    app.revision(shop().replace("shop:stable", "shop:unheard-of"))
    preview = app.preview()
    registry.start()
    checks = {check["id"]: check["status"] for check in preview["checks"]}
    assert (checks["images"], checks["dry_run"]) == ("warn", "warn")
    assert preview["images"][0]["digest"] is None
    assert any("pinned by nothing" in reason for reason in preview["risk"]["reasons"])
