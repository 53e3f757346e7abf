"""What a release gets right though the cluster, others, or who wrote the manifest make it hard."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from deployments import run
from deployments.runtimes.kubernetes import rollout
from deployments.runtimes.kubernetes.apply import Apply
from tests.deployments.kubernetes.site import KubeSite, Object, config, deployment, job
from tests.kube import controllers
from tests.kube.cluster import StandIn
from tests.kube.failures import Failure

pytestmark = pytest.mark.django_db(transaction=True)
DECLARED = {"TOKEN": {"secret": True}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "STUCK_SECONDS", 0.0)


def test_the_secret_of_a_release_that_failed_is_masked_in_the_next_diff(site: KubeSite) -> None:
    settings = config(url="https://user:${TOKEN}@db.example.net")
    with controllers.running(site.cluster, {"web": "image"}):
        site.wants(settings, variables=DECLARED)
        assert site.deploy(variables={"TOKEN": "first-canary"}).status == "applied"
        site.wants(settings, deployment(), variables=DECLARED)
        assert site.deploy(variables={"TOKEN": "second-canary"}).status == "failed"
    shown = site.preview(variables={"TOKEN": "third-canary"})
    assert shown["diff"]["summary"]["update"]
    assert "canary" not in str(shown)


def test_what_failed_after_the_preview_of_what_runs_is_deleted_by_the_next(site: KubeSite) -> None:
    """Made before it, and ended before it: the release that runs never knew of it."""
    site.wants(config(colour="blue"))
    site.deploy()
    with controllers.running(site.cluster, {"web": "crash"}):
        site.wants(config(colour="blue"), config("left"), deployment())
        broken = site.preview()
        site.wants(config(colour="green"))
        good = site.preview()
        assert site.run(site.apply(broken)).status == "failed"
        assert site.run(site.apply(good)).status == "applied"
    site.wants(config(colour="red"))
    assert site.deploy().status == "applied"
    assert site.live("ConfigMap", "left", version="v1") is None


def test_what_another_service_took_during_the_rollout_is_not_deleted(
    site: KubeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = config("old", colour="theirs")
    theirs["metadata"]["annotations"] = {"slipway/owner": "other.1"}
    site.wants(config(), config("old"))
    site.deploy()
    site.wants(config())
    release = site.apply(site.preview())
    monkeypatch.setattr(Apply, "_watch", lambda _self, _step: site.by_another(theirs))
    assert site.run(release).status == "applied"
    assert site.live("ConfigMap", "old", version="v1") is not None


def test_slips_of_the_server_are_waited_out(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP 500, as while etcd elects a leader: once to what is applied, once to what is watched."""
    site = KubeSite(cluster=stand_in)
    site.wants(deployment())
    release = site.apply(site.preview())
    apply_all = Apply._run

    def slipping(apply: Apply, step: Any) -> None:
        stand_in.fail(once("PATCH", "GET"))
        apply_all(apply, step)

    monkeypatch.setattr(Apply, "_run", slipping)
    with controllers.running(stand_in):
        site.run(release)
    assert release.status == "applied", release.diagnostics_json


def test_a_silence_is_waited_out_however_long_the_old_pods_took(
    stand_in: StandIn, settings: Any
) -> None:
    settings.HOST_PATIENCE = timedelta(seconds=2)
    site = KubeSite(cluster=stand_in)
    with controllers.running(stand_in):
        site.wants(deployment())
        site.deploy()
    release = site.apply(site.preview(strategy="recreate"))
    worker = threading.Thread(target=run.run, args=(release.pk,))
    worker.start()  # nobody ends the old pods yet
    time.sleep(3.5)  # longer than the patience: the clock is what this is about
    stand_in.fail(once("GET", status=503))
    time.sleep(0.5)  # it looks again meanwhile, and is refused once
    with controllers.running(stand_in):
        worker.join(30)
    release.refresh_from_db()
    assert release.status == "applied", release.diagnostics_json


DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "webs.shop.example.net"},
    "spec": {
        "group": "shop.example.net",
        "names": {"kind": "Web", "plural": "webs"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}


@pytest.mark.parametrize(
    "objects",
    [
        [{**config(), "metadata": {"name": "x", "namespace": 5}}],
        [{**config(), "metadata": {"name": "x", "namespace": ["a"]}}],
        [{**config(), "apiVersion": "v1/../../api/v1/namespaces/kube-system/secrets"}],
        [{**config(), "apiVersion": "v1?x="}],
    ],
)
def test_nonsense_is_refused(site: KubeSite, objects: list[Object]) -> None:
    site.wants(*objects)
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    site.api.post("/deploy/releases/preview", body).refused(422, "manifest_invalid")


@pytest.mark.parametrize(
    "pod",
    [
        {"containers": "x", "volumes": "hostPath"},
        {"containers": 5, "initContainers": 5, "volumes": [5]},
        {"containers": [{"name": "a", "securityContext": "x"}], "securityContext": 5},
        {"containers": [{"securityContext": {"capabilities": {"add": 5}}}]},
    ],
)
def test_nonsense_that_no_server_has_checked_yet_is_no_error_of_ours(
    site: KubeSite, pod: Object
) -> None:
    web = {"apiVersion": "shop.example.net/v1", "kind": "Web", "metadata": {"name": "web"}}
    site.wants(DEFINITION, {**web, "spec": {"template": {"spec": pod}}})
    assert site.preview()["diff"]["summary"]["create"] == 2


def test_no_namespace_written_out_is_the_targets(site: KubeSite) -> None:
    site.wants({**config(), "metadata": {"name": "settings", "namespace": None}})
    (shown,) = site.preview()["diff"]["resources"]
    assert shown["namespace"] == site.namespace


def test_a_job_of_a_long_name_is_made_anew(stand_in: StandIn) -> None:
    """Its name is a label of its pods, with 63 characters at most; so is that of the trial."""
    site, name = KubeSite(cluster=stand_in), "m" * 48 + "." + "n" * 12
    with controllers.running(stand_in):
        site.wants(job(name))
        site.deploy()
        site.wants(job(name, image="registry.example.net/web:2"))
        shown = site.preview()
    assert shown["diff"]["summary"]["update"] == 1
    (trial,) = {path.rpartition("/")[2] for _, path in stand_in.asked if path.endswith("-trial")}
    assert len(trial) <= 63
    assert ".-" not in trial


def once(*methods: str, status: int = 500) -> Callable[[str, str], Failure | None]:
    """Fails the first request of each method for the Deployment."""
    left = set(methods)

    def how(method: str, path: str) -> Failure | None:
        if method not in left or "/deployments/web" not in path:
            return None
        left.discard(method)
        return status

    return how
