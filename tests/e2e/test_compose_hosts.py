"""A release on two hosts: one after the other, back on both when the second fails; and tidy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deployments.diagnostics import checked
from tests.e2e.releases import App, manifest, staged
from tests.e2e.site import Site
from tests.lab import Host

pytestmark = pytest.mark.lab

PORT, TAKEN = 8151, 8152
LATE = f"""\
  late:
    image: slipway-demo:1
    ports: ["{TAKEN}:8080"]
"""


@pytest.fixture(scope="module")
def app(site: Site, docker_environment: int) -> App:
    """Version 1 on both hosts."""
    app = App(site, docker_environment)
    app.release(manifest(1, PORT))
    return app


@contextmanager
def port_taken(host: Host) -> Iterator[None]:
    publish = f"--publish={TAKEN}:8080"
    taken = host.exec("docker", "run", "--detach", publish, "slipway-demo:1").stdout.strip()
    try:
        yield
    finally:
        host.exec("docker", "rm", "-f", taken)


def answer(host: Host) -> str:
    return host.exec("curl", "-s", f"http://127.0.0.1:{PORT}/").stdout.strip()


def test_the_second_host_fails_and_both_run_what_they_ran(app: App) -> None:
    first, second = app.site.hosts
    untouched = app.containers(second)
    app.revision(manifest(2, PORT) + LATE)
    with port_taken(second):
        run = app.start()
        failed = run.failed()
    assert failed["reason_code"] == "unhealthy"
    steps = {
        (step["hook"], step["node"]["name"]): step for step in app.site.api.get(f"{run.path}/steps")
    }
    assert steps["switch", first.name]["status"] == "succeeded"
    assert steps["switch", second.name]["status"] == "failed"
    assert steps["switch", first.name]["finished_at"] <= steps["switch", second.name]["started_at"]
    assert [answer(first), answer(second)] == ["version 1", "version 1"]
    assert list(app.containers(first)) == list(app.containers(second)) == ["web"]
    assert set(untouched) == {"web"}
    found = checked(run.diagnostics())
    assert found["summary"]["code"] == "port_in_use"
    restored = f"What ran before was restored on {first.name}, {second.name}."
    assert found["summary"]["hint"].endswith(restored)


def test_the_first_host_fails_and_the_second_is_not_touched(app: App) -> None:
    first, second = app.site.hosts
    before = app.containers(second)
    with port_taken(first):
        run = app.start()
        run.failed()
    hooks = [
        step["hook"]
        for step in app.site.api.get(f"{run.path}/steps")
        if step["node"]["name"] == second.name and step["status"] == "succeeded"
    ]
    assert hooks == ["stage", "gate", "restore"]
    assert app.containers(second) == before


def test_hosts_stay_tidy(app: App) -> None:
    host = app.site.hosts[0]
    for version in (2, 1, 2, 1, 2):
        newest = app.release(manifest(version, PORT))
    folder = f"/var/lib/slipway/releases/{app.name}"
    kept = host.exec("ls", folder).stdout.split()
    assert len(kept) == 1 + 3  # `current`, and the three newest: the previous is one of them
    assert staged(app, host)["services"]["web"]["image"] == newest["images"][0]["digest"]
    event = app.site.api.all(f"/events?resource_type=release&resource_id={newest['id']}")[0]
    run = event["correlation_id"].replace("-", "")
    left = host.exec("sh", "-c", f"ls /var/lib/slipway/runs | grep {run} || :").stdout
    assert left == ""
