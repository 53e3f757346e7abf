from __future__ import annotations

from collections.abc import Iterator

import pytest

from clusters.kube.api import Kube
from tests.kube.cluster import Cluster


@pytest.fixture
def kube(cluster: Cluster) -> Iterator[Kube]:
    with Kube(cluster.login) as kube:
        yield kube


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    return cluster.namespace()
