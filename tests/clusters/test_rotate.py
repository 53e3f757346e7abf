"""New credentials: taken when the cluster takes them, else all stays as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from clusters import checks
from clusters.access import login_of
from clusters.models import Cluster, ClusterConnection
from clusters.probe import Findings
from config.core.models import TimelineEvent
from config.core.secrets import Secret
from config.settings.networks import denied_networks
from tests.clusters.certificates import client, jwt
from tests.clusters.conftest import Site
from tests.factories.clusters import connected
from tests.kube.cluster import StandIn, kubeconfig

pytestmark = pytest.mark.django_db


def test_another_token(site: Site) -> None:
    cluster = site.cluster(status="unauthorized", reason_code="cluster_unauthorized")
    fresh = site.kubernetes.as_user([]).token
    answer = site.api.post(f"/clusters/{cluster.pk}/rotate", {"token": fresh.reveal()}).ok()
    assert (answer["status"], answer["reason_code"]) == ("ready", "")
    assert answer["last_checked_at"]
    login = login_of(cluster)
    assert login.token == fresh
    assert login.ca_cert == site.kubernetes.login.ca_cert  # not given, and so kept
    event = TimelineEvent.objects.get(action="cluster.rotated")
    assert (event.resource_id, event.status) == (cluster.pk, "ready")
    assert set(event.detail) == {"endpoint", "version", "auth_method", "expires_at"}


def test_the_old_secrets_are_gone(site: Site) -> None:
    cluster = site.cluster()
    old = ClusterConnection.objects.get()
    fresh = site.kubernetes.as_user([]).token.reveal()
    site.api.post(f"/clusters/{cluster.pk}/rotate", {"token": fresh}).ok()
    old.refresh_from_db()
    assert (old.active, bool(old.token), bool(old.client_key)) == (False, False, False)
    assert ClusterConnection.objects.filter(active=True).count() == 1


def test_by_kubeconfig_to_a_certificate(site: Site, stand_in: StandIn) -> None:
    cluster = site.cluster()
    pair = stand_in.authority.client("admin")
    parts = {"client_cert": pair.certificate, "client_key": pair.key}
    answer = site.api.post(f"/clusters/{cluster.pk}/rotate", parts).ok()
    assert answer["auth_method"] == "client_certificate"
    assert datetime.fromisoformat(answer["expires_at"])
    login = stand_in.as_user([])
    body = {"kubeconfig": kubeconfig(login), "context": "test"}
    answer = site.api.post(f"/clusters/{cluster.pk}/rotate", body).ok()
    assert (answer["auth_method"], answer["expires_at"]) == ("token", None)
    assert login_of(cluster).token == login.token
    assert login_of(cluster).client_cert == ""


def test_another_authority_and_name(site: Site) -> None:
    cluster = site.cluster()
    body = site.parts(tls_server_name="kubernetes.test")
    site.api.post(f"/clusters/{cluster.pk}/rotate", body).ok()
    assert login_of(cluster).tls_server_name == "kubernetes.test"


def unchanged(cluster: Cluster) -> None:
    before = {name: getattr(cluster, name) for name in ("status", "version", "expires_at")}
    assert ClusterConnection.objects.get().active
    found = Cluster.objects.get(pk=cluster.pk)
    assert {name: getattr(found, name) for name in before} == before
    assert not TimelineEvent.objects.filter(action="cluster.rotated").exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"token": "unknown"}, 502, "cluster_unauthorized"),
        ({"token": jwt(exp=1)}, 502, "cluster_unauthorized"),
        ({"ca_cert": client().cert, "token": "good"}, 502, "cluster_tls_invalid"),
        ({"ca_cert": "", "token": "good"}, 502, "cluster_tls_invalid"),
        ({"tls_server_name": "other.test", "token": "good"}, 502, "cluster_tls_invalid"),
        ({"kubeconfig": "nonsense"}, 422, "kubeconfig_invalid"),
        ({"token": "a b"}, 400, "validation_error"),
        ({"endpoint": "https://127.0.0.1:1", "token": "good"}, 400, "validation_error"),
        ({}, 400, "validation_error"),
        ({"verify": False, "token": "good"}, 400, "validation_error"),
        ({"client_cert": client().cert, "client_key": "x"}, 400, "validation_error"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else str(value),
)
def test_what_fails_keeps_the_old_one(
    site: Site, stand_in: StandIn, body: dict[str, Any], status: int, code: str
) -> None:
    stand_in.api.access.users["good"] = "good"
    cluster = site.cluster()
    site.api.post(f"/clusters/{cluster.pk}/rotate", body).refused(status, code)
    unchanged(cluster)
    assert login_of(cluster).token == site.kubernetes.login.token
    assert site.api.post(f"/clusters/{cluster.pk}/test").ok()["ok"] is True


def test_nobody_answers(site: Site, stand_in: StandIn) -> None:
    cluster = site.cluster()
    stand_in.fail(lambda *_: 503)
    token = site.kubernetes.login.token.reveal()
    answer = site.api.post(f"/clusters/{cluster.pk}/rotate", {"token": token})
    assert answer.refused(502, "cluster_unreachable")["hint"]
    unchanged(cluster)


def test_an_address_that_is_forbidden(site: Site, settings: Settings) -> None:
    cluster = site.cluster()
    settings.CLUSTER_DENIED_NETWORKS = denied_networks("127.0.0.0/8")
    body = site.parts()
    site.api.post(f"/clusters/{cluster.pk}/rotate", body).refused(422, "cluster_address_forbidden")
    unchanged(cluster)


def test_another_api_is_another_cluster(site: Site, stand_in: StandIn) -> None:
    cluster = connected(project=site.project)
    asked = list(stand_in.asked)
    body = {"kubeconfig": site.kubernetes.kubeconfig}
    data = site.api.post(f"/clusters/{cluster.pk}/rotate", body).refused(400, "validation_error")
    assert set(data["fields"]) == {"kubeconfig"}
    assert stand_in.asked == asked
    unchanged(cluster)


def test_of_two_at_once_one_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = site.cluster()

    def rotated_meanwhile(_: ClusterConnection) -> Findings:
        ClusterConnection.objects.filter(active=True).update(active=False)
        ClusterConnection.objects.create(cluster=cluster, server="x", token=Secret("theirs"))
        return Findings("v0", 1, 1, [])

    monkeypatch.setattr(checks, "findings", rotated_meanwhile)
    path = f"/clusters/{cluster.pk}/rotate"
    site.api.post(path, {"token": "mine"}).refused(409, "invalid_transition")
    assert login_of(cluster).token.reveal() == "theirs"
    assert not TimelineEvent.objects.filter(action="cluster.rotated").exists()


def test_who_only_reads(site: Site) -> None:
    path = f"/clusters/{site.cluster().pk}/rotate"
    site.viewer.post(path, {"token": "x"}).refused(403, "permission_denied")
