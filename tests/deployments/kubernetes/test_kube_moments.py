"""Moments of a rollout in which what a cluster says is not yet, or no more, about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from clusters.kube.api import Kube, Resource
from deployments.runtimes.kubernetes import rollout
from deployments.runtimes.kubernetes.health import verdict
from deployments.runtimes.kubernetes.rollout import Rollout
from tests.deployments.kubernetes.site import deployment

Object = dict[str, Any]
TOO_SLOW = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
DONE = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}


class Says:
    """A cluster that has one Deployment, in one state after the other; the last one stays."""

    def __init__(self, *states: Object) -> None:
        self.states = list(states)

    def resource(self, version: str, kind: str) -> Resource | None:
        return Resource(version, kind, "deployments", namespaced=True) if kind != "Pod" else None

    def get(self, *_: object) -> Object:
        status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return live(status)

    def list(self, *_: object) -> Iterator[Object]:
        return iter(())


def live(status: Object) -> Object:
    found = deployment(replicas=1)
    found["metadata"] |= {"namespace": "shop", "generation": 2}
    return {**found, "status": {"observedGeneration": 2, **status}}


def watching(*states: Object) -> Rollout:
    return Rollout(cast(Kube, Says(*states)), [live({})])


def test_that_an_earlier_rollout_took_too_long_is_nothing_of_this_one() -> None:
    stale = {**DONE, "replicas": 2, "conditions": [TOO_SLOW]}
    watched = watching(stale, stale, DONE)
    for _ in range(3):
        watched.look()
        assert not watched.failed
    assert not watched.outstanding


def test_one_that_took_too_long_and_stays_so_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "STUCK_SECONDS", 0.0)
    watched = watching({"replicas": 1, "conditions": [TOO_SLOW]})
    watched.look()
    assert watched.failed


def test_why_no_pod_is_made_is_told() -> None:
    refused = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: small"}
    found = verdict(live({"conditions": [refused]}))
    assert (found.state, found.message) == (
        "progressing",
        "0 of 1 updated: exceeded quota: small",
    )
