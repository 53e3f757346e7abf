"""A release on a cluster: applied in order, waited for, pruned; the API's own answers all along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.models import ReleaseLog
from tests.deployments.kubernetes.site import KubeSite, claim, config, deployment, job
from tests.kube import controllers
from tests.kube.controllers import Controllers
from tests.kube.pods import digest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(site: KubeSite) -> Iterator[Controllers]:
    with controllers.running(site.cluster) as found:
        yield found


def said(release_id: int) -> str:
    chunks = ReleaseLog.objects.filter(step__run_id=release_id).order_by("step__index", "offset")
    return b"".join(bytes(chunk.data) for chunk in chunks).decode()


@pytest.mark.usefixtures("running")
def test_everything_is_applied_in_order_and_waited_for(site: KubeSite) -> None:
    site.wants(job(), deployment(), config(colour="blue"))
    release = site.deploy()
    assert release.status == "applied", release.diagnostics_json
    told = said(release.pk)
    order = [told.index(f"applying {kind}") for kind in ("ConfigMap", "Deployment", "Job")]
    assert order == sorted(order)
    assert told.index(f"Deployment {site.namespace}/web: ready") < told.index("applying Job")
    assert f"Job {site.namespace}/migrate: complete" in told
    assert [step.hook for step in release.steps.all()] == ["config", "workloads", "jobs"]


@pytest.mark.usefixtures("running")
def test_images_are_recorded_by_the_digest_that_the_cluster_tells(site: KubeSite) -> None:
    site.wants(deployment())
    release = site.deploy()
    (image,) = release.images
    assert image["reference"] == "registry.example.net/web:1"
    assert image["digest"] == digest("registry.example.net/web:1")


@pytest.mark.usefixtures("running")
def test_the_same_again_changes_nothing(site: KubeSite) -> None:
    site.wants(deployment(), config(colour="blue"))
    site.deploy()
    before = site.live("Deployment", "web")
    shown = site.preview()
    assert shown["diff"]["summary"] == {"create": 0, "update": 0, "delete": 0, "unchanged": 2}
    assert site.run(site.apply(shown)).status == "applied"
    after = site.live("Deployment", "web")
    assert before
    assert after
    assert after["metadata"]["generation"] == before["metadata"]["generation"]


@pytest.mark.usefixtures("running")
def test_what_the_new_release_lacks_is_deleted_last_but_no_volume(site: KubeSite) -> None:
    site.wants(
        deployment(), config("old"), claim("kept"), claim("gone", **{"slipway/prune": "true"})
    )
    site.deploy()
    site.wants(deployment())
    shown = site.preview()
    deleted = {r["name"] for r in shown["diff"]["resources"] if r["action"] == "delete"}
    assert deleted == {"old", "gone"}
    left = f"Left on the cluster: PersistentVolumeClaim {site.namespace}/kept"
    assert left in shown["warnings"]
    release = site.run(site.apply(shown))
    assert release.status == "applied", release.diagnostics_json
    assert site.live("ConfigMap", "old", version="v1") is None
    assert site.live("PersistentVolumeClaim", "kept", version="v1") is not None
    assert list(release.steps.values_list("hook", flat=True))[-1] == "prune"


@pytest.mark.usefixtures("running")
def test_what_a_failed_release_left_behind_is_deleted_by_the_next(
    site: KubeSite, running: Controllers
) -> None:
    site.wants(deployment())
    site.deploy()
    running.fates["web"] = "crash"
    site.wants(deployment(image="registry.example.net/web:2"), config("left"))
    assert site.deploy().status == "failed"
    running.fates["web"] = "ready"
    site.wants(deployment(image="registry.example.net/web:3"))
    assert site.deploy().status == "applied"
    assert site.live("ConfigMap", "left", version="v1") is None


@pytest.mark.usefixtures("running")
def test_an_object_that_somebody_made_anew_is_not_deleted(site: KubeSite) -> None:
    site.wants(deployment(), config("old"))
    site.deploy()
    theirs = config("old", colour="theirs")
    theirs["metadata"]["annotations"] = {"slipway/owner": "other.1"}
    site.by_another(theirs)
    site.wants(deployment())
    shown = site.preview()
    assert shown["diff"]["summary"]["delete"] == 0
    assert any("which is other.1's" in text for text in shown["warnings"])


@pytest.mark.usefixtures("running")
def test_a_change_on_the_cluster_after_the_preview_is_a_mismatch(site: KubeSite) -> None:
    site.wants(config(colour="blue"))
    release = site.apply(site.preview())
    site.by_another(config(colour="red"))
    site.run(release)
    assert (release.status, release.reason_code) == ("failed", "preview_mismatch")
    assert site.diagnosis(release)["raw"]["data"] == {"mismatch": ["target_changed"]}
    live = site.live("ConfigMap", "settings", version="v1")
    assert live
    assert live["data"] == {"colour": "red"}


@pytest.mark.usefixtures("running")
def test_what_others_do_to_their_own_fields_is_none(site: KubeSite) -> None:
    """An autoscaler, for one."""
    site.wants(deployment())
    site.deploy()
    site.wants(deployment(image="registry.example.net/web:2"))
    release = site.apply(site.preview())
    labels = deployment()["metadata"]["labels"]
    scaled = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels},
        "spec": {"replicas": 2},
    }
    site.by_another(scaled, "autoscaler")
    site.run(release)
    assert release.status == "applied", release.diagnostics_json
    live = site.live("Deployment", "web")
    assert live
    assert live["spec"]["replicas"] == 2


@pytest.mark.usefixtures("running")
def test_conflicts_that_were_not_forced_end_it_before_anything_is_applied(site: KubeSite) -> None:
    site.by_another(deployment(replicas=3))
    site.wants(config(colour="blue"), deployment(replicas=5))
    release = site.deploy()
    assert (release.status, release.reason_code) == ("failed", "apply_conflict")
    assert site.diagnosis(release)["raw"]["untouched"] is True
    assert site.live("ConfigMap", "settings", version="v1") is None
    forced = site.deploy(force_conflicts=True)
    assert forced.status == "applied", forced.diagnostics_json
    live = site.live("Deployment", "web")
    assert live
    assert live["spec"]["replicas"] == 5


@pytest.mark.usefixtures("running")
def test_a_job_that_changed_runs_once_more(site: KubeSite) -> None:
    site.wants(job())
    site.deploy()
    first = site.live("Job", "migrate", version="batch/v1")
    site.wants(job(image="registry.example.net/web:2"))
    release = site.deploy()
    assert release.status == "applied", release.diagnostics_json
    second = site.live("Job", "migrate", version="batch/v1")
    assert first
    assert second
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert "replacing Job" in said(release.pk)


@pytest.mark.usefixtures("running")
def test_recreate_ends_the_old_pods_before_the_new_ones_start(site: KubeSite) -> None:
    site.wants(deployment())
    site.deploy()
    first = site.live("Deployment", "web")
    shown = site.preview(strategy="recreate")
    assert any("makes it anew" in text for text in shown["risk"]["reasons"])
    release = site.run(site.apply(shown))
    assert release.status == "applied", release.diagnostics_json
    second = site.live("Deployment", "web")
    assert first
    assert second
    assert first["metadata"]["uid"] != second["metadata"]["uid"]


@pytest.mark.usefixtures("running")
def test_a_definition_and_an_object_of_it_in_one_release(site: KubeSite) -> None:
    group = f"{site.namespace}.example.net"
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }
    widget = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "one"}}
    site.wants(widget, definition)
    release = site.deploy()
    assert release.status == "applied", release.diagnostics_json
    assert site.live("Widget", "one", version=f"{group}/v1") is not None


@pytest.mark.usefixtures("running")
def test_two_rollbacks_in_a_row_go_two_releases_back(site: KubeSite) -> None:
    for number in (1, 2, 3):
        site.wants(deployment(image=f"registry.example.net/web:{number}"), config(f"only-{number}"))
        last = site.deploy()
        assert last.status == "applied", last.diagnostics_json
    for number in (2, 1):
        last = site.rollback(last)
        assert last.status == "applied", last.diagnostics_json
        live = site.live("Deployment", "web")
        assert live
        (container,) = live["spec"]["template"]["spec"]["containers"]
        assert container["image"] == f"registry.example.net/web:{number}"
        assert site.live("ConfigMap", f"only-{number}", version="v1") is not None
        assert site.live("ConfigMap", f"only-{number + 1}", version="v1") is None


def test_a_rollout_that_takes_too_long_is_given_up(site: KubeSite, settings: Any) -> None:
    settings.ROLLOUT_SECONDS = 2
    site.wants(deployment())
    release = site.deploy()
    assert (release.status, release.reason_code) == ("failed", "step_timeout")
    assert site.diagnosis(release)["summary"]["code"] == "too_slow"
