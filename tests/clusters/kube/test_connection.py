"""The way to a cluster, and each way in which it fails: in words, with a code, within its time."""

from __future__ import annotations

import ipaddress
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from clusters.kube import transport
from clusters.kube.api import Kube
from clusters.kube.transport import Login, Refused
from config.core.errors import (
    ClusterAddressForbidden,
    ClusterTLSInvalid,
    ClusterUnauthorized,
    ClusterUnreachable,
    DomainError,
)
from config.core.secrets import Secret
from tests.clusters.kube.kinds import CONFIG_MAPS, NAMESPACES
from tests.kube.certificates import Authority
from tests.kube.cluster import Cluster, StandIn
from tests.kube.failures import Close, Cut, Delay, Endless, Failure, Raw
from tests.kube.manifests import config_map

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def asked(login: Login, *, read_seconds: float = 30.0) -> DomainError:
    """What asking this cluster for its namespaces ends with."""
    with Kube(login, read_seconds=read_seconds) as kube, pytest.raises(DomainError) as caught:
        list(kube.list(NAMESPACES))
    return caught.value


def test_nothing_listens(cluster: Cluster) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    error = asked(replace(cluster.login, server=f"https://127.0.0.1:{port}"))

    assert type(error) is ClusterUnreachable
    assert "refused" in error.message
    assert "0x" not in error.message


def test_no_such_host(cluster: Cluster) -> None:
    error = asked(replace(cluster.login, server="https://nowhere.invalid:6443"))

    assert type(error) is ClusterUnreachable


def test_a_certificate_of_another_authority(cluster: Cluster) -> None:
    error = asked(replace(cluster.login, ca_cert=Authority("another").pem))

    assert type(error) is ClusterTLSInvalid
    assert "certificate verify failed" in error.message


def test_a_certificate_for_another_name(stand_in: StandIn) -> None:
    error = asked(replace(stand_in.login, tls_server_name="other.test"))

    assert type(error) is ClusterTLSInvalid
    assert "other.test" in error.message


def test_a_certificate_for_the_name_that_was_told(stand_in: StandIn) -> None:
    with Kube(replace(stand_in.login, tls_server_name="kubernetes.test")) as kube:
        assert kube.version()


def test_no_answer_to_tls(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as plain:
        login = replace(stand_in.login, server=f"https://127.0.0.1:{plain.getsockname()[1]}")
        started = time.monotonic()
        error = asked(login, read_seconds=0.3)

    assert type(error) is ClusterUnreachable
    assert time.monotonic() - started < 2


def test_http_is_not_spoken(stand_in: StandIn) -> None:
    """A credential goes through TLS or not at all."""
    login = replace(stand_in.login, server=stand_in.login.server.replace("https", "http"))

    assert type(asked(login)) is ClusterUnreachable
    assert stand_in.asked == []


def test_a_token_that_nobody_knows(cluster: Cluster) -> None:
    error = asked(replace(cluster.login, token=Secret("made-up-token"), client_cert=""))

    assert type(error) is ClusterUnauthorized
    assert "made-up-token" not in str(error)


def test_no_credential_is_nobody(cluster: Cluster) -> None:
    login = replace(cluster.login, token=Secret(""), client_cert="")

    with Kube(login) as kube, pytest.raises(Refused) as refused:
        list(kube.list(NAMESPACES))

    assert 'User "system:anonymous" cannot list' in refused.value.message


def test_a_client_certificate(stand_in: StandIn) -> None:
    stand_in.api.access.rules["robot"] = [{"verb": "get", "resource": "configmaps"}]
    pair = stand_in.authority.client("robot")
    login = Login(
        stand_in.server,
        ca_cert=stand_in.authority.pem,
        client_cert=pair.certificate,
        client_key=Secret(pair.key),
    )

    with Kube(login) as kube:
        assert kube.get(CONFIG_MAPS, "default", "absent") is None
        with pytest.raises(Refused, match='User "robot" cannot list resource "namespaces"'):
            list(kube.list(NAMESPACES))


def test_a_client_certificate_of_another_authority(stand_in: StandIn) -> None:
    pair = Authority("another").client("robot")
    login = Login(
        stand_in.server,
        ca_cert=stand_in.authority.pem,
        client_cert=pair.certificate,
        client_key=Secret(pair.key),
    )

    assert isinstance(asked(login), ClusterUnauthorized | ClusterUnreachable)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_an_address_that_is_denied(stand_in: StandIn, name: str) -> None:
    server = stand_in.login.server.replace("127.0.0.1", name)

    error = asked(replace(stand_in.login, server=server, denied=LOOPBACK))

    assert type(error) is ClusterAddressForbidden
    assert name in error.message
    assert stand_in.asked == []


@pytest.mark.parametrize("server", ["https://[::ffff:127.0.0.1]:6443", "https://2130706433:6443"])
def test_a_denied_address_in_other_clothes(stand_in: StandIn, server: str) -> None:
    error = asked(replace(stand_in.login, server=server, denied=LOOPBACK))

    assert type(error) is ClusterAddressForbidden


def test_addresses_that_are_not_denied(stand_in: StandIn) -> None:
    others = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10"))

    with Kube(replace(stand_in.login, denied=others)) as kube:
        assert kube.version()


HTML = "<html>hello</html>"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Close(), "does not answer"),
        (Cut(), "does not answer"),
        (Raw(302, headers={"Location": "https://127.0.0.1:1/"}), "redirect"),
        (Raw(200, HTML), "not a Kubernetes API"),
        (Raw(200, "[]"), "not a Kubernetes API"),
        (Raw(404, HTML), "not a Kubernetes API"),
        (Raw(500, HTML), "not a Kubernetes API"),
        (503, "not able to answer"),
        (429, "not able to answer"),
    ],
)
def test_answers_that_are_none(cluster: Cluster, failure: Failure, told: str) -> None:
    cluster.fail(lambda _method, _path: failure)

    error = asked(cluster.login)

    assert type(error) is ClusterUnreachable
    assert told in error.message


def test_a_redirect_is_not_followed(stand_in: StandIn) -> None:
    there = Raw(307, headers={"Location": f"{stand_in.server}/version"})
    stand_in.fail(lambda _method, path: there if path != "/version" else None)

    asked(stand_in.login)

    assert stand_in.asked == [("GET", "/api/v1/namespaces")]


def test_nothing_is_tried_again(stand_in: StandIn) -> None:
    stand_in.fail(lambda _method, _path: Close())

    asked(stand_in.login)

    assert len(stand_in.asked) == 1


def test_an_answer_that_takes_too_long(cluster: Cluster) -> None:
    cluster.fail(lambda _method, _path: Delay(2))
    started = time.monotonic()

    error = asked(cluster.login, read_seconds=0.2)

    assert type(error) is ClusterUnreachable
    assert "timed out" in error.message
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("limit", "most", "endless"),
    [
        ("WHOLE_SECONDS", 0.2, Endless()),
        ("WHOLE_BYTES", 2**20, Endless(size=2**18, seconds=0)),
    ],
)
def test_an_answer_without_end(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, limit: str, most: float, endless: Endless
) -> None:
    monkeypatch.setattr(transport, limit, most)
    stand_in.fail(lambda _method, _path: endless)
    started = time.monotonic()

    error = asked(stand_in.login)

    assert type(error) is ClusterUnreachable
    assert "does not end" in error.message
    assert time.monotonic() - started < 2


def test_another_server_that_says_404_is_no_cluster(stand_in: StandIn) -> None:
    """What Go's servers say where nothing is; a cluster says it of groups alone."""
    stand_in.fail(lambda _method, _path: Raw(404, "404 page not found\n"))

    with Kube(stand_in.login) as kube:
        assert kube.resource("nothing.example/v1", "Thing") is None
        with pytest.raises(ClusterUnreachable):
            kube.version()


def test_a_no_says_why(cluster: Cluster) -> None:
    cluster.fail(lambda _method, _path: 418)

    with Kube(cluster.login) as kube:
        with pytest.raises(Refused) as refused:
            list(kube.list(NAMESPACES))
        with pytest.raises(ClusterUnreachable, match="made to fail by the test"):
            kube.version()

    assert (refused.value.status, refused.value.causes) == (418, [])


def test_one_connection_serves_threads(cluster: Cluster) -> None:
    namespace = cluster.namespace()
    names = [f"settings-{number}" for number in range(20)]

    with Kube(cluster.login) as kube, ThreadPoolExecutor(10) as pool:
        wanted = [config_map(namespace, name) for name in names]
        list(pool.map(partial(kube.apply, CONFIG_MAPS), wanted))
        found = {one["metadata"]["name"] for one in kube.list(CONFIG_MAPS, namespace)}

    assert set(names) <= found
