"""Reads of clusters: what runs in them, as they tell it now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clusters import inventory, probe
from clusters.access import kube_of
from clusters.inventory import Namespace, Workload
from clusters.kube.api import Kube
from clusters.models import Cluster
from config.core.errors import ValidationFailed

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123


def namespaces(cluster: Cluster) -> list[Namespace]:
    """By name. Raises ClusterForbidden, or one of probe.FAILURES with a `hint`."""
    with _asking(cluster) as kube:
        return inventory.namespaces(kube)


def workloads(cluster: Cluster, namespace: str) -> list[Workload]:
    """Of one namespace, or (empty) of all; by namespace, kind and name. Raises the same, and
    ValidationFailed for what names no namespace."""
    if namespace and not _LABEL.fullmatch(namespace):
        raise ValidationFailed(fields={"namespace": ["No namespace has such a name."]})
    with _asking(cluster) as kube:
        return inventory.workloads(kube, namespace)


@contextmanager
def _asking(cluster: Cluster) -> Iterator[Kube]:
    try:
        with kube_of(cluster, read_seconds=probe.READ_SECONDS) as kube:
            yield kube
    except probe.FAILURES as error:
        raise probe.hinted(error) from None
