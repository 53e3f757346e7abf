"""Clusters with an active connection. Nothing answers there, unless the test says where."""

from __future__ import annotations

from typing import Any

from clusters.kube.transport import Login
from clusters.models import Cluster, ClusterConnection
from config.core.secrets import Secret
from tests.factories.base import ModelFactory, made, numbered, same_as
from tests.factories.core import ProjectFactory


class ClusterFactory(ModelFactory[Cluster]):
    """Without a credential; `connected` makes one with."""

    class Meta:
        model = Cluster

    project = made(ProjectFactory.make)
    name = numbered("cluster-")
    endpoint = "https://127.0.0.1:1"
    version = "v1.33.1"
    status = "ready"
    auth_method = "token"


class ConnectionFactory(ModelFactory[ClusterConnection]):
    class Meta:
        model = ClusterConnection

    cluster = made(ClusterFactory.make)
    server = same_as("cluster.endpoint")
    token = Secret("not-a-real-token")


def connected(login: Login | None = None, **fields: Any) -> Cluster:
    """A cluster that is signed in to as `login` says, or that nothing answers for."""
    if login is None:
        return ConnectionFactory.make(cluster=ClusterFactory.make(**fields)).cluster
    method = "client_certificate" if login.client_cert else "token"
    cluster = ClusterFactory.make(endpoint=login.server, auth_method=method, **fields)
    ConnectionFactory.make(
        cluster=cluster,
        ca_cert=login.ca_cert,
        tls_server_name=login.tls_server_name,
        token=login.token,
        client_cert=login.client_cert,
        client_key=login.client_key,
    )
    return cluster
