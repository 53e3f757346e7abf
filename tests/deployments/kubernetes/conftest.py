from __future__ import annotations

import pytest

from tests.deployments.kubernetes.site import KubeSite
from tests.kube.cluster import Cluster


@pytest.fixture
def site(cluster: Cluster) -> KubeSite:
    return KubeSite(cluster=cluster)
