"""The engine's own bundles: on hosts of both Debian releases, and from one version to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.demo.api import APIError
from tests.demo.server import Server
from tests.e2e import compose_roots
from tests.e2e.compose_roots import NEXT, SUFFIX
from tests.e2e.conftest import QUICK
from tests.e2e.site import Site, Task
from tests.lab import Host, Lab, images
from tests.lab.fixtures import LabNamed

pytestmark = pytest.mark.lab

RELEASES = {"12": "bookworm", "13": "trixie"}
DAEMON_JSON = "/etc/docker/daemon.json"
MIRROR = "https://mirror.example"
SECONDS = 600  # an install takes half a minute; of a machine with more to do, several


@pytest.fixture(scope="module")
def labs(lab_named: LabNamed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Lab]]:
    state = tmp_path_factory.mktemp("lab")  # of both: one key for all hosts
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(lab_named(f"debian{version}", release, state))
            for version, release in RELEASES.items()
        }


@pytest.fixture(scope="module")
def hosts(labs: dict[str, Lab]) -> dict[str, Host]:
    return {version: lab.up(1)[0] for version, lab in labs.items()}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = compose_roots.build(tmp_path_factory.mktemp("bundles") / "root")
    compose_roots.add_next(root, "compose-debian13")
    return root


@pytest.fixture(scope="module")
def site(
    hosts: dict[str, Host], root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    server = Server(tmp_path_factory.mktemp("slipway"), root, QUICK)
    api = server.admin("correct horse battery staple")
    server.start()
    try:
        yield Site.open(server, api, list(hosts.values()), root)
    finally:
        server.stop()


def install(site: Site, host: Host, bundle: str, version: str, **options: Any) -> Task:
    environment = site.environment(host)
    preview = site.api.post(
        f"/environments/{environment}/install/preview",
        bundle=bundle,
        version=version,
        options=options,
    )
    return site.start(environment, preview)


def current(site: Site, bundle: str) -> str:
    rows = site.api.get("/environments/bundles")
    found: str = next(r["version"] for r in rows if r["name"] == bundle and r["version"] != NEXT)
    return found


def engine_log(task: Task, host: Host) -> str:
    return task.log(task.step("engine", host)).decode()


def run(host: Host, name: str, *flags: str) -> None:
    host.exec("docker", "load", input=images.archive_bytes(1))
    host.exec("docker", "run", "--detach", f"--name={name}", *flags, images.reference(1))


def containers(host: Host) -> dict[str, tuple[str, str, int]]:
    """Each container's id, start and process, by name."""
    form = "{{json .Name}} {{json .Id}} {{json .State.StartedAt}} {{json .State.Pid}}"
    shown = host.exec("sh", "-c", f"docker inspect --format '{form}' $(docker ps -q)").stdout
    found = {}
    for line in shown.splitlines():
        name, identity, started, pid = (json.loads(word) for word in line.split())
        found[name.removeprefix("/")] = (identity, started, pid)
    return found


def engine(host: Host) -> tuple[str, str]:
    """The process of the engine that runs, and the program it was started from."""
    show = "p=$(systemctl show -P MainPID docker.service); echo $p; readlink /proc/$p/exe"
    pid, program = host.exec("sh", "-c", show).stdout.splitlines()
    return pid, program


def package(host: Host, name: str) -> str:
    return host.exec("dpkg-query", "-W", "-f", "${Version}", name).stdout


def settings(host: Host) -> Any:
    return json.loads(host.exec("cat", DAEMON_JSON).stdout)


@pytest.mark.parametrize("release", RELEASES)
def test_the_bundle_of_each_release_brings_engine_and_compose(
    site: Site, hosts: dict[str, Host], release: str
) -> None:
    host, name = hosts[release], f"compose-debian{release}"
    version = current(site, name)
    task = install(site, host, name, version)
    task.succeeded(SECONDS)
    assert host.exec("docker", "version", "-f", "{{.Server.Version}}").stdout.startswith(version)
    assert host.exec("docker", "compose", "version", "--short").stdout.startswith("2.")
    assert "container: ran" in task.log(task.step("verify", host)).decode()
    assert settings(host) == {"live-restore": True}
    host.exec("dpkg", "--audit")
    again = install(site, host, name, version)
    again.succeeded(SECONDS)
    assert "nothing to change" in engine_log(again, host)


@pytest.mark.parametrize(("release", "other"), [("12", "13"), ("13", "12")])
def test_a_bundle_of_the_other_release_is_refused(
    site: Site, hosts: dict[str, Host], release: str, other: str
) -> None:
    name = f"compose-debian{other}"
    with pytest.raises(APIError) as refused:
        install(site, hosts[release], name, current(site, name))
    assert refused.value.code == "bundle_incompatible"


class TestUpgrade:
    """In order: each test goes on where the one before stopped, as an operator would."""

    NAME = "compose-debian13"

    @pytest.fixture(scope="class")
    def host(self, site: Site, hosts: dict[str, Host]) -> Host:
        """The engine of today, and two containers: one that restarts by itself, and one not."""
        host = hosts["13"]
        install(site, host, self.NAME, current(site, self.NAME)).succeeded(SECONDS)
        run(host, "web", "--publish=8099:8080", "--restart=unless-stopped")
        run(host, "plain")
        return host

    def test_settings_change_without_a_restart(self, site: Site, host: Host) -> None:
        before, daemon = containers(host), engine(host)
        version = current(site, self.NAME)
        install(site, host, self.NAME, version, registry_mirror=MIRROR).succeeded(SECONDS)
        assert engine(host) == daemon
        assert containers(host) == before
        told = host.exec("docker", "info", "-f", "{{json .RegistryConfig.Mirrors}}").stdout
        assert json.loads(told) == [f"{MIRROR}/"]

    def test_containers_run_on_through_an_upgrade(self, site: Site, host: Host) -> None:
        before, (daemon, _) = containers(host), engine(host)
        old = package(host, "docker.io")
        task = install(site, host, self.NAME, NEXT)
        task.succeeded(SECONDS)
        assert package(host, "docker.io") == f"{old}{SUFFIX}"
        pid, program = engine(host)
        assert pid != daemon
        assert not program.endswith(" (deleted)")  # the new engine is the one that runs
        assert set(before) == {"web", "plain"}
        assert containers(host) == before
        assert host.exec("curl", "-s", "http://127.0.0.1:8099/").stdout == "version 1\n"
        log = engine_log(task, host)
        assert all(f"container runs on: {identity}" in log for identity, _, _ in before.values())
        assert settings(host) == {"live-restore": True}  # without a mirror, as it was asked for

    def test_the_new_engine_has_them_in_its_hand(self, host: Host) -> None:
        """It sees what they do, and can stop and start what it didn't start."""
        assert host.exec("docker", "exec", "web", "echo", "hello").stdout == "hello\n"
        host.exec("docker", "restart", "--time=2", "plain")
        assert set(containers(host)) == {"web", "plain"}

    def test_a_downgrade_leaves_the_newer_engine(self, site: Site, host: Host) -> None:
        before, daemon, version = containers(host), engine(host), package(host, "docker.io")
        task = install(site, host, self.NAME, current(site, self.NAME))
        task.succeeded(SECONDS)
        assert f"present: docker.io {version}" in engine_log(task, host)
        assert (containers(host), engine(host)) == (before, daemon)
        assert package(host, "docker.io") == version

    def test_an_upgrade_that_would_stop_containers_is_refused(self, site: Site, host: Host) -> None:
        """The operator's own settings say nothing of live-restore: the engine that runs still has
        it switched on, the next one would not, and stop what it finds."""
        older = site.root / "bin/linux-amd64" / self.NAME / "docker.io.deb"
        host.copy_in(older, "/root/docker.io.deb")
        own = '{"log-level": "warn"}\n'
        host.exec("sh", "-c", f"cat >{DAEMON_JSON}", input=own.encode())
        host.exec("systemctl", "reload", "docker.service")
        host.exec("dpkg", "--force-downgrade", "-i", "/root/docker.io.deb")
        before, daemon, version = containers(host), engine(host), package(host, "docker.io")
        task = install(site, host, self.NAME, NEXT)
        assert task.ended(SECONDS)["status"] == "failed"
        assert "the new engine would stop 2 container(s)" in engine_log(task, host)
        assert (containers(host), engine(host)) == (before, daemon)
        assert package(host, "docker.io") == version
        assert host.exec("cat", DAEMON_JSON).stdout == own
