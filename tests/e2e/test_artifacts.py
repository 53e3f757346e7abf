"""Bytes that are not what they were: on the host, and in the bundle root."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import roots
from tests.e2e.site import Site, unique
from tests.environments.bundles.roots import digest
from tests.lab import Host

pytestmark = pytest.mark.lab

ARTIFACTS = "/var/lib/slipway/artifacts"
RUNS = "/var/lib/slipway/runs"


def test_what_was_changed_on_the_host_is_sent_again(site: Site) -> None:
    host = site.hosts[0]
    environment = site.environment(host)
    artifact = f"{ARTIFACTS}/{digest((site.root / roots.PAYLOAD).read_bytes())}"
    site.install(environment, mark=unique("mark")).succeeded()
    again = site.install(environment, mark=unique("mark"))
    again.succeeded()
    assert b"already there" in again.log(again.step("transfer", host))

    host.exec("sh", "-c", 'printf X | dd of="$1" seek=9 bs=1 conv=notrunc', "sh", artifact)
    repaired = site.install(environment, mark=unique("mark"))
    repaired.succeeded()
    assert b": sent" in repaired.log(repaired.step("transfer", host))
    assert host.exec("sha256sum", artifact).stdout.split()[0] == artifact.rpartition("/")[2]


@pytest.fixture
def tampered_payload(site: Site) -> Iterator[None]:
    yield
    file = site.root / roots.PAYLOAD
    file.write_text(file.read_text().replace("PAYLOAD", "payload"))


@pytest.mark.usefixtures("tampered_payload")
def test_what_was_changed_in_the_root_after_the_preview_reaches_no_host(site: Site) -> None:
    host = site.hosts[0]
    environment = site.environment(host)
    mark = unique("mark")
    preview = site.preview(environment, mark=mark)
    file = site.root / roots.PAYLOAD
    file.write_text(file.read_text().replace("payload", "PAYLOAD", 1))  # of the same size
    before = runs_on(host)
    task = site.start(environment, preview)
    ended = task.ended()
    assert (ended["status"], ended["reason_code"]) == ("failed", "artifact_checksum_mismatch")
    assert {step["status"] for step in ended["steps"]} == {"skipped"}
    assert runs_on(host) == before
    assert host.exec("test", "-e", f"{roots.EFFECTS}/{mark}", check=False).returncode
    assert site.api.get(f"/environments/{environment}")["status"] == "draft"


def runs_on(host: Host) -> list[str]:
    return host.exec("find", RUNS, "-maxdepth", "1", check=False).stdout.split()
