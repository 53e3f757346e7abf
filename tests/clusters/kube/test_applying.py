"""Server-side apply through `Kube`: made, changed, contested, tried out."""

from __future__ import annotations

import time
from typing import Any

import pytest

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from tests.clusters.kube.kinds import (
    CONFIG_MAPS,
    DEFINITIONS,
    DEPLOYMENTS,
    JOBS,
    NAMESPACES,
    SECRETS,
    SERVICES,
)
from tests.kube import writing
from tests.kube.manifests import config_map, definition, deployment, job, service


def by_somebody_else(kube: Kube, wanted: dict[str, Any], plural: str) -> None:
    """Applied in the name of another manager."""
    meta = wanted["metadata"]
    path = f"/apis/apps/v1/namespaces/{meta['namespace']}/{plural}/{meta['name']}"
    query = {"fieldManager": "theirs", "force": "true"}
    kube._transport.json("PATCH", path, query, wanted, "application/apply-patch+yaml")


def refused(kube: Kube, resource: Any, wanted: dict[str, Any], **how: bool) -> Refused:
    with pytest.raises(Refused) as caught:
        kube.apply(resource, wanted, **how)
    return caught.value


def test_what_is_applied_is_there(kube: Kube, namespace: str) -> None:
    made = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2))

    assert made == kube.get(DEPLOYMENTS, namespace, "web")
    assert made["metadata"]["generation"] == 1
    assert made["spec"]["replicas"] == 2


def test_the_api_fills_in_what_nobody_wrote(kube: Kube, namespace: str) -> None:
    made = kube.apply(DEPLOYMENTS, deployment(namespace))["spec"]

    assert (made["replicas"], made["revisionHistoryLimit"]) == (1, 10)
    assert made["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    assert made["template"]["spec"]["dnsPolicy"] == "ClusterFirst"
    assert made["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    address = kube.apply(SERVICES, service(namespace))["spec"]
    assert (address["type"], address["sessionAffinity"]) == ("ClusterIP", "None")
    assert address["clusterIP"]
    assert address["ports"][0]["targetPort"] == 80


def test_the_same_again_changes_nothing(kube: Kube, namespace: str) -> None:
    first = kube.apply(DEPLOYMENTS, deployment(namespace))

    assert kube.apply(DEPLOYMENTS, deployment(namespace)) == first


def test_what_is_no_longer_applied_goes(kube: Kube, namespace: str) -> None:
    kube.apply(CONFIG_MAPS, config_map(namespace, colour="red", size="big"))

    left = kube.apply(CONFIG_MAPS, config_map(namespace, colour="red"))

    assert left["data"] == {"colour": "red"}


def test_an_item_that_is_no_longer_applied_goes(kube: Kube, namespace: str) -> None:
    wanted = deployment(namespace)
    container = wanted["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    kube.apply(DEPLOYMENTS, wanted)

    container["env"] = [{"name": "B", "value": "2"}]
    left = kube.apply(DEPLOYMENTS, wanted)

    assert left["spec"]["template"]["spec"]["containers"][0]["env"] == container["env"]


def test_what_others_own_too_stays(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace, replicas=3))
    by_somebody_else(kube, deployment(namespace, replicas=3), "deployments")

    left = kube.apply(DEPLOYMENTS, deployment(namespace))

    assert left["spec"]["replicas"] == 3


def test_a_dry_run_keeps_nothing(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace, "absent"), dry_run=True)
    assert kube.get(DEPLOYMENTS, namespace, "absent") is None

    before = kube.apply(DEPLOYMENTS, deployment(namespace))
    would = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=5), dry_run=True)

    assert would["spec"]["replicas"] == 5
    assert kube.get(DEPLOYMENTS, namespace, "web") == before


def test_a_conflict_names_manager_and_field(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2))
    by_somebody_else(kube, deployment(namespace, replicas=7, image="nginx:7"), "deployments")

    wanted = deployment(namespace, replicas=2)
    for error in (
        refused(kube, DEPLOYMENTS, wanted),
        refused(kube, DEPLOYMENTS, wanted, dry_run=True),
    ):
        assert error.is_conflict_of_fields
        assert (error.status, error.reason) == (409, "Conflict")
        assert {cause["field"]: cause["message"] for cause in error.causes} == {
            ".spec.replicas": 'conflict with "theirs"',
            '.spec.template.spec.containers[name="web"].image': 'conflict with "theirs"',
        }


def test_a_conflict_with_who_only_changed_it(kube: Kube, namespace: str) -> None:
    made = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2))
    writing.patch(kube, made, {"spec": {"replicas": 9}})

    error = refused(kube, DEPLOYMENTS, deployment(namespace, replicas=2))

    assert error.message == (
        'Apply failed with 1 conflict: conflict with "controllers" using apps/v1: .spec.replicas'
    )


def test_force_takes_the_field(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2))
    by_somebody_else(kube, deployment(namespace, replicas=7), "deployments")

    forced = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=2), force=True)

    assert forced["spec"]["replicas"] == 2
    again = kube.apply(DEPLOYMENTS, deployment(namespace, replicas=3))
    assert again["spec"]["replicas"] == 3


def test_no_namespace(kube: Kube) -> None:
    error = refused(kube, DEPLOYMENTS, deployment("absent-namespace"))

    assert (error.status, error.message) == (404, 'namespaces "absent-namespace" not found')


def test_a_namespace_is_an_object_too(kube: Kube, namespace: str) -> None:
    wanted = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}

    assert kube.apply(NAMESPACES, wanted)["status"]["phase"] == "Active"


def test_a_field_that_does_not_exist(kube: Kube, namespace: str) -> None:
    error = refused(kube, DEPLOYMENTS, deployment(namespace, replicaz=2), dry_run=True)

    assert error.status in (400, 500)
    assert "replicaz" in error.message


def test_what_may_not_change(kube: Kube, namespace: str) -> None:
    kube.apply(DEPLOYMENTS, deployment(namespace))
    kube.apply(JOBS, job(namespace))
    kube.apply(SERVICES, service(namespace))
    other = deployment(namespace)
    other["spec"]["selector"]["matchLabels"]["tier"] = "front"
    other["spec"]["template"]["metadata"]["labels"]["tier"] = "front"

    for resource, wanted, field in (
        (DEPLOYMENTS, other, "spec.selector"),
        (JOBS, job(namespace, image="busybox:2"), "spec.template"),
        (SERVICES, service(namespace, clusterIP="10.96.7.7"), "spec.clusterIPs[0]"),
    ):
        error = refused(kube, resource, wanted, dry_run=True)
        assert (error.status, error.reason) == (422, "Invalid")
        assert [cause["field"] for cause in error.causes] == [field]


def test_recreate_needs_the_rolling_update_gone(kube: Kube, namespace: str) -> None:
    """Nobody owns the defaults of `rollingUpdate`, so no apply takes them away."""
    kube.apply(DEPLOYMENTS, deployment(namespace))

    error = refused(kube, DEPLOYMENTS, deployment(namespace, strategy={"type": "Recreate"}))

    assert [cause["field"] for cause in error.causes] == ["spec.strategy.rollingUpdate"]


def test_recreate_after_owning_the_rolling_update(kube: Kube, namespace: str) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    kube.apply(DEPLOYMENTS, deployment(namespace, strategy=rolling))

    changed = kube.apply(DEPLOYMENTS, deployment(namespace, strategy={"type": "Recreate"}))

    assert changed["spec"]["strategy"] == {"type": "Recreate"}


def test_a_job_is_labelled_by_its_uid(kube: Kube, namespace: str) -> None:
    """Itself, too, where it has no labels of its own: no two dry runs are the same."""
    first = kube.apply(JOBS, job(namespace), dry_run=True)
    second = kube.apply(JOBS, job(namespace), dry_run=True)

    for made in (first, second):
        labels = made["spec"]["template"]["metadata"]["labels"]
        assert labels["controller-uid"] == made["metadata"]["uid"]
        assert made["metadata"]["labels"] == labels
    assert first["metadata"]["labels"] != second["metadata"]["labels"]


def test_a_secret_comes_back_encoded(kube: Kube, namespace: str) -> None:
    meta = {"name": "key", "namespace": namespace}
    wanted = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"a": "b"}}

    made = kube.apply(SECRETS, wanted)

    assert made["data"] == {"a": "Yg=="}
    assert "stringData" not in made


def test_a_kind_is_served_once_it_is_defined(kube: Kube, namespace: str) -> None:
    group = f"{namespace}.example.com"
    assert kube.resource(f"{group}/v1", "Thing") is None
    made = kube.apply(DEFINITIONS, definition(group))
    try:
        until = time.monotonic() + 10
        while (things := kube.resource(f"{group}/v1", "Thing")) is None:
            assert time.monotonic() < until
            kube.forget_kinds()
            time.sleep(0.05)
        wanted = {
            "apiVersion": f"{group}/v1",
            "kind": "Thing",
            "metadata": {"name": "one", "namespace": namespace},
            "spec": {"size": 3},
        }
        thing = _once_served(kube, things, wanted)
        assert thing["spec"] == {"size": 3}
        assert [one["metadata"]["name"] for one in kube.list(things, namespace)] == ["one"]
    finally:
        kube.delete(DEFINITIONS, "", made["metadata"]["name"])


def _once_served(kube: Kube, resource: Resource, wanted: dict[str, Any]) -> dict[str, Any]:
    """A kind's handler comes up a moment after discovery tells of it."""
    until = time.monotonic() + 10
    while True:
        try:
            return kube.apply(resource, wanted)
        except Refused as error:
            if error.status != 404 or time.monotonic() > until:
                raise
        time.sleep(0.05)
