"""Releases on a Docker host, under requests all the time; and what stops them."""

from __future__ import annotations

import sys

import pytest

from deployments.diagnostics import checked
from tests.demo.api import APIError, until
from tests.e2e import processes
from tests.e2e.releases import App, Made, Users, manifest, staged
from tests.e2e.site import Site
from tests.lab import Host, images

pytestmark = pytest.mark.lab

PORT = 8101


@pytest.fixture(scope="module")
def app(site: Site, one_host: int) -> App:
    """Version 1, running."""
    app = App(site, one_host)
    app.release(manifest(1, PORT, side=True))
    return app


@pytest.fixture
def host(site: Site) -> Host:
    return site.hosts[0]


def test_its_file_is_on_the_host_for_root_alone(app: App, host: Host) -> None:
    folder = f"/var/lib/slipway/releases/{app.name}"
    told = host.exec("find", folder, "-type", "f", "-printf", "%f %m %U\n").stdout
    assert set(told.splitlines()) == {"compose.json 600 0"}
    assert staged(app, host)["services"]["web"]["image"] == images.image_id(1)


def test_an_update_replaces_what_changed_and_nothing_else(
    app: App, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    before = app.containers(host)
    app.revision(manifest(2, PORT, side=True))
    with Users(host, PORT) as users:
        run = app.start()
        run.applied()
    after = app.containers(host)
    assert after["side"] == before["side"]
    assert after["web"] != before["web"]
    assert set(users.answers) - set(users.failures) == {"version 1", "version 2"}
    assert run.actions() == [
        f"release.{word}" for word in ("previewed", "approved", "applying", "applied")
    ]
    with capsys.disabled():
        sys.stdout.write(
            f"\nfrom version 1 to 2: {len(users.answers)} requests, {len(users.failures)} failed, "
            f"{users.gap * 1000:.0f} ms without an answer\n"
        )


def test_a_broken_revision_leaves_what_serves(app: App, host: Host) -> None:
    before = app.containers(host)
    app.revision(manifest(images.BROKEN, PORT, side=True))
    with Users(host, PORT) as users:
        run = app.start()
        failed = run.failed()
    assert failed["reason_code"] == "unhealthy"
    assert users.answers
    assert users.failures == []
    assert app.containers(host) == before
    found = checked(run.diagnostics())
    assert found["summary"]["code"] == "probe_failing"
    assert found["resources"][0]["status"] == "unhealthy"
    assert any("404" in event for event in found["resources"][0]["events"])
    assert found["raw"]["restored"] is True


def test_recreate_replaces_every_container(app: App, host: Host) -> None:
    before = app.containers(host)
    app.release(manifest(2, PORT, side=True), strategy="recreate")
    after = app.containers(host)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def test_a_container_changed_by_hand_after_the_preview(app: App, host: Host) -> None:
    preview = app.preview()
    host.exec("docker", "rm", "-f", app.containers(host)["side"])
    left = app.containers(host)
    run = app.apply(preview)
    assert run.failed()["reason_code"] == "preview_mismatch"
    assert checked(run.diagnostics())["raw"]["data"] == {"mismatch": ["target_changed"]}
    assert app.containers(host) == left


def test_a_target_takes_one_release_at_a_time(site: Site, one_host: int, host: Host) -> None:
    first = App(site, one_host)
    second = App(site, one_host, target=first.target)
    first.revision(manifest(1, 8102, after=4))
    second.revision(manifest(1, 8103))
    pinned = second.preview()
    run = first.start()
    run.in_phase("switch")
    with pytest.raises(APIError) as refused:
        second.apply(pinned)
    assert (refused.value.status, refused.value.code) == (409, "release_locked")
    assert refused.value.data["release_id"] == run.id
    run.applied()
    second.apply(pinned).applied()  # another service's release changed nothing of what it promises
    assert {*first.containers(host), *second.containers(host)} == {"web"}


def kill_worker(site: Site) -> None:
    worker = processes.worker_of(site.server.process.pid)
    processes.kill(worker, *processes.children(worker))
    assert until(lambda: processes.alive(worker), lambda alive: not alive, seconds=5) is False


def test_a_worker_killed_while_it_switches(site: Site, one_host: int, host: Host) -> None:
    app = App(site, one_host)
    app.revision(manifest(1, 8104, after=5))
    with Made(app, host) as made:
        run = app.start()
        run.in_phase("switch")
        made.wait()
        kill_worker(site)
        run.applied()
    assert made.count == 1
    assert run.actions().count("release.applied") == 1
    steps = site.api.get(f"{run.path}/steps")
    hooks = [step["hook"] for step in steps if step["status"] == "succeeded"]
    assert hooks == ["stage", "switch"]


def test_a_worker_killed_at_the_gate(site: Site, one_host: int, host: Host) -> None:
    app = App(site, one_host)
    app.release(manifest(1, 8105))
    app.revision(manifest(2, 8105, after=4))
    with Made(app, host) as made:
        run = app.start()
        run.in_phase("gate")
        made.wait()
        kill_worker(site)
        run.applied()
    assert made.count == 2  # the candidate, and what serves now
    assert list(app.containers(host)) == ["web"]
