"""A cluster asked how it is: what is wrong is answered and kept, each thing by its name."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from clusters import checks
from clusters.access import kube_of
from clusters.kube.api import Kube
from clusters.models import Cluster, ClusterConnection
from clusters.probe import Findings
from config.core.models import TimelineEvent
from config.core.secrets import Secret
from config.settings.networks import denied_networks
from tests.clusters.certificates import authority
from tests.clusters.conftest import Site
from tests.factories.clusters import ClusterFactory, connected
from tests.kube.cluster import StandIn
from tests.kube.failures import Close, Raw

pytestmark = pytest.mark.django_db
SHAPE = {"ok", "version", "latency_ms", "nodes", "permissions", "reason_code", "hint"}


def ask(site: Site, cluster: Cluster) -> dict[str, Any]:
    answer: dict[str, Any] = site.api.post(f"/clusters/{cluster.pk}/test").ok()
    assert set(answer) == SHAPE
    cluster.refresh_from_db()
    event = TimelineEvent.objects.get(action="cluster.tested")
    assert (event.resource_id, event.project_id) == (cluster.pk, site.project.pk)
    assert event.status == cluster.status
    assert (event.detail["ok"], event.detail["reason_code"]) == (
        answer["ok"],
        answer["reason_code"],
    )
    return answer


def test_all_is_well(site: Site) -> None:
    cluster = site.cluster(status="unreachable", reason_code="cluster_unreachable", version="old")
    before = timezone.now()
    answer = ask(site, cluster)
    assert (answer["ok"], answer["reason_code"], answer["hint"]) == (True, "", "")
    with kube_of(cluster) as kube:
        assert answer["version"] == kube.version()
    assert 0 <= answer["latency_ms"] < 10_000
    assert answer["nodes"] >= 0
    everything = {"verbs": ["*"], "groups": ["*"], "resources": ["*"], "names": []}
    assert everything in answer["permissions"]
    assert (cluster.status, cluster.reason_code) == ("ready", "")
    assert cluster.version == answer["version"]
    assert cluster.last_checked_at
    assert cluster.last_checked_at >= before


def test_nodes_are_counted(site: Site, stand_in: StandIn) -> None:
    with Kube(stand_in.login) as kube:
        nodes = kube.resource("v1", "Node")
        assert nodes is not None
        for name in ("a", "b", "c"):
            kube.apply(nodes, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    assert ask(site, site.cluster())["nodes"] == 3


def test_a_credential_with_few_rights(site: Site) -> None:
    login = site.kubernetes.as_user(
        [
            {"verb": "get", "resource": "pods", "namespace": "default"},
            {"verb": "list", "resource": "deployments.apps"},
        ]
    )
    answer = ask(site, connected(login, project=site.project))
    assert (answer["ok"], answer["nodes"]) == (True, None)
    told = {(*rule["verbs"], *rule["resources"], *rule["groups"]) for rule in answer["permissions"]}
    assert {("get", "pods", ""), ("list", "deployments", "apps")} <= told
    assert ("*", "*", "*") not in told


@pytest.mark.parametrize(
    ("wrong", "reason", "status"),
    [
        ({"token": Secret("unknown")}, "cluster_unauthorized", "unauthorized"),
        ({"ca_cert": authority().cert}, "cluster_tls_invalid", "unreachable"),
        ({"ca_cert": ""}, "cluster_tls_invalid", "unreachable"),
        ({"tls_server_name": "other.test"}, "cluster_tls_invalid", "unreachable"),
        ({"server": "https://127.0.0.1:1"}, "cluster_unreachable", "unreachable"),
        ({"server": "https://nowhere.invalid"}, "cluster_unreachable", "unreachable"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_connection(
    site: Site, wrong: dict[str, Any], reason: str, status: str
) -> None:
    cluster = site.cluster(version="v1.2.3")
    connection = ClusterConnection.objects.get()
    for name, value in wrong.items():
        setattr(connection, name, value)
    connection.save()
    answer = ask(site, cluster)
    assert (answer["ok"], answer["reason_code"]) == (False, reason)
    assert answer["hint"]
    assert (answer["version"], answer["latency_ms"], answer["nodes"]) == ("", None, None)
    assert answer["permissions"] == []
    assert (cluster.status, cluster.reason_code) == (status, reason)
    assert cluster.last_checked_at
    assert cluster.version == "v1.2.3"  # what it was when it answered


@pytest.mark.parametrize(
    ("failure", "at", "reason"),
    [
        (Close(), "/version", "cluster_unreachable"),
        (Raw(200, "{}x"), "/version", "cluster_unreachable"),
        (503, "/version", "cluster_unreachable"),
        (401, "/version", "cluster_unauthorized"),
        (403, "selfsubject", "cluster_unauthorized"),
        (500, "selfsubject", "cluster_unreachable"),
        (500, "/nodes", "cluster_unreachable"),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_api(
    site: Site, stand_in: StandIn, failure: Any, at: str, reason: str
) -> None:
    stand_in.fail(lambda _, path: failure if at in path else None)
    answer = ask(site, site.cluster())
    assert (answer["ok"], answer["reason_code"]) == (False, reason)


def test_hints_differ(site: Site) -> None:
    found = set()
    wrong: list[dict[str, Any]] = [
        {"token": Secret("unknown")}, {"ca_cert": ""}, {"server": "https://127.0.0.1:1"},
    ]  # fmt: skip
    for number, reason in enumerate(wrong):
        cluster = site.cluster(name=str(number))
        connection = ClusterConnection.objects.get(cluster=cluster)
        for name, value in reason.items():
            setattr(connection, name, value)
        connection.save()
        found.add(site.api.post(f"/clusters/{cluster.pk}/test").ok()["hint"])
    assert len(found) == 3


def test_an_address_that_is_forbidden_by_now(
    site: Site, stand_in: StandIn, settings: Settings
) -> None:
    settings.CLUSTER_DENIED_NETWORKS = denied_networks("127.0.0.0/8")
    answer = ask(site, site.cluster())
    assert answer["reason_code"] == "cluster_address_forbidden"
    assert stand_in.asked == []


def test_a_cluster_without_a_credential(site: Site) -> None:
    answer = ask(site, ClusterFactory.make(project=site.project))
    assert (answer["ok"], answer["reason_code"]) == (False, "cluster_unauthorized")


def test_a_credential_that_was_replaced_meanwhile(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it found out says nothing of the one that is used now."""
    cluster = site.cluster()

    def rotated_meanwhile(connection: ClusterConnection) -> Findings:
        ClusterConnection.objects.filter(pk=connection.pk).update(active=False)
        return Findings("v0", 1, 1, [])

    monkeypatch.setattr(checks, "findings", rotated_meanwhile)
    assert site.api.post(f"/clusters/{cluster.pk}/test").ok()["version"] == "v0"
    before = cluster.version
    cluster.refresh_from_db()
    assert cluster.version == before
    assert not TimelineEvent.objects.filter(action="cluster.tested").exists()


def test_who_only_reads(site: Site) -> None:
    path = f"/clusters/{site.cluster().pk}/test"
    site.viewer.post(path).refused(403, "permission_denied")
