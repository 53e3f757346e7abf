"""What happens to a release whose pods fail, whose cluster goes away, and whose worker dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from config.core.errors import ClusterUnreachable
from config.core.leases import Lease, LeaseLost
from deployments import automatic, run
from deployments.diagnostics import checked
from deployments.models import Release
from deployments.runtimes.kubernetes import rollout
from deployments.runtimes.kubernetes.apply import Apply
from deployments.runtimes.kubernetes.runtime import KubernetesRuntime
from tests.deployments.kubernetes.site import KubeSite, config, deployment, job
from tests.kube import controllers
from tests.kube.cluster import Cluster, StandIn
from tests.kube.failures import Raw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pod that is stuck is believed at once."""
    monkeypatch.setattr(rollout, "STUCK_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("fate", "code"),
    [
        ("crash", "crash_loop"),
        ("image", "image_pull"),
        ("config", "config_missing"),
    ],
)
def test_pods_that_fail_end_it_with_the_cause(site: KubeSite, fate: Any, code: str) -> None:
    with controllers.running(site.cluster, {"web": fate}):
        site.wants(deployment())
        release = site.deploy()
    assert (release.status, release.reason_code) == ("failed", "unhealthy")
    found = checked(site.diagnosis(release))
    assert found["summary"]["code"] == code, found
    assert found["summary"]["hint"]
    assert found["stage"] == "workloads"
    kinds = [resource["kind"] for resource in found["resources"]]
    assert set(kinds) == {"Pod", "Deployment"}
    assert kinds[0] == "Pod"  # worst first


def test_the_last_fifty_lines_of_a_container_that_fails_are_kept_without_secrets(
    stand_in: StandIn,
) -> None:
    site = KubeSite(cluster=stand_in)
    lines = "\n".join([*(f"line {n}" for n in range(80)), "token s3cr3t-canary refused"])
    stand_in.fail(logs_say(lines))
    with controllers.running(stand_in, {"web": "crash"}):
        site.wants(deployment(), variables={"TOKEN": {"secret": True}})
        release = site.deploy(variables={"TOKEN": "s3cr3t-canary"})
    pods = [r for r in site.diagnosis(release)["resources"] if r["kind"] == "Pod"]
    assert len(pods[0]["log_tail"]) == 50
    assert pods[0]["log_tail"][-1].startswith("token ")
    assert "s3cr3t-canary" not in str(site.diagnosis(release))


def test_a_job_that_fails(site: KubeSite) -> None:
    with controllers.running(site.cluster, {"migrate": "crash"}):
        site.wants(job())
        release = site.deploy()
    assert (release.status, release.reason_code) == ("failed", "unhealthy")
    assert site.diagnosis(release)["stage"] == "jobs"


def test_a_job_that_failed_runs_again_in_the_next_release(
    site: KubeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Apply._replace
    with controllers.running(site.cluster, {"migrate": "crash"}) as running:

        def mended(apply: Apply, *about: Any) -> None:
            running.fates["migrate"] = "ready"
            replace(apply, *about)

        monkeypatch.setattr(Apply, "_replace", mended)
        site.wants(job())
        assert site.deploy().status == "failed"
        shown = site.preview()
        assert any("makes it anew" in text for text in shown["risk"]["reasons"])
        release = site.run(site.apply(shown))
    assert release.status == "applied", release.diagnostics_json


def test_automatic_rollback_where_the_target_says_so(cluster: Cluster) -> None:
    site = KubeSite(cluster=cluster, fields={"auto_rollback": True})
    with controllers.running(cluster) as running:
        site.wants(deployment())
        good = site.deploy()
        running.fates["web"] = "crash"
        site.wants(deployment(image="registry.example.net/web:2"))
        bad = site.deploy()
        assert bad.rollback_due, (bad.status, bad.reason_code, bad.diagnostics_json)
        running.fates["web"] = "ready"
        made = automatic.roll_back(bad.pk)
        assert made
        assert automatic.roll_back(bad.pk) is None  # once
        run.run(made)
    back = Release.objects.get(pk=made)
    assert (back.status, back.source, back.rollback_of_id) == ("applied", "system", bad.pk)
    assert back.source_release_id == good.pk
    bad.refresh_from_db()
    assert bad.status == "rollback"
    live = site.live("Deployment", "web")
    assert live
    (container,) = live["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.net/web:1"


def test_no_automatic_rollback_of_what_changed_nothing(cluster: Cluster) -> None:
    site = KubeSite(cluster=cluster, fields={"auto_rollback": True})
    with controllers.running(cluster):
        site.wants(config(colour="blue"))
        site.deploy()
        site.by_another(config(colour="red"))
        site.wants(config(colour="green"))
        release = site.deploy()
    assert release.reason_code == "apply_conflict"
    assert not release.rollback_due


def test_cancelled_while_it_is_watched(site: KubeSite) -> None:
    site.wants(deployment())
    release = site.apply(site.preview())
    worker = threading.Thread(target=run.run, args=(release.pk,))
    worker.start()
    until(lambda: site.live("Deployment", "web") is not None)
    site.api.post(f"/deploy/releases/{release.pk}/cancel").ok(202)
    worker.join(20)
    release.refresh_from_db()
    assert (release.status, release.reason_code) == ("failed", "cancelled")
    assert release.target.active_release_id is None


def test_another_worker_goes_on_where_one_died(
    site: KubeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of the workloads' phase: the config is not applied again, the job runs once."""
    site.wants(config(), deployment(), job())
    release = site.apply(site.preview())

    def die(_self: Apply, _step: object) -> None:
        raise LeaseLost("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Apply, "_watch", die_after(1, die, Apply._watch))
        run.run(release.pk)
    release.refresh_from_db()
    assert release.status == "applying"
    assert [s.status for s in release.steps.all()] == ["succeeded", "running", "pending"]
    with controllers.running(site.cluster):
        site.run(release)
    assert release.status == "applied", release.diagnostics_json
    assert release.fence == 2


def test_recreating_is_not_done_twice(site: KubeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    with controllers.running(site.cluster):
        site.wants(deployment())
        site.deploy()
        release = site.apply(site.preview(strategy="recreate"))

        def die(_self: Apply, _step: object) -> None:
            raise LeaseLost("killed")

        with monkeypatch.context() as patched:
            patched.setattr(Apply, "_watch", die)
            run.run(release.pk)
        first = site.live("Deployment", "web")
        site.run(release)
        second = site.live("Deployment", "web")
    assert release.status == "applied", release.diagnostics_json
    assert first
    assert second
    assert first["metadata"]["uid"] == second["metadata"]["uid"]


def test_a_short_silence_of_the_cluster_is_waited_out(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = KubeSite(cluster=stand_in)
    site.wants(deployment())
    release = site.apply(site.preview())
    watch = Apply._watch

    def silent_at_first(apply: Apply, step: Any) -> None:
        end = time.monotonic() + 3
        stand_in.fail(lambda _, path: 503 if "web" in path and time.monotonic() < end else None)
        watch(apply, step)

    monkeypatch.setattr(Apply, "_watch", silent_at_first)
    with controllers.running(stand_in):
        site.run(release)
    assert release.status == "applied", release.diagnostics_json


def test_a_long_silence_fails_it_and_says_so(
    stand_in: StandIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOST_PATIENCE = settings.HOST_PATIENCE / 60
    site = KubeSite(cluster=stand_in)
    site.wants(deployment())
    release = site.apply(site.preview())

    def gone(_apply: Apply, _step: object) -> None:
        stand_in.fail(lambda _method, _path: 503)
        _apply._patiently(_apply.kube.version)

    monkeypatch.setattr(Apply, "_watch", gone)
    site.run(release)
    assert (release.status, release.reason_code) == ("failed", ClusterUnreachable.code)


def test_a_stale_worker_changes_nothing(site: KubeSite) -> None:
    site.wants(deployment())
    release = site.apply(site.preview())
    stale = Lease(Release, release.pk, 99)
    Release.objects.filter(pk=release.pk).update(status="applying", fence=100)
    release.refresh_from_db()
    with pytest.raises(LeaseLost):
        KubernetesRuntime().apply(release, stale)
    assert site.live("Deployment", "web") is None


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def die_after(
    times: int, die: Callable[[Apply, Any], None], live: Callable[[Apply, Any], None]
) -> Callable[[Apply, Any], None]:
    calls = iter([live] * times)
    return lambda self, step: next(calls, die)(self, step)


def logs_say(text: str) -> Callable[[str, str], Raw | None]:
    return lambda _method, path: Raw(200, text) if path.endswith("/log") else None
