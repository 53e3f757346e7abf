"""Watches objects until they do what was asked of them, or can't."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from clusters.kube.api import Kube
from clusters.kube.transport import Refused
from config.core import threads
from deployments.runtimes.kubernetes.health import Verdict, is_judged, stuck, unseen, verdict
from deployments.runtimes.kubernetes.objects import WORKLOADS, Object, annotation, key_of
from deployments.runtimes.kubernetes.pods import pods_of
from deployments.runtimes.kubernetes.survey import AT_ONCE

# How long a pod may look stuck before it counts as such: a registry's hiccup passes.
STUCK_SECONDS: Final = 20.0
# Kinds whose status says which generation it is about.
_OBSERVED: Final = (*WORKLOADS, "ReplicaSet")


class Rollout:
    """`look` asks the cluster once. `outstanding` and `failed`: the objects as they are now."""

    def __init__(self, kube: Kube, wanted: Sequence[Object]) -> None:
        self.outstanding: list[Object] = [one for one in wanted if is_judged(one)]
        self.failed: list[Object] = []
        self._kube = kube
        self._total = len(self.outstanding)
        self._told: dict[str, str] = {}
        self._stuck_since: dict[str, float] = {}

    @property
    def summary(self) -> str:
        about = self.failed or self.outstanding
        if not about:
            return f"{self._total} of {self._total} ready"
        told = "; ".join(f"{key_of(one)} {self._told[str(key_of(one))]}" for one in about[:3])
        return f"{self._total - len(self.outstanding)} of {self._total} ready: {told}"

    def look(self) -> list[str]:
        """A line for each object about which something new is to be told."""
        verdicts = threads.each(self._verdict, self.outstanding, at_once=AT_ONCE)
        news, waiting = [], []
        for one, found in zip(self.outstanding, verdicts, strict=True):
            name = str(key_of(one))
            if self._told.get(name) != found.message:
                self._told[name] = found.message
                news.append(f"{name}: {found.message}")
            if found.state == "failed":
                self.failed.append(one)
            if found.state != "healthy":
                waiting.append(one)
        self.outstanding = waiting
        return news

    def _verdict(self, one: Object) -> Verdict:
        key = key_of(one)
        resource = self._kube.resource(one["apiVersion"], one["kind"])
        if resource is None:
            return Verdict("failed", "its kind is gone")
        live = self._kube.get(resource, key.namespace, key.name)
        if live is None and (one.get("spec") or {}).get("ttlSecondsAfterFinished") is not None:
            return Verdict("failed", "was cleaned up before it was seen to complete")
        found = verdict(live)
        if found.state == "failed" and key.kind == "Deployment":
            # That an earlier rollout took too long is said for a moment of the next one, too.
            return self._if_it_stays(str(key), found.message)
        if found.state != "progressing" or live is None:
            return found
        if key.kind == "PersistentVolumeClaim" and self._waits_for_a_pod(live):
            return Verdict("healthy", "is bound when a pod wants it")
        return (None if key.kind in _OBSERVED and unseen(live) else self._of_pods(live)) or found

    def _of_pods(self, live: Object) -> Verdict | None:
        """Failed, once a pod has been stuck for a while."""
        name = str(key_of(live))
        reasons = [reason for pod in pods_of(self._kube, live) if (reason := stuck(pod))]
        if live["kind"] == "Job":  # it counts its tries itself
            reasons = [reason for reason in reasons if "CrashLoopBackOff" not in reason]
        if not reasons:
            self._stuck_since.pop(name, None)
            return None
        return self._if_it_stays(name, reasons[0])

    def _if_it_stays(self, name: str, reason: str) -> Verdict:
        since = self._stuck_since.setdefault(name, time.monotonic())
        stays = time.monotonic() - since >= STUCK_SECONDS
        return Verdict("failed" if stays else "progressing", reason)

    def _waits_for_a_pod(self, claim: Object) -> bool:
        """Whether its storage class binds a claim only when a pod uses it. Where we may not ask, it
        may: a pod that can't do without it will tell."""
        classes = self._kube.resource("storage.k8s.io/v1", "StorageClass")
        name = (claim.get("spec") or {}).get("storageClassName")
        if classes is None or name == "":  # without a class: bound to a volume that is there
            return False
        try:
            if name:
                found = self._kube.get(classes, "", name)
                return (found or {}).get("volumeBindingMode") == "WaitForFirstConsumer"
            return any(
                one.get("volumeBindingMode") == "WaitForFirstConsumer"
                for one in self._kube.list(classes)
                if annotation(one, "storageclass.kubernetes.io/is-default-class") == "true"
            )
        except Refused:
            return True
