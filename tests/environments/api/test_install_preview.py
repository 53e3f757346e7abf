"""`…/install/preview` and `…/install/apply`: refusals before any host is touched, and approvals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from approvals.models import ApprovalInboxItem
from config.core.models import TimelineEvent
from config.settings.previews import TIERS
from environments.models import Environment, EnvironmentInstallTask, InstallPreview
from tests.callers import Answer, Api
from tests.environments.api.bundle import ARTIFACT, PAYLOAD, BundleRoot
from tests.environments.api.site import PREVIEW, Site
from tests.environments.bundles.roots import digest, write
from tests.factories.core import member

pytestmark = pytest.mark.django_db(transaction=True)


def asked(hosts: Site, **fields: Any) -> Answer:
    return hosts.api.post(f"{hosts.path}/install/preview", PREVIEW | fields)


def test_the_plan(hosts: Site, bundle: BundleRoot) -> None:
    bundle.hook("verify", "true", phase="verify")
    made = hosts.preview(mirror="https://mirror.example.net/")
    names = [node.name for node in hosts.nodes]
    plan = made["plan"]
    assert plan["phases"] == ["transfer", "install", "verify"]
    assert [(step["hook"], step["node"]) for step in plan["steps"]] == [
        (hook, name) for hook in ("transfer", "install", "verify") for name in names
    ]
    assert plan["artifacts"] == [
        {
            "path": ARTIFACT,
            "sha256": digest(PAYLOAD),
            "size": len(PAYLOAD),
            "nodes": names,
            "present_on": [],
        }
    ]
    assert plan["options"] == {"mirror": "https://mirror.example.net/"}
    assert made["risk"]["level"] == "low"
    assert not hosts.remote.exists()


def test_what_a_host_has_already_is_said(hosts: Site, bundle: BundleRoot) -> None:
    hosts.run(hosts.queued())
    assert bundle.root.is_dir()
    [artifact] = hosts.preview()["plan"]["artifacts"]
    assert artifact["present_on"] == [node.name for node in hosts.nodes]


Breaks = Callable[[Site, BundleRoot], None]


def tampered(_: Site, bundle: BundleRoot) -> None:
    write(bundle.root, ARTIFACT, "payl0ad\n" * 100)


def lost(_: Site, bundle: BundleRoot) -> None:
    (bundle.root / ARTIFACT).unlink()


def of_another_system(_: Site, bundle: BundleRoot) -> None:
    bundle.bundle["platforms"] = [{"os": "plan9", "release": "4", "arch": "amd64"}]
    bundle.write()


def greedy(_: Site, bundle: BundleRoot) -> None:
    bundle.bundle["requires"] = {"memory_mb": 1 << 30}
    bundle.write()


def hook_that_does_not_parse(_: Site, bundle: BundleRoot) -> None:
    bundle.hook("install", "if")


def stranger(hosts: Site, _: BundleRoot) -> None:
    hosts.node("stranger.example.net", enrolled=False)


def no_nodes(hosts: Site, _: BundleRoot) -> None:
    hosts.environment.nodes.all().delete()


def retired(hosts: Site, _: BundleRoot) -> None:
    hosts.api.delete(hosts.path).ok(204)


def unreachable(hosts: Site, _: BundleRoot) -> None:
    hosts.environment.nodes.filter(pk=hosts.nodes[1].pk).update(port=1)


def other_key(hosts: Site, _: BundleRoot) -> None:
    other = hosts.sshd.make_key("another_host")
    assert other
    hosts.environment.nodes.filter(pk=hosts.nodes[1].pk).update(
        host_key=" ".join(hosts.sshd.public_key("another_host").split()[:2])
    )


@pytest.mark.parametrize(
    ("breaks", "status", "code"),
    [
        (tampered, 422, "artifact_checksum_mismatch"),
        (lost, 422, "artifact_missing"),
        (of_another_system, 422, "bundle_incompatible"),
        (greedy, 422, "bundle_incompatible"),
        (hook_that_does_not_parse, 422, "bundle_invalid"),
        (stranger, 502, "ssh_host_key_unknown"),
        (no_nodes, 409, "target_not_ready"),
        (retired, 409, "target_not_ready"),
        (unreachable, 502, "ssh_unreachable"),
        (other_key, 502, "ssh_host_key_mismatch"),
    ],
)
def test_what_cannot_be_installed(
    hosts: Site, bundle: BundleRoot, breaks: Breaks, status: int, code: str
) -> None:
    breaks(hosts, bundle)
    data = asked(hosts).refused(status, code)
    assert data
    if status == 422:
        assert all({"code", "path", "line", "message"} <= set(error) for error in data["errors"])
    if code.startswith("artifact"):
        assert data["artifacts"] == [ARTIFACT]
    assert not hosts.remote.exists()
    assert not InstallPreview.objects.exists()


@pytest.mark.usefixtures("bundle")
def test_no_such_bundle_and_no_such_option(hosts: Site) -> None:
    asked(hosts, bundle="nothing").refused(404, "not_found")
    asked(hosts, version="9").refused(404, "not_found")
    data = asked(hosts, options={"mirror": "ftp://x", "colour": 1}).refused(400, "validation_error")
    assert set(data["fields"]) == {"options.mirror", "options.colour"}


@pytest.mark.usefixtures("bundle")
def test_apply_needs_a_preview_of_this_environment(hosts: Site) -> None:
    made = hosts.preview()
    for ref in ("", "x" * 43):
        hosts.apply(ref).refused(400, "preview_required")
    other = Site(hosts.sshd, hosts.remote)
    other.apply(made["preview_ref"]).refused(400, "preview_required")
    InstallPreview.objects.update(expires_at=timezone.now())
    hosts.apply(made["preview_ref"]).refused(409, "preview_expired")
    assert not EnvironmentInstallTask.objects.exists()


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize("tier", TIERS)
def test_each_tier_has_its_own_time(hosts: Site, settings: Settings, tier: str) -> None:
    Environment.objects.update(tier="staging")
    settings.PREVIEW_TTLS = dict.fromkeys(TIERS, timedelta(hours=1)) | {tier: timedelta(seconds=9)}
    began = timezone.now()
    hosts.preview()
    lasts = InstallPreview.objects.get().expires_at - began
    assert (lasts < timedelta(minutes=1)) == (tier == "staging")


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    "change",
    [
        lambda hosts: hosts.environment.nodes.update(user="another"),
        lambda hosts: hosts.node("third.example.net"),
        lambda hosts: hosts.nodes[0].delete(),
        lambda hosts: hosts.environment.nodes.update(fingerprint="SHA256:another"),
    ],
)
def test_a_node_changed_since(hosts: Site, change: Callable[[Site], object]) -> None:
    made = hosts.preview()
    change(hosts)
    data = hosts.apply(made["preview_ref"]).refused(409, "preview_mismatch")
    assert data == {"mismatch": ["target_changed"]}
    assert not EnvironmentInstallTask.objects.exists()


@pytest.mark.usefixtures("bundle")
def test_one_task_per_preview_and_one_live_task(hosts: Site, hints: list[tuple[str, int]]) -> None:
    first, second = hosts.preview(), hosts.preview()
    sent = hosts.apply(first["preview_ref"]).ok(202)
    assert (sent["status"], sent["approval_required"], sent["approval_ticket"]) == (
        "queued", False, "",
    )  # fmt: skip
    assert sent["progress"] == {"done": 0, "total": 4, "percent": 0, "remaining_ms": None}
    assert hosts.apply(first["preview_ref"]).ok(200)["id"] == sent["id"]
    hosts.apply(second["preview_ref"]).refused(409, "invalid_transition")
    assert hints == [("environments.tasks.run_install", sent["id"])]
    assert TimelineEvent.objects.filter(action="environment.install_requested").count() == 1


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    ("verb", "status", "reason"),
    [("approve", "queued", ""), ("reject", "failed", "approval_rejected")],
)
def test_production_asks(hosts: Site, verb: str, status: str, reason: str) -> None:
    production = Site(hosts.sshd, hosts.remote, "production")
    sent = production.apply(production.preview()["preview_ref"]).ok(202)
    item = ApprovalInboxItem.objects.get()
    assert (sent["status"], sent["approval_ticket"]) == ("pending_approval", item.ticket)
    assert (item.action, item.subject_type) == ("install", "environment_install")
    task = EnvironmentInstallTask.objects.get()
    assert production.run(task).status == "pending_approval"
    path = f"/approvals/inbox/{item.ticket}"
    production.api.post(f"{path}/{verb}", {"comment": "x"}).refused(403, "approval_self_review")
    approver = Api(member(production.project, "approver"))
    seen = approver.get(path).ok()
    assert len(seen["subject"]["diff"]["steps"]) == 4
    assert seen["links"]["subject"] == f"/api/v1{production.task_path(task)}"
    approver.post(f"{path}/{verb}", {"comment": "x"}).ok()
    task.refresh_from_db()
    assert (task.status, task.reason_code) == (status, reason)


@pytest.mark.usefixtures("bundle")
def test_an_expired_ticket_fails_the_task(hosts: Site) -> None:
    production = Site(hosts.sshd, hosts.remote, "production")
    production.apply(production.preview()["preview_ref"]).ok(202)
    ApprovalInboxItem.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ticket = ApprovalInboxItem.objects.get().ticket
    approver = Api(member(production.project, "approver"))
    approver.post(f"/approvals/inbox/{ticket}/approve").refused(409, "approval_ticket_expired")
    task = EnvironmentInstallTask.objects.get()
    assert (task.status, task.reason_code) == ("failed", "approval_ticket_expired")
