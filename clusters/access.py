"""How Slipway signs in to a cluster. The one place where its credentials are opened."""

from __future__ import annotations

import ssl

from django.conf import settings

from clusters.kube.api import Kube
from clusters.kube.transport import READ_SECONDS, Login
from clusters.models import Cluster, ClusterConnection
from config.core.errors import ClusterTLSInvalid, ClusterUnauthorized
from config.core.fields import reveal


def kube_of(cluster: Cluster, *, read_seconds: float = READ_SECONDS) -> Kube:
    """A connection with the cluster's active credential: a context manager, for any number of
    threads. `read_seconds`: how long one answer may take. Raises ClusterUnauthorized where the
    cluster has no credential, ClusterTLSInvalid where OpenSSL takes its certificates for too weak,
    Undecryptable where the keys are not those it was stored with."""
    return kube_with(login_of(cluster), read_seconds=read_seconds)


def kube_with(login: Login, *, read_seconds: float = READ_SECONDS) -> Kube:
    """The same, of any login."""
    try:
        return Kube(login, read_seconds=read_seconds)
    except ssl.SSLError as error:
        raise ClusterTLSInvalid(f"The certificates can't be used: {error.reason}.") from None


def login_of(cluster: Cluster) -> Login:
    """Of the active connection. Raises ClusterUnauthorized where there is none."""
    connection = cluster.connections.filter(active=True).first()
    if connection is None:
        raise ClusterUnauthorized("No credential is stored for this cluster.")
    return login_with(connection)


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
