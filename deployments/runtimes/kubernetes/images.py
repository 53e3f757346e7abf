"""Which images a release came to run: what the cluster tells of its pods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from clusters.kube.api import Kube
from clusters.kube.transport import Refused
from config.core.errors import DomainError
from deployments.runtimes.kubernetes.objects import Object, containers, key_of
from deployments.runtimes.kubernetes.pods import pods_of

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}$")


def digests(
    kube: Kube, images: list[dict[str, Any]], wanted: Sequence[Object]
) -> list[dict[str, Any]]:
    """`images` of a release, with the digest that each container's pod reports. What can't be
    asked stays unknown: the release runs, whoever may look at its pods."""
    known: dict[str, str] = {}
    for one in wanted:
        try:
            known |= _of_object(kube, one)
        except (DomainError, Refused):
            continue
    return [{**image, "digest": known.get(image["service"], image["digest"])} for image in images]


def _of_object(kube: Kube, one: Object) -> dict[str, str]:
    key = key_of(one)
    resource = kube.resource(one["apiVersion"], one["kind"]) if containers(one) else None
    live = kube.get(resource, key.namespace, key.name) if resource else None
    found: dict[str, str] = {}
    for pod in pods_of(kube, live) if live else []:
        found |= _reported(key.name, pod)
    return found


def _reported(workload: str, pod: Object) -> dict[str, str]:
    """{workload/container: digest}."""
    status = pod.get("status") or {}
    listed = [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
    found = {}
    for one in listed:
        # `docker-pullable://name@sha256:…`, `name@sha256:…`, or the id of what was never pulled
        reported = str(one.get("imageID", "")).rpartition("://")[2]
        if _DIGEST.search(reported):
            found[f"{workload}/{one.get('name', '')}"] = reported
    return found
