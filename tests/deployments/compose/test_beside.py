"""Which services are replaced beside what serves, in which order, and which are tried first."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.runtimes.compose.beside import gated, moves
from deployments.runtimes.compose.project import diff

WEB = {"image": "web:1", "healthcheck": {"test": ["CMD", "true"]}, "networks": {"default": None}}
FIXED = [{"target": 80, "published": "8080"}]


def changed(name: str, **services: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A project, and the change that gave its service `name` another image."""
    before = {**services, name: {**services[name], "image": "other"}}
    project = {"services": services, "networks": {"default": {"name": "web_default"}}}
    return project, diff({**project, "services": before}, project)


def how(service: dict[str, Any], **others: dict[str, Any]) -> str:
    project, change = changed("web", web={**WEB, **service}, **others)
    if [str(move) for move in moves(project, change)]:
        assert gated(project, change) == []
        return "beside"
    return "gated" if gated(project, change) else "in place"


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({}, "beside"),
        ({"ports": [{"target": 80}]}, "beside"),
        ({"ports": [{"target": 80, "published": ""}]}, "beside"),
        ({"ports": [{"target": 80, "published": "8080-8081"}]}, "beside"),
        ({"ports": [{"target": 80, "published": "8080-8082"}], "scale": 2}, "gated"),
        ({"ports": [{"target": 80, "published": "8080-8083"}], "scale": 2}, "beside"),
        ({"ports": FIXED}, "gated"),
        ({"ports": [{"target": 80, "published": "8080-8081"}, *FIXED]}, "gated"),
        ({"container_name": "web"}, "gated"),
        ({"pre_stop": [{"command": "true"}]}, "gated"),
        ({"scale": 0}, "gated"),
        ({"healthcheck": {"test": ["NONE"]}}, "in place"),
        ({"healthcheck": {"test": ["CMD", "true"], "disable": True}}, "in place"),
        ({"healthcheck": {"interval": "1s"}}, "in place"),
        ({"network_mode": "host"}, "in place"),
        ({"network_mode": "service:other"}, "in place"),
        ({"network_mode": "none"}, "beside"),
        ({"pid": "container:other"}, "in place"),
        ({"volumes": [{"type": "volume", "source": "data"}]}, "in place"),
        ({"volumes": [{"type": "bind", "source": "/srv"}]}, "in place"),
        ({"volumes": [{"type": "bind", "source": "/srv", "read_only": True}]}, "beside"),
        ({"volumes": [{"type": "tmpfs", "target": "/tmp"}]}, "beside"),
        ({"networks": {"default": {"ipv4_address": "172.20.0.9"}}}, "in place"),
        ({"networks": {"default": {"mac_address": "02:42:ac:11:00:02"}}}, "in place"),
        ({"devices": ["/dev/kvm"]}, "in place"),
    ],
)
def test_how_a_changed_service_is_replaced(service: dict[str, Any], expected: str) -> None:
    assert how(service) == expected


@pytest.mark.parametrize(
    "other",
    [
        {"network_mode": "service:web"},
        {"ipc": "service:web"},
        {"volumes_from": ["web:ro"]},
        {"links": ["web:www"]},
        {"depends_on": {"web": {"condition": "service_started", "restart": True}}},
    ],
)
def test_a_service_that_another_is_tied_to(other: dict[str, Any]) -> None:
    assert how({}, other={"image": "other:1", **other}) == "gated"


def test_a_network_that_changes_takes_its_containers_along() -> None:
    project = {"services": {"web": WEB}, "networks": {"default": {"internal": True}}}
    before = {"services": {"web": {**WEB, "image": "x"}}, "networks": {"default": {}}}
    change = diff(before, project)
    assert moves(project, change) == []
    assert gated(project, change) == []


def test_what_did_not_change_does_not_move() -> None:
    project, change = changed("web", web=WEB, other=WEB)
    assert [move.service for move in moves(project, change)] == ["web"]
    assert [str(move) for move in moves(project, change)] == ["beside:1:web"]


def test_replicas_are_all_replaced() -> None:
    project, change = changed("web", web={**WEB, "deploy": {"replicas": 3}})
    assert [str(move) for move in moves(project, change)] == ["beside:3:web"]


def test_what_a_service_depends_on_comes_first() -> None:
    data = {"image": "db:2", "volumes": [{"type": "volume", "source": "data"}]}
    needs_api = {**WEB, "depends_on": {"api": {"condition": "service_healthy"}}}
    needs_db = {**WEB, "depends_on": {"db": {"condition": "service_started"}, "same": {}}}
    same = {"image": "same:1"}
    after: dict[str, Any] = {"a-web": needs_api, "api": needs_db, "db": data, "same": same}
    before = {name: {**service, "image": "old"} for name, service in after.items()}
    before["same"] = same
    project = {"services": after}
    found = moves(project, diff({"services": before}, project))
    assert [str(move) for move in found] == ["up:1:db", "beside:1:api", "beside:1:a-web"]


@pytest.mark.parametrize(("ran_before", "expected"), [(True, "beside"), (False, "gated")])
def test_a_job_that_has_to_end_first(ran_before: bool, expected: str) -> None:  # noqa: FBT001
    needs = {"depends_on": {"job": {"condition": "service_completed_successfully"}}}
    after: dict[str, Any] = {"web": {**WEB, **needs}, "job": {"image": "job:1"}}
    before: dict[str, Any] = {"web": {**after["web"], "image": "old"}}
    if ran_before:
        before["job"] = after["job"]
    project = {"services": after}
    change = diff({"services": before}, project)
    assert bool(moves(project, change)) == (expected == "beside")
    assert bool(gated(project, change)) == (expected == "gated")
