from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusters.models import Cluster
from config.core.models import Project, User
from tests.callers import Answer, Api
from tests.clusters.certificates import weak_pair
from tests.factories.clusters import connected
from tests.factories.core import ProjectFactory, member
from tests.kube.cluster import Cluster as Kubernetes


class Site:
    """A project, who manages its clusters, and a Kubernetes API to import."""

    def __init__(self, kubernetes: Kubernetes, api: Callable[[User | None], Api]) -> None:
        self.kubernetes = kubernetes
        self.project: Project = ProjectFactory.make()
        self.manager = member(self.project, "project_admin")
        self.api = api(self.manager)
        self.viewer = api(member(self.project, "viewer"))

    def bring(self, **fields: Any) -> Answer:
        """POST …/import of the API's kubeconfig, or of what `fields` say instead."""
        named = {"name": "one", "project_id": self.project.pk}
        if not {"kubeconfig", "endpoint"} & set(fields):
            named["kubeconfig"] = self.kubernetes.kubeconfig
        return self.api.post("/clusters/import", named | fields)

    def parts(self, **fields: Any) -> dict[str, Any]:
        """The API one part at a time."""
        login = self.kubernetes.login
        parts = {"endpoint": login.server, "ca_cert": login.ca_cert}
        if "client_cert" not in fields:
            parts["token"] = login.token.reveal()
        return {name: value for name, value in (parts | fields).items() if value is not None}

    def cluster(self, **fields: Any) -> Cluster:
        """Imported before."""
        return connected(self.kubernetes.login, project=self.project, **fields)


@pytest.fixture(scope="session")
def weak() -> tuple[str, str]:
    """A certificate with its key that no TLS library of today takes."""
    return weak_pair()


@pytest.fixture
def site(cluster: Kubernetes, api: Callable[[User | None], Api]) -> Iterator[Site]:
    yield Site(cluster, api)
    if not cluster.is_real:
        cluster.fail(None)  # it has to be well for what is cleaned up after the test
