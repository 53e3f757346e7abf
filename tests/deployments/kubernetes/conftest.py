from __future__ import annotations

from typing import Any

import pytest

from tests.deployments.kubernetes.site import KubeSite
from tests.kube.cluster import Cluster


@pytest.fixture
def site(cluster: Cluster) -> KubeSite:
    return KubeSite(cluster=cluster)


@pytest.fixture(autouse=True)
def watched_closely(settings: Any) -> None:
    settings.ROLLOUT_POLL_SECONDS = 0.1
    settings.ROLLOUT_SECONDS = 60
