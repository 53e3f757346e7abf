"""How a plan is worked off: limits in parallel, hosts that fail, and kinds of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from config.core.errors import SSHUnreachable
from environments.models import EnvironmentInstallTask
from environments.ssh.runner import RemoteRunner
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import PREVIEW, Site

pytestmark = pytest.mark.django_db(transaction=True)

# Prints how many run at this moment, itself included.
CROWD = "mkdir -p {0}; touch {0}/$$; sleep 0.4; ls {0} | wc -l >> {1}; sleep 0.4; rm {0}/$$"
ONE_FAILS = '[ "$SLIPWAY_NODE_ADDRESS" != 127.0.0.1 ] || { echo broken; exit 7; }'


def queued(hosts: Site, **manner: Any) -> EnvironmentInstallTask:
    made = hosts.api.post(f"{hosts.path}/install/preview", PREVIEW | manner).ok(201)
    sent = hosts.apply(made["preview_ref"]).ok(202)
    return EnvironmentInstallTask.objects.get(pk=sent["id"])


@pytest.mark.parametrize(
    ("manner", "terms", "most"),
    [({}, {}, "2"), ({"max_parallel": 1}, {}, "1"), ({}, {"max_parallel": 1}, "1")],
)
def test_so_many_at_once(
    hosts: Site,
    bundle: BundleRoot,
    tmp_path: Path,
    manner: dict[str, int],
    terms: dict[str, int],
    most: str,
) -> None:
    counts = tmp_path / "counts"
    bundle.hook("install", CROWD.format(tmp_path / "crowd", counts), **terms)
    assert hosts.run(queued(hosts, **manner)).status == "succeeded"
    assert max(counts.read_text().split()) == most


def test_one_at_a_time_nothing_starts_after_a_failure(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", ONE_FAILS)
    task = hosts.run(queued(hosts, max_parallel=1))
    assert hosts.statuses(task)["install"] == ["failed", "skipped"]
    assert task.status == "failed"


def test_the_others_go_on_without_a_host_that_fails(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", ONE_FAILS)
    bundle.hook("verify", "echo verified", phase="verify")
    task = hosts.run(queued(hosts, on_failure="continue"))
    assert (task.status, task.reason_code) == ("failed", "step_failed")
    assert hosts.statuses(task) == {
        "transfer": ["succeeded"] * 2,
        "install": ["failed", "succeeded"],
        "verify": ["skipped", "succeeded"],
    }
    shown = hosts.api.get(hosts.path).ok()
    assert shown["status"] == "degraded"
    [said] = shown["health"]
    assert (said["source"], said["code"]) == (f"node:{hosts.nodes[0].pk}", "step_failed")
    # What is mended and tried again makes it whole.
    bundle.hook("install", ONE_FAILS)
    hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    assert hosts.run(task).status == "failed"


def test_all_hosts_failing_is_the_end_all_the_same(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "exit 1")
    bundle.hook("verify", "echo verified", phase="verify")
    task = hosts.run(queued(hosts, on_failure="continue"))
    assert hosts.statuses(task)["verify"] == ["skipped"] * 2
    assert hosts.api.get(hosts.path).ok()["status"] == "failed"


def test_uninstall(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    removed = tmp_path / "removed"
    bundle.hook("remove", f"echo x >> {removed}", phase="uninstall")
    assert hosts.run(queued(hosts)).status == "succeeded"
    assert not removed.exists()
    task = queued(hosts, kind="uninstall")
    assert task.kind == "uninstall"
    assert hosts.run(task).status == "succeeded"
    assert hosts.statuses(task) == {"remove": ["succeeded"] * 2}
    assert len(removed.read_text().split()) == 2
    assert hosts.api.get(hosts.path).ok()["status"] == "draft"


def test_verify_leaves_the_environment_in_use(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("check", "echo fine", phase="verify")
    assert hosts.run(queued(hosts)).status == "succeeded"
    bundle.hook("check", "echo 'error: no engine'; exit 1", phase="verify")
    assert hosts.run(queued(hosts, kind="verify")).status == "failed"
    shown = hosts.api.get(hosts.path).ok()
    assert shown["health"][0]["message"].endswith(f"{hosts.nodes[0].name}: error: no engine")
    assert (shown["status"], shown["health"][0]["source"]) == ("degraded", "verify")
    bundle.hook("check", "echo fine", phase="verify")
    assert hosts.run(queued(hosts, kind="verify")).status == "succeeded"
    shown = hosts.api.get(hosts.path).ok()
    assert (shown["status"], shown["health"]) == ("ready", [])


@pytest.mark.usefixtures("bundle")
def test_a_bundle_that_has_nothing_for_it(hosts: Site) -> None:
    body = PREVIEW | {"kind": "uninstall"}
    refused = hosts.api.post(f"{hosts.path}/install/preview", body)
    assert "kind" in refused.refused(400, "validation_error")["fields"]
    for wrong in ({"kind": "lvs_vip"}, {"max_parallel": 0}, {"on_failure": "panic"}):
        hosts.api.post(f"{hosts.path}/install/preview", PREVIEW | wrong).refused(
            400, "validation_error"
        )


def test_a_host_out_of_reach_is_not_begun_anew(
    hosts: Site, bundle: BundleRoot, tmp_path: Path, settings: Settings
) -> None:
    """It goes on by itself; a retry follows that to its end."""
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    bundle.hook(
        "install",
        f"echo one; echo x >> {begun}; while [ ! -e {go_on} ]; do sleep 0.05; done; echo two",
    )
    task = hosts.queued()
    settings.HOST_PATIENCE = settings.HOST_PATIENCE * 0

    def away(*_: Any) -> Any:
        raise SSHUnreachable("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RemoteRunner, "outcome", away)
        go_on.touch()
        hosts.run(task)
    assert (task.status, task.reason_code) == ("failed", "ssh_unreachable")
    hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    hosts.run(task)
    assert task.status == "succeeded"
    assert begun.read_text().split() == ["x", "x"]
    assert [(s.attempt, hosts.log(s)) for s in hosts.steps(task, "install")] == [
        (1, "one\ntwo\n")
    ] * 2


def test_a_log_ends_at_its_cap_and_says_so(
    hosts: Site, bundle: BundleRoot, settings: Settings
) -> None:
    settings.STEP_LOG_BYTES = 10_000
    bundle.hook("install", "seq 1 20000; exit 5")
    task = hosts.run(hosts.queued())
    for step in hosts.steps(task, "install"):
        kept, _, said = hosts.log(step).rpartition("\n[")
        assert kept.encode() == hosts.out(step)[:10_000]
        assert said == "Slipway keeps 10000 bytes of this; cut here.]\n"
        assert (step.exit_code, step.log_cut) == (5, True)
