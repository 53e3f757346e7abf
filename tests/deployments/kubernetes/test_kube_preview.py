"""A preview is the cluster's own answer: what would be created, updated and deleted, and by whom it
would be refused. Nothing is changed by it."""

from __future__ import annotations

import pytest

from tests.deployments.kubernetes.site import KubeSite, config, deployment, job, secret
from tests.factories.clusters import connected
from tests.factories.deployments import TargetFactory
from tests.factories.environments import EnvironmentFactory
from tests.kube.cluster import StandIn

pytestmark = pytest.mark.django_db


def test_what_is_new_is_created_and_nothing_is_yet(site: KubeSite) -> None:
    site.wants(config(colour="blue"), deployment())
    shown = site.preview()
    assert shown["diff"]["summary"] == {"create": 2, "update": 0, "delete": 0, "unchanged": 0}
    assert [r["kind"] for r in shown["diff"]["resources"]] == ["ConfigMap", "Deployment"]
    assert "+  colour: blue" in shown["diff"]["resources"][0]["unified"]
    assert "The first release of this service on this target" in shown["risk"]["reasons"]
    assert site.live("Deployment", "web") is None


def test_what_the_server_fills_in_is_no_change(site: KubeSite) -> None:
    site.wants(deployment())
    site.by_another(
        {
            **deployment(),
            "metadata": {
                **deployment()["metadata"],
                "annotations": {"slipway/owner": f"shop.{site.target.pk}"},
            },
        }
    )
    shown = site.preview()
    assert shown["diff"]["summary"]["unchanged"] == 1
    assert shown["diff"]["resources"] == []


def test_a_field_that_another_manages_is_a_conflict_and_a_risk(site: KubeSite) -> None:
    site.by_another(deployment(replicas=3))
    site.wants(deployment(replicas=5))
    shown = site.preview()
    assert shown["conflicts"] == [
        {
            "kind": "Deployment",
            "name": "web",
            "namespace": site.namespace,
            "manager": "kubectl",
            "fields": [".spec.replicas"],
        }
    ]
    assert shown["risk"]["level"] == "high"
    assert any("make applying fail" in text for text in shown["warnings"])
    assert "-  replicas: 3\n+  replicas: 5" in shown["diff"]["resources"][0]["unified"]


def test_a_conflict_that_is_forced_says_whose_fields_are_taken(site: KubeSite) -> None:
    site.by_another(deployment(replicas=3))
    site.wants(deployment(replicas=5))
    shown = site.preview(force_conflicts=True)
    assert any("will be taken over: .spec.replicas" in text for text in shown["warnings"])


def test_missing_rights_are_all_told_and_nothing_is_stored(site: KubeSite) -> None:
    rules = [
        {"verb": "get", "resource": resource, "namespace": site.namespace}
        for resource in ("configmaps", "deployments.apps")
    ]
    site.target.cluster = connected(site.cluster.as_user(rules), project=site.project)
    site.target.save()
    site.wants(config(), deployment())
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    refused = site.api.post("/deploy/releases/preview", body).refused(422, "cluster_forbidden")
    missing = refused["missing"]
    for resource in ("configmaps", "deployments"):
        for verb in ("create", "patch"):
            assert {"verb": verb, "resource": resource, "namespace": site.namespace} in missing
    assert site.service.releases.count() == 0


def test_a_field_that_nobody_knows_is_refused_with_its_path(site: KubeSite) -> None:
    site.wants(config(), deployment(replicaz=2))
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    refused = site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")
    (error,) = refused["errors"]
    assert ".spec.replicaz" in error["message"]
    assert error["path"] == f"Deployment {site.namespace}/web"
    assert error["line"] == 10  # where the second object begins


def test_a_kind_that_the_cluster_does_not_serve(site: KubeSite) -> None:
    site.wants({"apiVersion": "example.net/v1", "kind": "Widget", "metadata": {"name": "one"}})
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    refused = site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")
    assert "serves no Widget in example.net/v1" in refused["errors"][0]["message"]


def test_an_unreachable_cluster(site: KubeSite) -> None:
    site.target.cluster = connected(project=site.project)
    site.target.save()
    site.wants(config())
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    site.api.post("/deploy/releases/preview", body).refused(502, "cluster_unreachable")


def test_secrets_show_as_masks_in_manifest_and_diff(site: KubeSite) -> None:
    site.wants(
        secret(password="${PASSWORD}"),
        config(url="https://user:${PASSWORD}@db"),
        variables={"PASSWORD": {"secret": True}},
    )
    shown = site.preview(variables={"PASSWORD": "s3cr3t-canary"})
    assert "s3cr3t-canary" not in str(shown)
    assert "czNjcjN0LWNhbmFyeQ" not in str(shown)  # nor in base64, as the server keeps it
    assert shown["diff"]["summary"]["create"] == 2


def test_a_job_that_changed_is_made_anew(site: KubeSite) -> None:
    site.by_another(job())
    site.wants(job(image="registry.example.net/web:2"))
    shown = site.preview(force_conflicts=True)
    assert shown["diff"]["summary"]["update"] == 1
    assert f"Deletes Job {site.namespace}/migrate and makes it anew" in shown["risk"]["reasons"]
    assert "+      - image: registry.example.net/web:2" in shown["diff"]["resources"][0]["unified"]


def test_an_object_that_belongs_to_another_service_is_told(site: KubeSite) -> None:
    theirs = config()
    theirs["metadata"] = {"name": "settings", "annotations": {"slipway/owner": "other.1"}}
    site.by_another(theirs)
    site.wants(config(colour="red"))
    shown = site.preview(force_conflicts=True)
    expected = f"ConfigMap {site.namespace}/settings is other.1's until now"
    assert expected in shown["risk"]["reasons"]


def test_namespaces_and_kinds_that_come_with_the_release_are_told_as_unchecked(
    site: KubeSite,
) -> None:
    new = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{site.namespace}-two"}}
    inside = config()
    inside["metadata"] = {"name": "settings", "namespace": f"{site.namespace}-two"}
    site.wants(inside, new)
    shown = site.preview()
    assert [r["kind"] for r in shown["diff"]["resources"]] == ["Namespace", "ConfigMap"]
    assert any("its namespace comes with this release" in text for text in shown["warnings"])
    assert "cluster" in str(shown["risk"]["reasons"])


def test_images_are_listed_with_the_digest_of_their_reference(site: KubeSite) -> None:
    pinned = "registry.example.net/web@sha256:" + "a" * 64
    site.wants(deployment("one"), deployment("two", pinned))
    assert site.preview()["images"] == [
        {"service": "one/app", "reference": "registry.example.net/web:1", "digest": None},
        {"service": "two/app", "reference": pinned, "digest": pinned},
    ]


def test_a_new_service_is_the_same_change_however_often_it_is_looked_at(site: KubeSite) -> None:
    """Each dry run draws it another address."""
    ports = [{"port": 80, "protocol": "TCP"}]
    spec = {"selector": {"app": "web"}, "ports": ports, "type": "NodePort"}
    site.wants({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})
    first, second = site.preview(), site.preview()
    assert first["diff"] == second["diff"]
    assert "clusterIP" not in str(first["diff"])
    assert first["context_hash"] == second["context_hash"]


def test_another_targets_namespace_is_out_of_reach(site: KubeSite) -> None:
    """Its releases may need approvals that this target's don't."""
    theirs = site.cluster.namespace("prod")
    TargetFactory.make(
        environment=EnvironmentFactory.make(project=site.project, tier="production"),
        runtime_type="k8s",
        cluster=connected(site.cluster.login, project=site.project),  # imported a second time
        namespace=theirs,
    )
    sneaky = config()
    sneaky["metadata"] = {"name": "settings", "namespace": theirs}
    site.wants(sneaky)
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    refused = site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")
    assert "the namespace of another target" in refused["errors"][0]["message"]
    site.wants({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": theirs}})
    site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")


def test_a_namespace_that_is_nobodys_is_a_risk(site: KubeSite) -> None:
    other = config()
    other["metadata"] = {"name": "settings", "namespace": site.cluster.namespace("tools")}
    site.wants(other)
    assert any("is outside of" in text for text in site.preview()["risk"]["reasons"])


def test_more_objects_than_a_release_may_have(site: KubeSite) -> None:
    site.wants(*(config(f"part-{number}") for number in range(501)))
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    refused = site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")
    assert refused["errors"][0]["message"] == "501 objects; a release has at most 500."


def test_a_job_that_is_cleaned_up_at_once_may_not_be_seen(stand_in: StandIn) -> None:
    """Not on every real cluster: 1.20 drops the field."""
    site = KubeSite(cluster=stand_in)
    short = job()
    short["spec"]["ttlSecondsAfterFinished"] = 10
    site.wants(short)
    assert any("it may not be seen" in text for text in site.preview()["warnings"])
