"""Hosts of environments in use are looked at by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from environments import health, runtime, watching
from environments.models import EnvironmentNode
from tests.environments.api.site import Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_use(hosts: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Ready, its runtime answering; what fails is tried again at once."""
    hosts.environment.status = "ready"
    hosts.environment.save()
    monkeypatch.setattr(watching, "_AGAIN_AFTER", 0)
    monkeypatch.setattr(runtime, "lacking", lambda *_: "")
    return hosts


def status(site: Site) -> tuple[str, list[tuple[str, str]]]:
    shown = site.api.get(site.path).ok()
    return shown["status"], [(said["source"], said["code"]) for said in shown["health"]]


def later() -> None:
    EnvironmentNode.objects.update(checked_at=timezone.now() - timedelta(days=1))


def test_facts_are_kept_fresh(in_use: Site) -> None:
    watching.look_after()
    for node in EnvironmentNode.objects.all():
        assert node.facts["cpus"] >= 1
        assert timezone.now() - (node.checked_at or timezone.now()) < timedelta(minutes=1)
    assert status(in_use) == ("ready", [])


def test_a_host_that_is_gone_degrades_and_heals(in_use: Site) -> None:
    node = in_use.nodes[1]
    port = node.port
    EnvironmentNode.objects.filter(pk=node.pk).update(port=1)
    watching.look_after()
    assert status(in_use) == ("degraded", [(f"node:{node.pk}", "ssh_unreachable")])
    [said] = in_use.api.get(in_use.path).ok()["health"]
    assert node.name in said["message"]
    later()
    watching.look_after()
    assert in_use.api.get(in_use.path).ok()["health"][0]["since"] == said["since"]
    EnvironmentNode.objects.filter(pk=node.pk).update(port=port)
    later()
    watching.look_after()
    assert status(in_use) == ("ready", [])


def test_a_runtime_that_does_not_answer(in_use: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {in_use.nodes[0].name: f"{in_use.nodes[0].name}: no engine answers"}
    monkeypatch.setattr(runtime, "lacking", lambda node, _: answers.get(node.name, ""))
    watching.look_after()
    assert status(in_use) == ("degraded", [(f"node:{in_use.nodes[0].pk}", "target_not_ready")])


def test_once_is_not_twice(in_use: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One dropped connection makes nobody look."""
    said = {node.pk: ["dropped", ""] for node in in_use.nodes}
    monkeypatch.setattr(runtime, "lacking", lambda node, _: said[node.pk].pop(0))
    watching.look_after()
    assert status(in_use) == ("ready", [])


def test_nobody_is_looked_at_twice_or_too_soon(
    in_use: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def look(node: EnvironmentNode) -> Any:
        looked.append(node.pk)

    monkeypatch.setattr(watching, "_look_at", look)
    watching.look_after()
    watching.look_after()
    assert sorted(looked) == sorted(node.pk for node in in_use.nodes)


@pytest.mark.parametrize("unused", ["draft", "installing", "failed", "retired"])
def test_what_is_not_in_use_is_left_alone(in_use: Site, unused: str) -> None:
    in_use.environment.status = unused
    in_use.environment.save()
    watching.look_after()
    assert not EnvironmentNode.objects.exclude(checked_at=None).exists()
    health.note(in_use.environment.pk, "node:1", "ssh_unreachable", "gone")
    assert status(in_use)[0] == unused
