"""The controllers of a cluster that has none, played by the test: one step at a time with
`rollout`, or by themselves for as long as `running` goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from config.core.errors import ClusterUnreachable
from tests.kube import writing
from tests.kube.cluster import Cluster
from tests.kube.pods import Fate
from tests.kube.workloads import VERSIONS, out_of_time, rollout
from tests.kube.writing import Object

__all__ = ["Controllers", "Fate", "out_of_time", "rollout", "running"]

_POLL_SECONDS: Final = 0.05
_DEPENDENTS: Final = {
    "ReplicaSet": "apps/v1",
    "Pod": "v1",
}  # what is owned, and goes with its owner
_OBSERVING: Final = ("DaemonSet", "Deployment", "StatefulSet")
_FOREGROUND: Final = "foregroundDeletion"


class Controllers:
    """Brings everything that is applied to its fate: `fates` by name, `ready` for the others.

    `fates` may be changed at any time; what has a new fate is brought to it. With the fate `never`
    a workload's pods find no node. Deletes what has lost its owner, and ends what waits to be.
    """

    def __init__(self, kube: Kube, fates: Mapping[str, Fate], delay: float) -> None:
        self.fates: dict[str, Fate] = dict(fates)
        self._kube = kube
        self._delay = delay
        self._seen: dict[tuple[str, int, Fate], float] = {}
        self._done: set[tuple[str, int, Fate]] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)
        self._failure: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Raises what went wrong meanwhile."""
        self._stopping.set()
        self._thread.join(30)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            try:
                self._look()
            except (Refused, ClusterUnreachable):
                continue  # made to fail by the test: the next look
            except Exception as error:
                self._failure = error
                return

    def _look(self) -> None:
        kinds = VERSIONS | _DEPENDENTS
        ending = {
            one["metadata"]["name"]
            for one in self._list("v1", "Namespace")
            if one["metadata"].get("deletionTimestamp")
        }
        everything = [
            one
            for kind, version in kinds.items()
            for one in self._list(version, kind)
            if one["metadata"]["namespace"] not in ending
        ]
        alive = {one["metadata"]["uid"] for one in everything}
        for one in everything:
            try:
                self._treat(one, everything, alive)
            except Refused:
                continue  # changed under our hands: the next look

    def _treat(self, one: Object, everything: list[Object], alive: set[str]) -> None:
        meta = one["metadata"]
        owners = {owner["uid"] for owner in meta.get("ownerReferences") or []}
        if meta.get("deletionTimestamp"):
            self._end(one, everything)
        elif owners and not owners & alive:
            writing.delete_now(self._kube, one)
        elif not owners and one["kind"] in VERSIONS:
            self._play(one)

    def _list(self, api_version: str, kind: str) -> list[Object]:
        found: Resource = writing.resource(self._kube, api_version, kind)
        return list(self._kube.list(found))

    def _play(self, one: Object) -> None:
        meta = one["metadata"]
        fate = self.fates.get(meta["name"], "ready")
        due = (meta["uid"], int(meta.get("generation", 0)), fate)
        if due in self._done and not _behind(one):
            return
        if time.monotonic() - self._seen.setdefault(due, time.monotonic()) < self._delay:
            return
        after = rollout(self._kube, one["kind"], meta["namespace"], meta["name"], fate=fate)
        self._done.add((meta["uid"], int(after["metadata"].get("generation", 0)), fate))

    def _end(self, one: Object, everything: list[Object]) -> None:
        """Takes away what keeps an object that is being deleted, what it owns first."""
        meta = one["metadata"]
        for other in everything:
            owners = [ref["uid"] for ref in other["metadata"].get("ownerReferences") or []]
            if meta["uid"] in owners and _FOREGROUND in (meta.get("finalizers") or []):
                writing.delete_now(self._kube, other)
        if meta.get("finalizers"):
            writing.patch(self._kube, one, {"metadata": {"finalizers": None}})
        else:
            writing.delete_now(self._kube, one)


def _behind(one: Object) -> bool:
    """A status of an earlier generation than the object's: what was written got lost in a race with
    whoever applied it, and a controller would look again."""
    observed = (one.get("status") or {}).get("observedGeneration", 0)
    return one["kind"] in _OBSERVING and observed < one["metadata"].get("generation", 0)


@contextmanager
def running(
    cluster: Cluster, fates: Mapping[str, Fate] | None = None, *, delay: float = 0.0
) -> Iterator[Controllers]:
    """Controllers for the time of a `with`; each thing takes at least `delay` seconds.

    On a cluster with controllers of its own these do the work; a test that sets fates is skipped.
    """
    with Kube(cluster.login) as kube:
        controllers = Controllers(kube, fates or {}, delay)
        if cluster.has_controllers:
            if fates:
                pytest.skip("this cluster's own controllers decide what becomes of pods")
            yield controllers
            return
        controllers.start()
        try:
            yield controllers
        finally:
            controllers.stop()
