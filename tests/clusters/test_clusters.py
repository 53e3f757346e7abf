"""Reads, names, deletion, and what runs in a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.kube.api import Kube
from clusters.models import Cluster, ClusterConnection
from config.core.fields import Sealed
from config.core.models import TimelineEvent
from tests.callers import Answer
from tests.clusters.conftest import Site
from tests.factories.clusters import ClusterFactory, connected
from tests.factories.core import ProjectFactory
from tests.factories.deployments import TargetFactory
from tests.kube.cluster import StandIn
from tests.kube.failures import Raw

pytestmark = pytest.mark.django_db


def test_lists_what_the_caller_may_see(site: Site) -> None:
    first, second = site.cluster(name="first"), site.cluster(name="second")
    ClusterFactory.make()
    found = site.viewer.get("/clusters")
    assert [row["id"] for row in found.ok()["results"]] == [second.pk, first.pk]
    assert site.viewer.get(f"/clusters/{first.pk}").ok() == found.results[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "unreachable"}, ["lost"]),
        ({"source": "external_managed"}, ["lost", "well"]),
        ({"source": "platform_managed"}, []),
        ({"q": "EL"}, ["well"]),
        ({"project": "999"}, []),
        ({"limit": "1"}, ["lost"]),
    ],
    ids=str,
)
def test_filters(site: Site, query: dict[str, str], names: list[str]) -> None:
    site.cluster(name="well")
    site.cluster(name="lost", status="unreachable")
    assert [row["name"] for row in site.viewer.get("/clusters", **query).results] == names


def test_a_filter_that_is_none(site: Site) -> None:
    site.viewer.get("/clusters", colour="red").refused(400, "validation_error")


def test_a_new_name_and_nothing_else(site: Site) -> None:
    cluster = site.cluster()
    site.cluster(name="taken")
    before: dict[str, Any] = {**ClusterConnection.objects.filter(cluster=cluster).values().get()}
    path = f"/clusters/{cluster.pk}"
    assert site.api.patch(path, {"name": "renamed"}).ok()["name"] == "renamed"
    assert site.api.patch(path, {"name": "renamed"}).ok()["name"] == "renamed"
    for body in ({"name": "taken"}, {"name": ""}, {}, {"name": "x" * 64}):
        data = site.api.patch(path, body).refused(400, "validation_error")
        assert set(data["fields"]) == {"name"}
    for field in ("endpoint", "token", "status", "project_id", "source"):
        data = site.api.patch(path, {"name": "other", field: "x"}).refused(400, "validation_error")
        assert set(data["fields"]) == {field}
    after: dict[str, Any] = {**ClusterConnection.objects.filter(cluster=cluster).values().get()}
    sealed = ("token", "client_key")
    assert [stored(after[name]) for name in sealed] == [stored(before[name]) for name in sealed]
    assert {**after, **dict.fromkeys(sealed)} == {**before, **dict.fromkeys(sealed)}


def stored(value: object) -> str:
    """An encrypted value as the database holds it."""
    assert isinstance(value, Sealed)
    return value.token


def test_deleted_with_its_credentials(site: Site) -> None:
    cluster = site.cluster(name="one")
    site.api.delete(f"/clusters/{cluster.pk}").ok(204)
    assert not Cluster.objects.exists()
    assert not ClusterConnection.objects.exists()
    event = TimelineEvent.objects.get(action="cluster.deleted")
    assert (event.resource_id, event.project_id) == (cluster.pk, site.project.pk)
    assert event.detail["name"] == "one"
    site.api.get(f"/clusters/{cluster.pk}").refused(404, "not_found")


@pytest.mark.parametrize("archived", [False, True])
def test_not_while_targets_are_in_it(site: Site, *, archived: bool) -> None:
    cluster = site.cluster()
    TargetFactory.make(cluster=cluster, archived=archived)
    answer = site.api.delete(f"/clusters/{cluster.pk}")
    assert answer.refused(409, "invalid_transition") == {"from": "ready", "to": "deleted"}
    assert "targets" in answer.body["message"]
    assert ClusterConnection.objects.exists()
    assert not TimelineEvent.objects.filter(action="cluster.deleted").exists()


def test_another_projects_cluster_does_not_exist(site: Site) -> None:
    other = connected(project=ProjectFactory.make())
    path = f"/clusters/{other.pk}"
    answers: list[Answer] = [
        site.api.get(path), site.api.patch(path, {"name": "x"}), site.api.delete(path),
        site.api.post(f"{path}/test"), site.api.post(f"{path}/rotate", {"token": "x"}),
        site.api.get(f"{path}/namespaces"), site.api.get(f"{path}/workloads"),
    ]  # fmt: skip
    for answer in answers:
        answer.refused(404, "not_found")
    assert Cluster.objects.filter(pk=other.pk).exists()


def pods(image: str = "registry.example.net/web:1") -> dict[str, Any]:
    meta = {"labels": {"app": "web"}}
    return {"metadata": meta, "spec": {"containers": [{"name": "main", "image": image}]}}


def put(kube: Kube, api_version: str, kind: str, namespace: str, name: str, **rest: Any) -> None:
    resource = kube.resource(api_version, kind)
    assert resource is not None
    meta = {"name": name} | ({"namespace": namespace} if namespace else {})
    kube.apply(resource, {"apiVersion": api_version, "kind": kind, "metadata": meta, **rest})


SELECTOR = {"matchLabels": {"app": "web"}}


def test_namespaces(site: Site) -> None:
    made = [site.kubernetes.namespace(name) for name in ("b", "a")]
    path = f"/clusters/{site.cluster().pk}/namespaces"
    body = site.viewer.get(path).ok()
    assert (body["next"], body["previous"]) == (None, None)
    names = [row["name"] for row in body["results"]]
    assert names == sorted(names)
    assert {*made, "default"} <= set(names)
    row = next(row for row in body["results"] if row["name"] == made[0])
    assert set(row) == {"name", "status", "created_at"}
    assert (row["status"], row["created_at"][-1:]) == ("Active", "Z")


def test_a_page_at_a_time(site: Site) -> None:
    for _ in range(4):
        site.kubernetes.namespace()
    path = f"/clusters/{site.cluster().pk}/namespaces"
    everything = site.viewer.get(path).results
    collected, link = [], f"{path}?limit=3"
    while link:
        answer = site.viewer.get(link.partition("/api/v1")[2] or link)
        assert len(answer.results) <= 3
        collected += answer.results
        link = answer.body["next"]
    assert collected == everything
    for cursor in ("!", "a", "x" * 2000, "/w=="):
        answer = site.viewer.get(path, cursor=cursor)
        assert set(answer.refused(400, "validation_error")["fields"]) == {"cursor"}
    site.viewer.get(path, namespace="x").refused(400, "validation_error")


def test_more_than_one_page_of_the_api(site: Site, stand_in: StandIn) -> None:
    with Kube(site.kubernetes.login) as kube:
        for number in range(501):
            put(kube, "v1", "Namespace", "", f"n{number:03}")
    cluster = site.cluster()
    asked = len(stand_in.asked)
    last = site.viewer.get(f"/clusters/{cluster.pk}/namespaces", limit=200, cursor="bjQ5OQ==")
    assert [row["name"] for row in last.results] == ["n500"]
    assert len(stand_in.asked) - asked == 2


def test_workloads(site: Site) -> None:
    here, there = site.kubernetes.namespace("a"), site.kubernetes.namespace("b")
    spec = {"selector": SELECTOR, "template": pods()}
    job = {"template": pods("registry.example.net/job:1")}
    job["template"]["spec"]["restartPolicy"] = "Never"
    with Kube(site.kubernetes.login) as kube:
        put(kube, "apps/v1", "StatefulSet", here, "db", spec=spec | {"serviceName": "db"})
        put(kube, "apps/v1", "Deployment", here, "web", spec=spec | {"replicas": 3})
        put(kube, "apps/v1", "Deployment", there, "elsewhere", spec=spec)
        put(kube, "apps/v1", "DaemonSet", here, "agent", spec=spec)
        put(kube, "batch/v1", "CronJob", here, "night",
            spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": job}})  # fmt: skip
        put(kube, "batch/v1", "Job", here, "once", spec=job)
    path = f"/clusters/{site.cluster().pk}/workloads"
    rows = site.viewer.get(path, namespace=here).results
    assert [(row["kind"], row["name"], row["namespace"]) for row in rows] == [
        ("CronJob", "night", here), ("DaemonSet", "agent", here), ("Deployment", "web", here),
        ("Job", "once", here), ("StatefulSet", "db", here),
    ]  # fmt: skip
    web = rows[2]
    assert set(web) == {
        "kind", "namespace", "name", "wanted", "ready", "images", "created_at",
    }  # fmt: skip
    assert (web["wanted"], web["ready"]) == (3, 0)
    assert web["images"] == ["registry.example.net/web:1"]
    assert [(row["wanted"], row["images"]) for row in rows if "Job" in row["kind"]] == [
        (None, ["registry.example.net/job:1"]),
        (1, ["registry.example.net/job:1"]),
    ]
    everywhere = [(row["namespace"], row["name"]) for row in site.viewer.get(path).results]
    assert (there, "elsewhere") in everywhere
    assert site.viewer.get(path, namespace="nowhere").results == []
    site.viewer.get(path, kind="Deployment").refused(400, "validation_error")
    for name in ("..", "a/b", "../nodes", "A", "a.b", "a" * 64, "%2e", "a\n"):
        data = site.viewer.get(path, namespace=name).refused(400, "validation_error")
        assert set(data["fields"]) == {"namespace"}


def test_runs_of_a_cron_job_are_not_told(site: Site) -> None:
    namespace = site.kubernetes.namespace()
    owner: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "night"}
    owner |= {"uid": "u", "controller": True}
    body = {"template": pods()}
    body["template"]["spec"]["restartPolicy"] = "Never"
    with Kube(site.kubernetes.login) as kube:
        jobs = kube.resource("batch/v1", "Job")
        assert jobs is not None
        meta = {"name": "night-1", "namespace": namespace, "ownerReferences": [owner]}
        kube.apply(jobs, {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": body})
    path = f"/clusters/{site.cluster().pk}/workloads"
    assert site.viewer.get(path, namespace=namespace).results == []


def test_a_credential_that_may_not_list(site: Site) -> None:
    login = site.kubernetes.as_user([{"verb": "list", "resource": "deployments.apps"}])
    path = f"/clusters/{connected(login, project=site.project).pk}"
    data = site.viewer.get(f"{path}/namespaces").refused(422, "cluster_forbidden")
    assert data == {"missing": [{"verb": "list", "resource": "namespaces", "namespace": ""}]}
    data = site.viewer.get(f"{path}/workloads", namespace="a").refused(422, "cluster_forbidden")
    assert data == {
        "missing": [{"verb": "list", "resource": "statefulsets.apps", "namespace": "a"}]
    }


def test_a_cluster_that_does_not_answer(site: Site, stand_in: StandIn) -> None:
    lost = connected(project=site.project)
    for part in ("namespaces", "workloads"):
        answer = site.viewer.get(f"/clusters/{lost.pk}/{part}")
        assert answer.refused(502, "cluster_unreachable")["hint"]
    path = f"/clusters/{site.cluster().pk}/namespaces"
    answers = ('{"items": "x"}', '{"items": [{}]}', '{"items": [{"metadata": {"name": {}}}]}')
    for failure in (500, *(Raw(200, answer) for answer in answers)):
        stand_in.fail(lambda *_, failure=failure: failure)
        assert site.viewer.get(path).refused(502, "cluster_unreachable")["hint"]
