"""Releases without a gap: new containers beside the old ones, under requests all the time."""

from __future__ import annotations

import sys

import pytest

from deployments.diagnostics import checked
from tests.demo.api import until
from tests.e2e.releases import App, Made, Users, manifest, staged
from tests.e2e.site import Site
from tests.e2e.test_compose_releases import kill_worker
from tests.lab import Host, images

pytestmark = pytest.mark.lab

RANGE = "8121-8122"
RANGE_PORTS = (8121, 8122)
PROXY_PORT = 8131
# For each request: every address of the service's name, one after the other, until one answers.
PROXY = """\
  proxy:
    image: slipway-demo:1
    ports: ["{port}:8080"]
    configs: [{{source: proxy, target: /www/cgi-bin/web, mode: 0755}}]
configs:
  proxy:
    content: |
      #!/bin/sh
      printf 'Content-Type: text/plain\\r\\n\\r\\n'
      for address in $$(nslookup web | sed -n '/^Name/,$$s/^Address: *//p'); do
        timeout 1 wget -q -O - "http://$$address:8080/" && exit
      done
      echo no address of web answered
"""


def behind_proxy(version: int, *, after: int = 0) -> str:
    """The service has no port of its own: a proxy beside it reaches it by its name."""
    text = manifest(version, 0, after=after).replace('    ports: ["0:8080"]\n', "")
    return text + PROXY.format(port=PROXY_PORT)


@pytest.fixture
def host(site: Site) -> Host:
    return site.hosts[0]


@pytest.fixture(scope="module")
def ranged(site: Site, one_host: int) -> App:
    """Version 1 on one of two ports."""
    app = App(site, one_host)
    app.release(manifest(1, RANGE, side=True))
    return app


@pytest.fixture(scope="module")
def proxied(site: Site, one_host: int) -> App:
    """Version 1 behind its proxy."""
    app = App(site, one_host)
    app.release(behind_proxy(1))
    return app


def report(capsys: pytest.CaptureFixture[str], what: str, users: Users) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{what}: {len(users.answers)} requests, {len(users.failures)} failed, "
            f"{users.gap * 1000:.0f} ms the longest without an answer\n"
        )


def test_one_of_two_ports_answers_all_the_time(
    ranged: App, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ranged.containers(host)
    ranged.revision(manifest(2, RANGE, side=True))
    with Users(host, *RANGE_PORTS) as users:
        run = ranged.start()
        run.applied()
    report(capsys, "two ports, from version 1 to 2", users)
    assert users.failures == []
    assert set(users.answers) == {"version 1", "version 2"}
    after = ranged.containers(host)
    assert after["side"] == before["side"]
    assert after["web"] != before["web"]
    assert "gate" not in [step["hook"] for step in ranged.site.api.get(f"{run.path}/steps")]
    assert "== switch on" in run.log()


def test_the_next_one_finds_nothing_to_do_again(ranged: App, host: Host) -> None:
    """What came beside is what Compose would have made: it leaves it alone."""
    before = ranged.containers(host)
    ranged.release(manifest(2, RANGE, side=True))
    assert ranged.containers(host) == before


def test_a_proxy_that_knows_the_name_never_fails(
    proxied: App, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    before = proxied.containers(host)
    proxied.revision(behind_proxy(2, after=2))
    with Users(host, PROXY_PORT, path="/cgi-bin/web") as users:
        proxied.start().applied()
    report(capsys, "behind a proxy, from version 1 to 2", users)
    assert users.failures == []
    assert set(users.answers) == {"version 1", "version 2"}
    assert proxied.containers(host)["proxy"] == before["proxy"]


def never_healthy(app: App, host: Host, users: Users, text: str) -> None:
    before, serving = app.containers(host), staged(app, host)
    app.revision(text)
    with users:
        run = app.start()
        failed = run.failed()
    assert failed["reason_code"] == "unhealthy"
    assert users.answers
    assert users.failures == []
    assert app.containers(host) == before
    assert staged(app, host) == serving
    found = checked(run.diagnostics())
    assert found["summary"]["code"] == "probe_failing"
    assert f"What ran before was restored on {host.name}." in found["summary"]["hint"]
    assert found["resources"][0]["status"] == "unhealthy"
    assert any("404" in event for event in found["resources"][0]["events"])
    assert found["raw"]["restored"] is True


def test_one_that_is_never_healthy_on_a_port_of_two(ranged: App, host: Host) -> None:
    users = Users(host, *RANGE_PORTS)
    never_healthy(ranged, host, users, manifest(images.BROKEN, RANGE, side=True))
    assert "version 2" in users.answers


def test_one_that_is_never_healthy_behind_a_proxy(proxied: App, host: Host) -> None:
    users = Users(host, PROXY_PORT, path="/cgi-bin/web")
    never_healthy(proxied, host, users, behind_proxy(images.BROKEN))
    assert "version 2" in users.answers


def test_a_failure_after_the_switch_goes_back_without_a_gap(ranged: App, host: Host) -> None:
    """The new version serves already when something else of the release fails."""
    text = manifest(1, RANGE, side=True)
    broken = '  late:\n    image: slipway-demo:1\n    command: ["false"]\n'
    ranged.revision(text + broken)
    with Users(host, *RANGE_PORTS) as users:
        run = ranged.start()
        failed = run.failed()
    assert failed["reason_code"] == "unhealthy"
    assert users.failures == []
    assert users.answers[-1] == "version 2"
    assert sorted(ranged.containers(host)) == ["side", "web"]


def test_a_worker_killed_while_both_serve(ranged: App, host: Host) -> None:
    ranged.revision(manifest(1, RANGE, after=4, side=True))
    with Users(host, *RANGE_PORTS) as users, Made(ranged, host) as made:
        run = ranged.start()
        made.wait()
        kill_worker(ranged.site)
        run.applied()
    assert users.failures == []
    assert users.answers[-1] == "version 1"
    assert made.count == 1
    assert sorted(ranged.containers(host)) == ["side", "web"]


def test_cancelled_while_both_serve(ranged: App, host: Host) -> None:
    before = ranged.containers(host)
    ranged.revision(manifest(2, RANGE, after=30, side=True))
    with Users(host, *RANGE_PORTS) as users, Made(ranged, host) as made:
        run = ranged.start()
        made.wait()
        ranged.site.api.post(f"{run.path}/cancel")
        assert run.failed()["reason_code"] == "cancelled"
    assert users.failures == []
    assert ranged.containers(host) == before


def test_a_host_that_loses_power_while_both_serve(ranged: App, host: Host) -> None:
    """Nobody knows how far its switch got: what ran before is brought back, and nothing is left."""
    before = staged(ranged, host)
    ranged.revision(manifest(2, RANGE, after=30, side=True))
    with Made(ranged, host) as made:
        run = ranged.start()
        made.wait()
        host.lose_power()
        failed = run.failed()
    assert failed["reason_code"] == "worker_lost", run.log()
    assert run.diagnostics()["raw"]["restored"] is True
    assert sorted(ranged.containers(host)) == ["side", "web"]
    assert staged(ranged, host) == before
    with Users(host, *RANGE_PORTS) as users:
        until(lambda: len(users.answers), lambda answers: answers > 3, seconds=20)
    assert users.answers[-1] == "version 1"
