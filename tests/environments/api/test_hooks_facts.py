"""What hooks report reaches the hooks after them; what is secret reaches nobody else."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from config.core import leases
from config.core.models import TimelineEvent
from environments.install import facts, orchestrator
from environments.models import Environment, EnvironmentInstallTask
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "join.0123456789abcdef"


def test_facts_flow_to_later_hooks(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", 'echo "::slipway set WHO=$SLIPWAY_NODE_NAME"')
    bundle.hook("verify", 'echo "$SLIPWAY_FACT_WHO of $SLIPWAY_FACTS_WHO"', phase="verify")
    task = hosts.run(hosts.queued())
    assert task.status == "succeeded"
    one, two = (node.name for node in hosts.nodes)
    everybody = f"{one}={one} {two}={two}"
    assert [hosts.log(step) for step in hosts.steps(task, "verify")] == [
        f"{one} of {everybody}\n",
        f"{two} of {everybody}\n",
    ]


def test_a_fact_of_one_node_is_everybodys(hosts: Site, bundle: BundleRoot) -> None:
    script = '[ "$SLIPWAY_NODE_ADDRESS" != localhost ] || echo "::slipway set JOIN=two words"'
    bundle.hook("install", script)
    bundle.hook("verify", 'echo "$SLIPWAY_FACT_JOIN"', phase="verify")
    task = hosts.run(hosts.queued())
    assert [hosts.log(step) for step in hosts.steps(task, "verify")] == ["two words\n"] * 2


def test_a_secret_flows_and_is_seen_nowhere(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", f"echo before; echo '::slipway secret TOKEN={CANARY}'; echo after")
    bundle.hook(
        "verify",
        f'[ "$SLIPWAY_FACT_TOKEN" = {CANARY} ]; echo "it is $SLIPWAY_FACT_TOKEN"\n'
        'printf %s "$SLIPWAY_FACT_TOKEN" | base64; [ -z "${SLIPWAY_FACTS_TOKEN-}" ]',
        phase="verify",
    )
    task = hosts.run(hosts.queued())
    assert task.status == "succeeded"
    for step in hosts.steps(task, "install"):
        masked = f"before\n::slipway secret TOKEN={'*' * len(CANARY)}\nafter\n"
        assert hosts.log(step) == masked
        assert len(hosts.out(step)) == step.log_bytes
    encoded = base64.b64encode(CANARY.encode()).decode()[:-4]
    seen = [hosts.log(step) for step in hosts.steps(task, "verify")]
    seen += [str(hosts.api.get(hosts.task_path(task)).ok())]
    seen += [str(list(TimelineEvent.objects.values()))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM environment_install_facts")
        seen.append(str(cursor.fetchall()))
    assert not [text for text in seen if CANARY in text or encoded in text]
    assert facts.secret(task, "TOKEN") is not None


def test_who_takes_over_knows_the_secrets(
    hosts: Site, bundle: BundleRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = tmp_path / "go-on"
    go_on.touch()
    bundle.hook(
        "install",
        f"echo '::slipway secret TOKEN={CANARY}'; while [ ! -e {go_on} ]; do sleep 0.05; done\n"
        f"echo '{CANARY} again'",
    )
    task = hosts.queued()

    class WorkerDies(BaseException):
        pass

    learn = facts.learn

    def dies_when_it_learned(*arguments: Any, **named: Any) -> None:
        learn(*arguments, **named)
        raise WorkerDies  # in the transaction: neither the log's bytes nor the fact are stored

    with monkeypatch.context() as patch:
        patch.setattr(facts, "learn", dies_when_it_learned)
        patch.setattr(leases.Lease, "give_back", lambda _: None)
        with pytest.raises(WorkerDies):
            orchestrator.run(task.pk)
    assert not task.facts.exists()
    assert {step.log_bytes for step in hosts.steps(task, "install")} == {0}
    EnvironmentInstallTask.objects.update(lease_expires_at=timezone.now() - timedelta(days=1))
    hosts.run(task)
    assert task.status == "succeeded"
    mask = "*" * len(CANARY)
    for step in hosts.steps(task, "install"):
        assert hosts.log(step) == f"::slipway secret TOKEN={mask}\n{mask} again\n"
        assert len(hosts.out(step)) == step.log_bytes


def test_a_hook_gives_the_reason_of_its_failure(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "echo '::slipway set REASON=ipvs_unavailable'; exit 3")
    task = hosts.run(hosts.queued())
    assert (task.status, task.reason_code) == ("failed", "ipvs_unavailable")
    bundle.hook("install", "echo '::slipway set REASON=my own words'; exit 3")
    assert hosts.run(hosts.queued()).reason_code == "step_failed"


def test_a_step_that_failed_shows_its_last_words(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook(
        "install",
        "echo '::slipway progress 40 unpacking'\necho 'error: no room'; echo; "
        "echo '::slipway set A=b'; exit 1",
    )
    task = hosts.run(hosts.queued())
    assert {step.message for step in hosts.steps(task, "install")} == {"error: no room"}
    hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    assert {step.message for step in hosts.steps(task, "install")} == {""}
    hosts.run(task)
    Environment.objects.update(status="retired")
    hosts.api.post(hosts.task_path(task, "retry")).refused(409, "invalid_transition")


def test_a_reason_is_of_its_attempt(hosts: Site, bundle: BundleRoot, tmp_path: Path) -> None:
    told = tmp_path / "told"
    bundle.hook(
        "install",
        f"[ -e {told}.$SLIPWAY_NODE_NAME ] || echo '::slipway set REASON=vip_not_unique'\n"
        f"touch {told}.$SLIPWAY_NODE_NAME; exit 3",
    )
    task = hosts.run(hosts.queued())
    assert task.reason_code == "vip_not_unique"
    hosts.api.post(hosts.task_path(task, "retry")).ok(202)
    assert hosts.run(task).reason_code == "step_failed"


def test_progress_is_shown_while_it_lasts(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "echo '::slipway progress 40 unpacking'; exit 1")
    task = hosts.run(hosts.queued())
    [shown, _] = [s for s in hosts.api.get(hosts.task_path(task)).ok()["steps"] if s["percent"]]
    assert (shown["percent"], shown["message"]) == (40, "unpacking")
