"""A login is what the active connection says, and the operator's denied networks."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from clusters.access import kube_of, login_of
from clusters.models import Cluster
from config.core.errors import ClusterAddressForbidden, ClusterUnauthorized
from config.core.secrets import Secret
from config.settings.networks import LOOPBACK, NEVER, denied_networks
from tests.factories.clusters import ClusterFactory, ConnectionFactory, connected


@pytest.mark.django_db
def test_the_active_connection_signs_in(settings: Settings) -> None:
    settings.CLUSTER_DENIED_NETWORKS = denied_networks("10.0.0.0/8")
    cluster = ClusterFactory.make()
    ConnectionFactory.make(cluster=cluster, active=False, token=Secret("older"))
    ConnectionFactory.make(cluster=cluster, token=Secret("newer"), tls_server_name="api")
    login = login_of(Cluster.objects.get())
    assert (login.server, login.tls_server_name) == (cluster.endpoint, "api")
    assert login.token.reveal() == "newer"
    assert login.denied == (ip_network("10.0.0.0/8"),)
    assert "newer" not in repr(login)


@pytest.mark.django_db
def test_without_a_connection() -> None:
    with pytest.raises(ClusterUnauthorized, match="No credential"):
        kube_of(ClusterFactory.make())


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
def test_an_address_of_a_denied_network(host: str) -> None:
    cluster = connected(endpoint=f"https://{host}:443")
    with kube_of(cluster) as kube, pytest.raises(ClusterAddressForbidden):
        kube.version()


@pytest.mark.parametrize(
    ("address", "networks", "denied"),
    [
        ("169.254.169.254", NEVER, True),
        ("fe80::a9fe:a9fe", NEVER, True),
        ("fd00:ec2::254", NEVER, True),
        ("100.100.100.200", NEVER, True),
        ("0.0.0.0", NEVER, True),  # noqa: S104 - looked up, not listened on
        ("::", NEVER, True),
        ("239.1.1.1", NEVER, True),
        ("127.0.0.1", NEVER, False),
        ("127.0.0.1", LOOPBACK, True),
        ("::1", LOOPBACK, True),
        ("10.1.2.3", f"{NEVER},{LOOPBACK}", False),
        ("fd00:ec2::253", NEVER, False),
        ("169.254.169.254", "", False),
    ],
)
def test_what_is_denied(address: str, networks: str, *, denied: bool) -> None:
    assert any(ip_address(address) in network for network in denied_networks(networks)) is denied


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.net", "10.0.0.1/8", "10.0.0.0/8;::1"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        denied_networks(f"{NEVER}, {text}")
    assert "SLIPWAY_CLUSTER_DENIED_NETWORKS" in str(caught.value)
    assert repr(text) in str(caught.value)
