"""What pins an image: hosts that have it, else its registry; and what is said when none do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from config.core.errors import TargetNotReady
from config.core.risk import RiskLevel
from deployments.runtimes.compose import images
from deployments.runtimes.compose.host import ComposeHost
from deployments.runtimes.compose.images import Platform, digest_for

D1, D2 = "sha256:" + "1" * 64, "sha256:" + "2" * 64
AMD = {"os": "linux", "architecture": "amd64"}
ARM = {"os": "linux", "architecture": "arm64", "variant": "v8"}


@dataclass
class HostInMemory:
    """Stands in for a Docker host: the images it has, and what registries answer it."""

    name: str = "host-1"
    has: dict[str, str] = field(default_factory=dict)
    registry: dict[str, Any] = field(default_factory=dict)
    architecture: str = "amd64"
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def digest_of(self, reference: str) -> str | None:
        return self.has.get(reference)

    def platform(self) -> tuple[str, str]:
        return "linux", self.architecture

    def registry_config(self) -> dict[str, Any]:
        return {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {}}

    def manifest_of(self, reference: str, *, insecure: bool) -> Any:
        self.asked.append((reference, insecure))
        return self.registry.get(reference)


def find(reference: str, *hosts: HostInMemory) -> images.Found:
    content = {"services": {"web": {"image": reference}}}
    return images.find(cast("list[ComposeHost]", hosts), content)


def entry(digest: str, platform: dict[str, str]) -> dict[str, Any]:
    return {"Ref": "web:1", "Descriptor": {"digest": digest, "platform": platform}}


def test_on_every_host() -> None:
    found = find("web:1", HostInMemory(has={"web:1": D1}), HostInMemory(has={"web:1": D1}))
    assert found == images.Found({"web:1": D1}, [], [])
    assert images.check(found)["status"] == "pass"
    assert images.findings(found) == []


def test_hosts_that_differ() -> None:
    with pytest.raises(TargetNotReady):
        find("web:1", HostInMemory(has={"web:1": D1}), HostInMemory(has={"web:1": D2}))


def test_what_one_host_has_of_a_registry_is_what_the_others_pull() -> None:
    pin = f"example.net/web@{D1}"
    reference = "example.net/web:1"
    found = find(reference, HostInMemory(has={reference: pin}), HostInMemory())
    assert found == images.Found({reference: pin}, [], [reference])


def test_an_image_of_no_registry_on_one_host_alone() -> None:
    """Its name may be another image in a registry: nothing says that it is the same."""
    second = HostInMemory(registry={"web:1": entry(D2, AMD)})
    found = find("web:1", HostInMemory(has={"web:1": D1}), second)
    assert found.loose == ["web:1"]
    assert second.asked == []


def test_on_no_host_the_registry_says() -> None:
    host = HostInMemory(registry={"127.0.0.1:5000/web:1": entry(D1, AMD)})
    found = find("127.0.0.1:5000/web:1", host)
    assert found.pins == {"127.0.0.1:5000/web:1": f"127.0.0.1:5000/web@{D1}"}
    assert found.absent == ["127.0.0.1:5000/web:1"]
    assert host.asked == [("127.0.0.1:5000/web:1", True)]
    assert "to be pulled" in images.check(found)["message"]


def test_plain_http_only_where_the_daemon_was_told_so() -> None:
    host = HostInMemory()
    find("example.net/web:1", host)
    assert host.asked == [("example.net/web:1", False)]


def test_no_registry_answers() -> None:
    found = find("example.net/web:1", HostInMemory())
    assert found.loose == ["example.net/web:1"]
    assert images.check(found)["status"] == "warn"
    [finding] = images.findings(found)
    assert (finding.rule, finding.level) == ("unpinned_image", RiskLevel.MEDIUM)


def test_hosts_of_two_platforms_have_no_digest_in_common() -> None:
    answer = {"web:1": [entry(D1, AMD), entry(D2, ARM)]}
    found = find("web:1", HostInMemory(registry=answer), HostInMemory(architecture="arm64"))
    assert found.loose == ["web:1"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (entry(D1, AMD), D1),
        ([entry(D1, AMD), entry(D2, ARM)], D1),
        ([entry(D2, ARM)], None),
        ([entry(D1, AMD), entry(D2, {**AMD, "variant": "v3"})], None),
        ([], None),
        ({"errors": []}, None),
        (entry("md5:1", AMD), None),
        (["text"], None),
    ],
)
def test_the_digest_of_a_platform(answer: Any, expected: str | None) -> None:
    assert digest_for(Platform("linux", "amd64"), answer) == expected


@pytest.mark.parametrize(
    ("reference", "repository", "registry"),
    [
        ("web", "web", "docker.io"),
        ("web:1", "web", "docker.io"),
        ("team/web:1", "team/web", "docker.io"),
        ("localhost/web:1", "localhost/web", "localhost"),
        ("example.net:5000/web", "example.net:5000/web", "example.net:5000"),
        (f"example.net:5000/a/web:1@{D1}", "example.net:5000/a/web", "example.net:5000"),
    ],
)
def test_parts_of_a_reference(reference: str, repository: str, registry: str) -> None:
    assert images.repository_of(reference) == repository
    assert images.registry_of(reference) == registry


@pytest.mark.parametrize(
    ("registry", "plain"),
    [
        ("127.0.0.1:5000", True),
        ("localhost:5000", True),
        ("localhost", True),
        ("10.0.0.1:5000", False),
        ("docker.io", False),
        ("told.example.net", True),
        ("example.net", False),
    ],
)
def test_plain_http(registry: str, plain: bool) -> None:  # noqa: FBT001 - a table
    config = {
        "InsecureRegistryCIDRs": ["127.0.0.0/8"],
        "IndexConfigs": {"docker.io": {"Secure": True}, "told.example.net": {"Secure": False}},
    }
    assert images.takes_plain_http(registry, config) is plain


def test_a_rollback_shows_the_names_that_its_source_had() -> None:
    class Source:
        images = [{"digest": f"web@{D1}", "reference": "web:1", "service": "web"}]

    content = {"services": {"web": {"image": f"web@{D1}"}, "own": {"image": "own:1"}}}
    found = images.Found({f"web@{D1}": f"web@{D1}"}, ["own:1"], [])
    assert images.shown(content, found, cast("Any", Source)) == [
        {"service": "own", "reference": "own:1", "digest": None},
        {"service": "web", "reference": "web:1", "digest": f"web@{D1}"},
    ]
