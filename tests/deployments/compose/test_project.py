"""A Compose project as a value: pinned, compared, weighed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from deployments.runtimes.compose.host import escaped, unescaped
from deployments.runtimes.compose.project import (
    changed_services,
    diff,
    findings,
    outside_references,
    pinned,
    seconds_to_health,
)

DIGEST = "registry.example.net/web@sha256:" + "a" * 64
CHECKED = {"healthcheck": {"test": ["CMD", "true"]}, "image": "web:1"}
NOTHING: dict[str, Any] = {"resources": []}


def of(**services: dict[str, Any]) -> dict[str, Any]:
    return {"services": services}


@pytest.mark.parametrize(
    ("service", "digest", "expected"),
    [
        ({"image": "web:1"}, DIGEST, {"image": DIGEST}),
        ({"image": "web:1"}, "sha256:abc", {"image": "sha256:abc", "pull_policy": "never"}),
        ({"image": "other:1"}, DIGEST, {"image": "other:1"}),
        ({"build": "."}, DIGEST, {"build": "."}),
    ],
)
def test_pinned(service: dict[str, Any], digest: str, expected: dict[str, Any]) -> None:
    before = of(web=service)
    kept = copy.deepcopy(before)
    assert pinned(before, {"web:1": digest}) == of(web=expected)
    assert before == kept


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        ({}, of(web={"image": "a"}), "create"),
        (of(web={"image": "a"}), of(web={"image": "b"}), "update"),
        (of(web={"image": "a"}), of(web={"image": "a"}), "unchanged"),
        (of(web={"image": "a"}), {}, "delete"),
        ({"volumes": {"data": None}}, {}, "delete"),
        ({}, {"volumes": {"data": None}}, "create"),
        ({"networks": {"n": {}}}, {"networks": {"n": {"internal": True}}}, "update"),
    ],
)
def test_diff(before: dict[str, Any], after: dict[str, Any], action: str) -> None:
    found = diff(before, after)
    assert found["summary"][action] == 1
    assert sum(found["summary"].values()) == 1
    if action == "unchanged":
        assert found["resources"] == []
        return
    [resource] = found["resources"]
    assert resource["action"] == action
    assert resource["kind"] in ("service", "volume", "network")
    assert resource["namespace"] == ""
    assert resource["unified"]


def test_a_diff_is_a_unified_one() -> None:
    found = diff(of(web={"image": "a", "user": "1"}), of(web={"image": "b", "user": "1"}))
    unified = found["resources"][0]["unified"]
    assert unified.splitlines()[:2] == ["--- running", "+++ previewed"]
    assert "-image: a\n" in unified
    assert "+image: b\n" in unified
    assert changed_services(found) == {"web"}


@pytest.mark.parametrize(
    ("service", "level", "text"),
    [
        ({"privileged": True}, "critical", "web runs privileged"),
        (
            {"volumes": [{"type": "bind", "source": "/var/run/docker.sock"}]},
            "critical",
            "web reaches the Docker socket",
        ),
        (
            {"volumes": [{"type": "bind", "source": "//srv/../var/run/docker.sock"}]},
            "critical",
            "web reaches the Docker socket",
        ),
        (
            {"volumes": [{"type": "bind", "source": "/run/containerd/containerd.sock"}]},
            "critical",
            "web reaches the Docker socket",
        ),
        (
            {"volumes": [{"type": "bind", "source": "/"}]},
            "critical",
            "web reaches the Docker socket",
        ),
        (
            {"volumes": [{"type": "bind", "source": "/etc"}]},
            "high",
            "web mounts from the host: /etc",
        ),
        ({"network_mode": "host"}, "high", "web shares with the host: network_mode"),
        ({"pid": "host"}, "high", "web shares with the host: pid"),
        ({"ipc": "host"}, "high", "web shares with the host: ipc"),
        (
            {"network_mode": "container:db"},
            "medium",
            "web shares with another container: network_mode",
        ),
        ({"use_api_socket": True}, "critical", "web reaches the Docker socket"),
        (
            {"volumes": [{"type": "bind", "source": "/run/"}]},
            "critical",
            "web reaches the Docker socket",
        ),
        ({"security_opt": ["seccomp=unconfined"]}, "high", "web loosens: ['seccomp=unconfined']"),
        ({"cap_add": ["NET_ADMIN"]}, "high", "web adds capabilities: ['NET_ADMIN']"),
        ({"devices": ["/dev/kvm"]}, "high", "web uses devices of the host"),
        ({"image": "web"}, "medium", "web uses a tag that moves: web"),
        (
            {"image": "host:5000/web:latest"},
            "medium",
            "web uses a tag that moves: host:5000/web:latest",
        ),
        ({"image": "host:5000/web"}, "medium", "web uses a tag that moves: host:5000/web"),
        ({"healthcheck": {}}, "medium", "web has no health check"),
    ],
)
def test_findings(service: dict[str, Any], level: str, text: str) -> None:
    found = findings(of(web={**CHECKED, **service}), NOTHING)
    assert [(one.level.value, one.reason) for one in found if one.reason == text] == [(level, text)]


def test_a_bind_by_way_of_a_named_volume_or_a_config() -> None:
    service = {
        **CHECKED,
        "volumes": [{"type": "volume", "source": "all"}],
        "configs": [{"source": "shadow"}],
    }
    project = {
        **of(web=service),
        "volumes": {"all": {"driver_opts": {"type": "none", "o": "bind", "device": "/srv"}}},
        "configs": {"shadow": {"file": "/etc/shadow"}},
    }
    found = [one.reason for one in findings(project, NOTHING)]
    assert found == ["web mounts from the host: /srv, /etc/shadow"]


@pytest.mark.parametrize("key", ["build", "env_file", "extends", "label_file", "provider"])
def test_a_manifest_is_complete_in_itself(key: str) -> None:
    lines = {("services", "web", key): 7}
    document = {"services": {"web": {"image": "web:1", key: "/etc/shadow"}, "db": None}}
    [problem] = outside_references(document, lambda place: lines[place])  # type: ignore[index]
    assert (problem["path"], problem["line"]) == (f"services.web.{key}", 7)
    assert outside_references({"include": ["/etc/shadow"]}, lambda _: 1)[0]["path"] == "include"
    assert outside_references({"services": {"web": {"image": "web:1"}}}, lambda _: 1) == []


@pytest.mark.parametrize("image", ["web:1", DIGEST, "sha256:" + "a" * 64, "host:5000/web:1.2"])
def test_nothing_to_find(image: str) -> None:
    service = {**CHECKED, "image": image, "volumes": [{"type": "volume", "source": "data"}]}
    assert findings(of(web=service), NOTHING) == []


def test_what_is_deleted_is_a_risk() -> None:
    found = findings({}, diff(of(web={}), {}))
    assert [(one.level.value, one.reason) for one in found] == [("high", "Deletes service web")]


@pytest.mark.parametrize("text", ["$", "$$", "a$b", "${X}", "$$${", "none"])
def test_dollars_survive_compose(text: str) -> None:
    value = {"a": [text, {"b": text}], "n": 1, "none": None}
    assert unescaped(escaped(value)) == value
    assert "$" not in str(escaped(value)).replace("$$", "")


@pytest.mark.parametrize(
    ("check", "seconds"),
    [
        ({}, 180),  # Docker's defaults: three tries of 30 s, 30 s apart
        ({"interval": "1s", "timeout": "2s", "retries": 4}, 60),
        ({"interval": "10s", "timeout": "5s", "retries": 4, "start_period": "1m30s"}, 150),
        ({"interval": "500ms", "timeout": "1s", "start_period": "2m0s"}, 125),
        ({"interval": "1h0m0s"}, 900),
        ({"disable": True}, 60),
    ],
)
def test_patience_with_a_health_check(check: dict[str, Any], seconds: int) -> None:
    service = {"image": "web:1", "healthcheck": {"test": ["CMD", "true"], **check}}
    assert seconds_to_health(of(web=service, other={"image": "other:1"})) == seconds
