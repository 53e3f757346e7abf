"""Clusters are stored when they answered, with the credential they took."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import yaml
from cryptography import x509
from django.utils import timezone
from pytest_django import Settings

from clusters.access import kube_of
from clusters.models import Cluster, ClusterConnection
from config.core.models import TimelineEvent
from config.settings.networks import denied_networks
from tests.clusters.certificates import authority, client, jwt
from tests.clusters.conftest import Site
from tests.factories.core import ProjectFactory
from tests.kube.cluster import StandIn
from tests.kube.failures import Close, Raw

pytestmark = pytest.mark.django_db


def test_by_kubeconfig(site: Site) -> None:
    before = timezone.now()
    made = site.bring().ok(201)
    assert set(made) == {
        "id", "name", "project_id", "source", "endpoint", "version", "status", "reason_code",
        "auth_method", "expires_at", "last_checked_at", "created_at",
    }  # fmt: skip
    cluster = Cluster.objects.get()
    with kube_of(cluster) as kube:
        version = kube.version()
    assert version.startswith("v1.")
    assert made["endpoint"] == site.kubernetes.login.server
    assert (made["name"], made["project_id"]) == ("one", site.project.pk)
    assert (made["version"], made["status"], made["reason_code"]) == (version, "ready", "")
    assert (made["source"], made["auth_method"]) == ("external_managed", "token")
    assert datetime.fromisoformat(made["last_checked_at"]) >= before
    event = TimelineEvent.objects.get(action="cluster.imported")
    assert (event.resource_type, event.resource_id) == ("cluster", cluster.pk)
    assert (event.project_id, event.status, event.actor_id) == (
        site.project.pk,
        "ready",
        site.manager.pk,
    )
    assert event.detail == {
        "endpoint": made["endpoint"],
        "version": version,
        "auth_method": "token",
        "expires_at": None,
        "verified": True,
    }


def test_by_the_context_that_is_named(site: Site) -> None:
    config = yaml.safe_load(site.kubernetes.kubeconfig)
    config["contexts"].append({"name": "other", "context": {"cluster": "none", "user": "none"}})
    config["current-context"] = "other"
    text = json.dumps(config)
    site.bring(kubeconfig=text).refused(422, "kubeconfig_invalid")
    site.bring(kubeconfig=text, context="test").ok(201)


def test_by_parts(site: Site) -> None:
    made = site.bring(**site.parts()).ok(201)
    assert (made["auth_method"], made["status"]) == ("token", "ready")


def test_by_client_certificate(site: Site, stand_in: StandIn) -> None:
    pair = stand_in.authority.client("admin")
    parts = site.parts(client_cert=pair.certificate, client_key=pair.key)
    made = site.bring(**parts).ok(201)
    assert made["auth_method"] == "client_certificate"
    ends = x509.load_pem_x509_certificate(pair.certificate.encode()).not_valid_after_utc
    assert datetime.fromisoformat(made["expires_at"]) == ends
    connection = ClusterConnection.objects.get()
    assert (connection.client_cert, bool(connection.token)) == (pair.certificate, False)


def test_under_another_name_than_the_address(site: Site) -> None:
    made = site.bring(**site.parts(tls_server_name="kubernetes.test")).ok(201)
    assert made["status"] == "ready"
    wrong = site.parts(tls_server_name="other.test")
    site.bring(name="two", **wrong).refused(502, "cluster_tls_invalid")


def test_when_a_token_expires(site: Site, stand_in: StandIn) -> None:
    token = jwt(sub="system:serviceaccount:ci:deploy", exp=1893456000)
    stand_in.api.access.users[token] = "deploy"
    made = site.bring(**site.parts(token=token)).ok(201)
    assert made["expires_at"] == "2030-01-01T00:00:00Z"


def test_a_credential_with_few_rights_is_one(site: Site) -> None:
    login = site.kubernetes.as_user([{"verb": "get", "resource": "pods", "namespace": "default"}])
    site.bring(**site.parts(token=login.token.reveal())).ok(201)


def test_unverified_is_stored_without_asking(site: Site, stand_in: StandIn) -> None:
    asked = list(stand_in.asked)
    made = site.bring(verify=False).ok(201)
    assert (made["status"], made["version"], made["last_checked_at"]) == ("unverified", "", None)
    assert stand_in.asked == asked
    assert TimelineEvent.objects.get(action="cluster.imported").detail["verified"] is False


def nothing_is_stored() -> None:
    assert not Cluster.objects.exists()
    assert not ClusterConnection.objects.exists()
    assert not TimelineEvent.objects.filter(action__startswith="cluster.").exists()


def test_a_token_that_is_not_known(site: Site) -> None:
    data = site.bring(**site.parts(token="unknown")).refused(502, "cluster_unauthorized")
    assert "revoked" in data["hint"]
    nothing_is_stored()


def test_a_credential_that_counts_for_nobody(site: Site, stand_in: StandIn) -> None:
    """As of a client certificate that a proxy before the API keeps to itself."""
    stand_in.fail(lambda _, path: 403 if "selfsubject" in path else None)
    answer = site.bring()
    assert "hint" in answer.refused(502, "cluster_unauthorized")
    assert "nobody" in answer.body["message"]
    nothing_is_stored()


@pytest.mark.parametrize("ca_cert", [authority().cert, None], ids=["another", "none"])
def test_an_api_that_another_authority_vouches_for(site: Site, ca_cert: str | None) -> None:
    data = site.bring(**site.parts(ca_cert=ca_cert)).refused(502, "cluster_tls_invalid")
    assert "ca_cert" in data["hint"]
    nothing_is_stored()


def test_nobody_answers(site: Site) -> None:
    data = site.bring(**site.parts(endpoint="https://127.0.0.1:1")).refused(
        502, "cluster_unreachable"
    )
    assert "firewall" in data["hint"]
    nothing_is_stored()


def test_a_name_that_is_none(site: Site) -> None:
    parts = site.parts(endpoint="https://nowhere.invalid")
    site.bring(**parts).refused(502, "cluster_unreachable")


@pytest.mark.parametrize(
    "failure",
    [
        Close(), 500, 503,
        Raw(200, "<html>hello</html>"), Raw(200, "[]"), Raw(404, "404 page not found"),
        Raw(302, "", {"Location": "https://169.254.169.254/"}),
    ],
    ids=str,
)  # fmt: skip
def test_something_else_answers(site: Site, stand_in: StandIn, failure: Any) -> None:
    stand_in.fail(lambda *_: failure)
    assert site.bring().refused(502, "cluster_unreachable")["hint"]
    assert {path for _, path in stand_in.asked} == {"/version"}
    nothing_is_stored()


@pytest.mark.parametrize(
    "answer", ['{"status": "x"}', '{"status": {"resourceRules": [7]}}', '{"status": [1]}']
)
def test_something_that_only_looks_like_an_api(site: Site, stand_in: StandIn, answer: str) -> None:
    stand_in.fail(lambda _, path: Raw(201, answer) if "selfsubject" in path else None)
    site.bring().refused(502, "cluster_unreachable")
    nothing_is_stored()


def test_a_version_is_not_longer_or_stranger_than_its_column(site: Site, stand_in: StandIn) -> None:
    told = json.dumps({"gitVersion": "v1\0\n" + "x" * 5000})
    stand_in.fail(lambda _, path: Raw(200, told) if path == "/version" else None)
    assert site.bring().ok(201)["version"] == "v1" + "x" * 60


def test_an_address_that_is_forbidden(site: Site, stand_in: StandIn, settings: Settings) -> None:
    settings.CLUSTER_DENIED_NETWORKS = denied_networks("127.0.0.0/8")
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        port = site.kubernetes.login.server.rpartition(":")[2]
        parts = site.parts(endpoint=f"https://{host}:{port}")
        data = site.bring(**parts).refused(422, "cluster_address_forbidden")
        assert "SLIPWAY_CLUSTER_DENIED_NETWORKS" in data["hint"]
    assert stand_in.asked == []
    nothing_is_stored()


def test_what_a_kubeconfig_may_not_ask_for(site: Site, stand_in: StandIn) -> None:
    config = yaml.safe_load(site.kubernetes.kubeconfig)
    config["users"][0]["user"]["exec"] = {"command": "/bin/true"}
    for verify in (True, False):
        data = site.bring(kubeconfig=json.dumps(config), verify=verify).refused(
            422, "kubeconfig_forbidden_field"
        )
        assert data == {"fields": ["users[test].user.exec"]}
    assert stand_in.asked == []
    nothing_is_stored()


def test_a_kubeconfig_that_is_none(site: Site) -> None:
    data = site.bring(kubeconfig="hello").refused(422, "kubeconfig_invalid")
    assert [set(error) for error in data["errors"]] == [{"path", "line", "message"}]
    nothing_is_stored()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kubeconfig": "a", "token": "t"}, {"token"}),
        ({"kubeconfig": "a", "endpoint": "https://a", "ca_cert": ""}, {"endpoint", "ca_cert"}),
        ({"kubeconfig": None}, {"kubeconfig"}),
        ({"kubeconfig": ""}, {"kubeconfig"}),
        ({"kubeconfig": "a\0"}, {"kubeconfig"}),
        ({"endpoint": "https://a", "token": "t", "context": "c"}, {"context"}),
        ({"endpoint": "https://a", "token": "t", "client_cert": "c"}, {"token"}),
        ({"endpoint": "https://a"}, {"token"}),
        ({"endpoint": "http://a", "token": "t"}, {"endpoint"}),
        ({"endpoint": "https://u@a", "token": "t"}, {"endpoint"}),
        ({"endpoint": "https://a", "token": "t t", "ca_cert": "x"}, {"token", "ca_cert"}),
        ({"endpoint": "https://a", "client_cert": client().cert}, {"client_key"}),
        ({"endpoint": "https://a", "client_key": client().key}, {"client_cert"}),
        ({"endpoint": "https://a", "client_key": authority().key, "client_cert": client().cert},
         {"client_key"}),
        ({"endpoint": "https://a", "token": "t", "name": ""}, {"name"}),
        ({"endpoint": "https://a", "token": "t", "name": "n" * 64}, {"name"}),
        ({"endpoint": "https://a", "token": "t", "project_id": 0}, {"project_id"}),
        ({"endpoint": "https://a", "token": "t", "source": "platform_managed"}, {"source"}),
        ({"endpoint": "https://a", "token": "t", "insecure": True}, {"insecure"}),
    ],
    ids=lambda value: ",".join(sorted(value)),
)  # fmt: skip
def test_what_is_not_valid(site: Site, fields: dict[str, Any], wrong: set[str]) -> None:
    data = site.bring(**fields).refused(400, "validation_error")
    assert set(data["fields"]) == wrong
    nothing_is_stored()


def test_nothing_to_sign_in_with(site: Site) -> None:
    body = {"name": "one", "project_id": site.project.pk}
    data = site.api.post("/clusters/import", body).refused(400, "validation_error")
    assert set(data["fields"]) == {"kubeconfig"}


def test_a_name_once_per_project(site: Site) -> None:
    site.cluster(name="one")
    data = site.bring(verify=False).refused(400, "validation_error")
    assert set(data["fields"]) == {"name"}


def test_a_project_that_is_not_the_callers(site: Site) -> None:
    other = ProjectFactory.make()
    data = site.bring(project_id=other.pk).refused(400, "validation_error")
    assert set(data["fields"]) == {"project_id"}


def test_who_only_reads_is_told_so_before_anything_is_parsed(site: Site) -> None:
    body = {"name": "one", "project_id": site.project.pk, "kubeconfig": "nonsense"}
    site.viewer.post("/clusters/import", body).refused(403, "permission_denied")


def test_a_repeated_import_is_answered(site: Site) -> None:
    body = {"name": "one", "project_id": site.project.pk, "kubeconfig": site.kubernetes.kubeconfig}
    first = site.api.post("/clusters/import", body, Idempotency_Key="k").ok(201)
    again = site.api.post("/clusters/import", body, Idempotency_Key="k")
    assert again.ok(201) == first
    assert Cluster.objects.count() == 1


def test_a_key_that_openssl_takes_for_too_weak(site: Site, weak: tuple[str, str]) -> None:
    parts = site.parts(client_cert=weak[0], client_key=weak[1])
    site.bring(**parts).refused(502, "cluster_tls_invalid")
