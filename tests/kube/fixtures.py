"""`cluster`: the stand-in, or the real one that SLIPWAY_TEST_KUBECONFIG leads to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kube.certificates import Authority, Pair
from tests.kube.cluster import Cluster, StandIn
from tests.kube.real import RealCluster


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def server_certificate(authority: Authority) -> Pair:
    return authority.server("kubernetes.test")


@pytest.fixture
def stand_in(authority: Authority, server_certificate: Pair) -> Iterator[StandIn]:
    """For what a real cluster can't be made to do."""
    with StandIn(authority, server_certificate) as cluster:
        yield cluster
        if cluster.api.broken:
            raise cluster.api.broken[0]


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    path = os.environ.get("SLIPWAY_TEST_KUBECONFIG")
    found: Cluster = RealCluster(Path(path)) if path else request.getfixturevalue("stand_in")
    yield found
    if not found.is_real:
        found.fail(None)
    found.clean()
