"""How Slipway signs in to a cluster. The one place where its credentials are opened."""

from __future__ import annotations

from django.conf import settings

from clusters.kube.api import Kube
from clusters.kube.transport import READ_SECONDS, Login
from clusters.models import Cluster, ClusterConnection
from config.core.errors import ClusterUnauthorized
from config.core.fields import reveal


def kube_of(cluster: Cluster, *, read_seconds: float = READ_SECONDS) -> Kube:
    """A connection with the cluster's active credential: a context manager, for any number of
    threads. `read_seconds`: how long one answer may take. Raises ClusterUnauthorized where the
    cluster has no credential, Undecryptable where the keys are not those it was stored with."""
    return Kube(login_of(cluster), read_seconds=read_seconds)


def login_of(cluster: Cluster) -> Login:
    """Of the active connection. Raises as `kube_of` does."""
    return login_with(active_connection(cluster))


def active_connection(cluster: Cluster) -> ClusterConnection:
    """Raises ClusterUnauthorized where there is none."""
    found = cluster.connections.filter(active=True).first()
    if found is None:
        raise ClusterUnauthorized("No credential is stored for this cluster.")
    return found


def login_with(connection: ClusterConnection) -> Login:
    """Of any connection, also one that is not stored yet."""
    return Login(
        server=connection.server,
        ca_cert=connection.ca_cert,
        tls_server_name=connection.tls_server_name,
        token=reveal(connection, "token"),
        client_cert=connection.client_cert,
        client_key=reveal(connection, "client_key"),
        denied=settings.CLUSTER_DENIED_NETWORKS,
    )
