"""What `Kube` asks: objects, lists and their pages, logs, kinds, rights."""

from __future__ import annotations

import re

import pytest

from clusters.kube import api
from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from config.core.errors import ClusterUnreachable
from tests.clusters.kube.kinds import CONFIG_MAPS, DEPLOYMENTS, EVENTS, NAMESPACES, PODS, SECRETS
from tests.kube import manifests, writing
from tests.kube.cluster import Cluster, StandIn
from tests.kube.controllers import rollout
from tests.kube.failures import Raw


def test_a_version(kube: Kube) -> None:
    assert re.match(r"v1\.\d+\.\d+", kube.version())


def test_kinds(kube: Kube) -> None:
    assert kube.resource("apps/v1", "Deployment") == DEPLOYMENTS
    assert kube.resource("v1", "ConfigMap") == CONFIG_MAPS
    assert kube.resource("v1", "Namespace") == NAMESPACES
    assert DEPLOYMENTS.name == "deployments.apps"
    assert CONFIG_MAPS.name == "configmaps"


@pytest.mark.parametrize(
    ("version", "kind"),
    [("apps/v1", "Nothing"), ("apps/v9", "Deployment"), ("nothing.example/v1", "Deployment")],
)
def test_kinds_that_are_not_served(kube: Kube, version: str, kind: str) -> None:
    assert kube.resource(version, kind) is None


def test_what_is_absent(kube: Kube, namespace: str) -> None:
    assert kube.get(CONFIG_MAPS, namespace, "absent") is None
    assert kube.get(CONFIG_MAPS, "absent-namespace", "absent") is None
    things = Resource("nothing.example/v1", "Thing", "things", namespaced=True)
    assert kube.get(things, namespace, "absent") is None


def test_a_list_goes_through_its_pages(
    kube: Kube, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAGE", 2)
    names = [f"settings-{number}" for number in range(5)]
    for name in names:
        kube.apply(CONFIG_MAPS, manifests.config_map(namespace, name))

    found = list(kube.list(CONFIG_MAPS, namespace))

    assert [one["metadata"]["name"] for one in found if one["metadata"]["name"] in names] == names
    assert {(one["apiVersion"], one["kind"]) for one in found} == {("v1", "ConfigMap")}


def test_a_list_of_all_namespaces(kube: Kube, cluster: Cluster) -> None:
    ours = {cluster.namespace(name) for name in ("here", "there")}
    for namespace in ours:
        kube.apply(CONFIG_MAPS, manifests.config_map(namespace))

    assert ours <= {one["metadata"]["namespace"] for one in kube.list(CONFIG_MAPS)}
    assert ours <= {one["metadata"]["name"] for one in kube.list(NAMESPACES)}


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("app=web", ["web"]),
        ("app!=web", ["db"]),
        ("app in (web, db)", ["db", "web"]),
        ("app notin (db)", ["web"]),
        ("app", ["db", "web"]),
        ("!app", []),
        ("app=web,tier=front", []),
    ],
)
def test_a_list_by_labels(kube: Kube, namespace: str, labels: str, names: list[str]) -> None:
    kube.apply(DEPLOYMENTS, manifests.deployment(namespace, "web"))
    kube.apply(DEPLOYMENTS, manifests.deployment(namespace, "db"))

    found = kube.list(DEPLOYMENTS, namespace, labels=labels)

    assert [one["metadata"]["name"] for one in found] == names


def test_a_list_by_fields(kube: Kube, namespace: str) -> None:
    web = kube.apply(DEPLOYMENTS, manifests.deployment(namespace, "web"))
    db = kube.apply(DEPLOYMENTS, manifests.deployment(namespace, "db"))
    writing.event(kube, web, "Told", "about web")
    writing.event(kube, db, "Told", "about db")

    by_uid = kube.list(EVENTS, namespace, fields=f"involvedObject.uid={web['metadata']['uid']}")
    by_name = kube.list(DEPLOYMENTS, namespace, fields="metadata.name=db")

    assert [one["message"] for one in by_uid] == ["about web"]
    assert [one["metadata"]["uid"] for one in by_name] == [db["metadata"]["uid"]]


def test_the_log_of_a_container(kube: Kube, cluster: Cluster, namespace: str) -> None:
    cluster.set_log(namespace, "web-1", "web", "one\ntwo\nthrée\n")
    cluster.set_log(namespace, "web-1", "web", "before\n", previous=True)
    pod = manifests.deployment(namespace)["spec"]["template"]["spec"]
    meta = {"name": "web-1", "namespace": namespace}
    writing.create(kube, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})

    assert kube.log(namespace, "web-1", "web", tail=2) == "two\nthrée\n"
    assert kube.log(namespace, "web-1", "web", tail=2, previous=True) == "before\n"


def test_no_log(kube: Kube, cluster: Cluster, namespace: str) -> None:
    """Of a pod that is not there, or has not started."""
    assert kube.log(namespace, "absent", "web", tail=5) == ""
    if cluster.has_controllers:
        return
    kube.apply(DEPLOYMENTS, manifests.deployment(namespace))
    rollout(kube, "Deployment", namespace, "web", fate="never")
    [pod] = kube.list(PODS, namespace)

    assert kube.log(namespace, pod["metadata"]["name"], "web", tail=5) == ""


def test_rights(cluster: Cluster, kube: Kube, namespace: str) -> None:
    assert kube.allows("delete", DEPLOYMENTS, namespace)
    rules = [
        {"verb": "get", "resource": "deployments.apps", "namespace": namespace},
        {"verb": "get", "resource": "pods/log", "namespace": namespace},
        {"verb": "list", "resource": "namespaces"},
    ]

    with Kube(cluster.as_user(rules)) as limited:
        assert limited.allows("get", DEPLOYMENTS, namespace)
        assert not limited.allows("patch", DEPLOYMENTS, namespace)
        assert not limited.allows("get", DEPLOYMENTS, "default")
        assert limited.allows("get", PODS, namespace, part="log")
        assert not limited.allows("get", PODS, namespace)
        assert limited.allows("list", NAMESPACES)
        status = limited.review("SelfSubjectRulesReview", {"namespace": namespace})["status"]
        listed = [(one["verbs"], one["resources"]) for one in status["resourceRules"]]
        assert (["get"], ["deployments"]) in listed
        assert (["get"], ["pods/log"]) in listed


def test_what_a_user_may_not_do(cluster: Cluster, namespace: str) -> None:
    rules = [{"verb": "patch", "resource": "deployments.apps", "namespace": namespace}]
    with Kube(cluster.as_user(rules)) as limited:
        with pytest.raises(Refused) as reading:
            limited.get(SECRETS, namespace, "key")
        with pytest.raises(Refused) as listing:
            list(limited.list(DEPLOYMENTS))
        with pytest.raises(Refused) as making:  # a new object is `create`, too
            limited.apply(DEPLOYMENTS, manifests.deployment(namespace))

    for error in (reading, listing, making):
        assert (error.value.status, error.value.reason) == (403, "Forbidden")
    assert re.fullmatch(
        r'secrets "key" is forbidden: User "[^"]+" cannot get resource "secrets" in API group ""'
        rf' in the namespace "{namespace}"',
        reading.value.message,
    )
    assert listing.value.message.endswith(
        'cannot list resource "deployments" in API group "apps" at the cluster scope'
    )


def test_nobody_is_asked_twice_for_kinds(stand_in: StandIn) -> None:
    with Kube(stand_in.login) as kube:
        kube.resource("apps/v1", "Deployment")
        kube.resource("apps/v1", "StatefulSet")
        assert stand_in.asked == [("GET", "/apis/apps/v1")]

        kube.forget_kinds()
        kube.resource("apps/v1", "Deployment")
        assert len(stand_in.asked) == 2


def test_a_list_without_end_is_given_up(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_PAGES", 3)
    stand_in.fail(lambda _method, _path: Raw(200, '{"items": [], "metadata": {"continue": "on"}}'))
    with Kube(stand_in.login) as kube, pytest.raises(ClusterUnreachable):
        list(kube.list(PODS))
    assert len(stand_in.asked) == 3


@pytest.mark.parametrize("version", ["v1/../../version", "v1?limit=1", "a/b/c", "apps/v1/", ""])
def test_what_is_no_version_of_an_api_is_not_asked_for(stand_in: StandIn, version: str) -> None:
    with Kube(stand_in.login) as kube:
        assert kube.resource(version, "ConfigMap") is None
    assert stand_in.asked == []
