"""`…/lvs-vip/preview` and `…/lvs-vip/apply`, on hosts whose bundle only says what it was told.

tests/e2e/test_lvs_vip.py has the real one.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from approvals.models import ApprovalInboxItem
from config.core.models import TimelineEvent
from environments.models import Environment, EnvironmentInstallTask, InstallPreview
from tests.callers import Answer, Api
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site
from tests.factories.core import member
from tests.factories.environments import NodeFactory

pytestmark = pytest.mark.django_db(transaction=True)

SAYS = 'echo "$SLIPWAY_NODE_NAME: $SLIPWAY_OPTION_VIP $SLIPWAY_OPTION_MODE $SLIPWAY_OPTION_NODES"'
OPTIONS = [
    {"name": "vip", "type": "address"},
    {"name": "interface", "type": "string"},
    {"name": "mode", "type": "string", "default": "vip"},
    {"name": "port", "type": "integer"},
    {"name": "nodes", "type": "string"},
]


@pytest.fixture
def vip(bundle: BundleRoot) -> BundleRoot:
    """The root's bundle is one for addresses."""
    bundle.bundle |= {"name": "lvs-vip-test", "runtime": "any", "options": OPTIONS}
    bundle.hook("install", SAYS)
    return bundle


@pytest.fixture
def in_use(hosts: Site) -> Site:
    Environment.objects.update(status="ready")
    return hosts


def asked(site: Site, api: Api | None = None, **fields: Any) -> Answer:
    body = {
        "vip": "192.0.2.9",
        "interface": "eth0",
        "port": 80,
        "nodes": [node.pk for node in site.nodes],
    }
    return (api or site.api).post(f"{site.path}/lvs-vip/preview", body | fields)


def applied(site: Site, **fields: Any) -> EnvironmentInstallTask:
    sent = asked(site, **fields).ok(201)
    body = {"preview_ref": sent["preview_ref"]}
    made = site.api.post(f"{site.path}/lvs-vip/apply", body).ok(202)
    return EnvironmentInstallTask.objects.get(pk=made["id"])


def environment(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.api.get(site.path).ok()
    return found


@pytest.mark.usefixtures("vip")
def test_the_plan_is_of_the_nodes_that_were_picked(in_use: Site) -> None:
    in_use.node("127.0.0.3")
    first, second = in_use.nodes
    made = asked(in_use, nodes=[second.pk, first.pk], vip="2001:DB8::0009").ok(201)
    assert (made["kind"], made["bundle"]) == ("lvs_vip", "lvs-vip-test")
    plan = made["plan"]
    assert [node["id"] for node in plan["nodes"]] == [first.pk, second.pk]
    assert plan["options"] == {
        "vip": "2001:db8::9",  # as hosts print it
        "interface": "eth0",
        "mode": "vip",
        "port": 80,
        "nodes": f"{second.name} {first.name}",  # the address returns to the first
    }
    assert {step["node"] for step in plan["steps"]} == {first.name, second.name}
    assert not in_use.remote.exists()


@pytest.mark.usefixtures("vip")
def test_while_it_runs_and_afterwards_the_environment_is_in_use(
    in_use: Site, vip: BundleRoot, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    vip.hook("install", f"{SAYS}; echo >>{seen}")
    task = applied(in_use)
    assert (task.kind, environment(in_use)["status"]) == ("lvs_vip", "ready")
    in_use.run(task)
    assert (task.status, environment(in_use)["status"]) == ("succeeded", "ready")
    assert len(seen.read_text().splitlines()) == 2
    told = f"192.0.2.9 vip {in_use.nodes[0].name} {in_use.nodes[1].name}\n"
    steps = in_use.steps(task, "install")
    assert [in_use.log(step) for step in steps] == [f"{n.name}: {told}" for n in in_use.nodes]
    assert TimelineEvent.objects.filter(action="environment.vip_succeeded").count() == 1


def test_a_failure_degrades_and_a_retry_alone_mends(
    in_use: Site, vip: BundleRoot, tmp_path: Path
) -> None:
    well, effects = tmp_path / "well", tmp_path / "effects"
    vip.hook("install", f"echo >>{effects}")
    reason = '[ -e WELL ] || { echo "::slipway set REASON=vip_not_unique"; exit 1; }'
    vip.hook("verify", reason.replace("WELL", str(well)), phase="verify")
    task = in_use.run(applied(in_use))
    assert (task.status, task.reason_code) == ("failed", "vip_not_unique")
    after = environment(in_use)
    assert after["status"] == "degraded"
    assert [(said["source"], said["code"]) for said in after["health"]] == [
        ("vip", "vip_not_unique")
    ]
    event = TimelineEvent.objects.get(action="environment.vip_failed")
    assert event.detail["reason_code"] == "vip_not_unique"
    well.touch()
    in_use.api.post(in_use.task_path(task, "retry")).ok(202)
    in_use.run(task)
    assert task.status == "succeeded"
    assert len(effects.read_text().splitlines()) == 2  # what had succeeded was not run again
    after = environment(in_use)
    assert (after["status"], after["health"]) == ("ready", [])


@pytest.mark.usefixtures("vip")
def test_another_virtual_address_may_follow_a_failed_one(in_use: Site) -> None:
    Environment.objects.update(
        status="degraded", health={"vip": {"code": "step_failed", "message": "", "since": "x"}}
    )
    in_use.run(applied(in_use))
    assert environment(in_use)["status"] == "ready"


@pytest.mark.usefixtures("vip")
@pytest.mark.parametrize("status", ["draft", "installing", "failed", "retired"])
def test_an_environment_that_is_not_in_use(hosts: Site, status: str) -> None:
    Environment.objects.update(status=status)
    data = asked(hosts).refused(409, "target_not_ready")
    assert data["reasons"] == [f"The environment is {status}."]
    assert not InstallPreview.objects.exists()


@pytest.mark.usefixtures("vip")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            ("vip", address)
            for address in (
                "", "192.0.2", "192.0.2.9/24", "host", "224.0.0.1", "127.0.0.9", "0.0.0.0",  # noqa: S104
                "255.255.255.255", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::1", "ff02::1",
                "::ffff:192.0.2.9", 7, None,
            )
        ],
        *[("interface", name) for name in ("", "a b", "-o", "eth0;id", "x" * 16, "$(id)", "e\nf")],
        ("mode", "dr"), ("port", 0), ("port", 65536), ("port", "http"), ("nodes", []),
    ],
)  # fmt: skip
def test_what_is_none(in_use: Site, field: str, value: Any) -> None:
    answer = asked(in_use, **{field: value})
    assert set(answer.refused(400, "validation_error")["fields"]) == {field}


@pytest.mark.usefixtures("vip")
def test_nodes_that_cannot_be_meant(in_use: Site) -> None:
    first = in_use.nodes[0].pk
    another = NodeFactory.make().pk  # of another environment
    for nodes in ([first], [first, first], [first, another], [first, 10**9], list(range(1, 14))):
        answer = asked(in_use, nodes=nodes)
        assert set(answer.refused(400, "validation_error")["fields"]) == {"nodes"}, nodes
    assert not InstallPreview.objects.exists()


@pytest.mark.usefixtures("vip")
def test_an_address_that_is_a_nodes_own(in_use: Site) -> None:
    in_use.nodes[1].host = "192.0.2.9"
    in_use.nodes[1].save()
    assert set(asked(in_use).refused(400, "validation_error")["fields"]) == {"vip"}


@pytest.mark.usefixtures("vip")
def test_a_node_that_is_not_enrolled(in_use: Site) -> None:
    stranger = in_use.node("127.0.0.3", enrolled=False)
    data = asked(in_use, nodes=[in_use.nodes[0].pk, stranger.pk]).refused(
        502, "ssh_host_key_unknown"
    )
    assert data["nodes"] == [stranger.name]


def test_a_root_without_such_a_bundle(in_use: Site, bundle: BundleRoot) -> None:
    assert bundle.root.is_dir()
    data = asked(in_use).refused(422, "bundle_incompatible")
    assert "lvs-vip-debian13" in data["errors"][0]["message"]


def test_hosts_that_no_bundle_is_for(in_use: Site, vip: BundleRoot) -> None:
    vip.bundle["platforms"] = [{"os": "plan9", "release": "4", "arch": "amd64"}]
    vip.write()
    data = asked(in_use).refused(422, "bundle_incompatible")
    assert {error["path"] for error in data["errors"]} == {f"nodes/{n.name}" for n in in_use.nodes}


def test_the_newest_that_fits_is_taken(in_use: Site, vip: BundleRoot) -> None:
    plan9 = [{"os": "plan9", "release": "4", "arch": "amd64"}]
    vip.others = [copy.deepcopy(vip.bundle) | {"version": n} for n in ("1.9", "1.10", "2.0")]
    vip.others[-1]["platforms"] = plan9
    vip.write()
    assert asked(in_use).ok(201)["version"] == "1.10"


@pytest.mark.usefixtures("vip")
def test_it_is_no_runtime(in_use: Site) -> None:
    body = {"bundle": "lvs-vip-test", "version": "1.0"}
    answer = in_use.api.post(f"{in_use.path}/install/preview", body)
    assert set(answer.refused(400, "validation_error")["fields"]) == {"bundle"}


def test_it_goes_and_the_environment_stays(in_use: Site, vip: BundleRoot) -> None:
    vip.hook("remove", "true", phase="uninstall")
    Environment.objects.update(
        status="degraded", health={"vip": {"code": "vip_not_unique", "message": "", "since": "x"}}
    )
    body = {"bundle": "lvs-vip-test", "version": "1.0", "kind": "uninstall"}
    sent = in_use.api.post(f"{in_use.path}/install/preview", body).ok(201)
    assert sent["risk"]["level"] == "high"
    made = in_use.apply(sent["preview_ref"]).ok(202)
    task = in_use.run(EnvironmentInstallTask.objects.get(pk=made["id"]))
    assert task.status == "succeeded"
    after = environment(in_use)
    assert (after["status"], after["health"]) == ("ready", [])


@pytest.mark.usefixtures("vip")
def test_production_asks_first(in_use: Site) -> None:
    Environment.objects.update(tier="production")
    task = applied(in_use)
    assert task.status == "pending_approval"
    item = ApprovalInboxItem.objects.get(subject_type=task.resource_type, subject_id=task.pk)
    assert item.action == "vip"
    approver = Api(member(in_use.project, "approver"))
    approver.post(f"/approvals/inbox/{item.ticket}/approve").ok()
    assert in_use.run(task).status == "succeeded"


@pytest.mark.usefixtures("vip")
def test_a_node_that_was_not_picked_may_change(in_use: Site) -> None:
    other = in_use.node("127.0.0.3")
    task = applied(in_use)
    other.delete()
    assert in_use.run(task).status == "succeeded"


@pytest.mark.usefixtures("vip")
def test_one_of_its_nodes_changes(in_use: Site) -> None:
    task = applied(in_use)
    in_use.nodes[1].role = "worker"
    in_use.nodes[1].save()
    in_use.run(task)
    assert (task.status, task.reason_code) == ("failed", "preview_mismatch")
    assert environment(in_use)["status"] == "ready"  # no host was touched


@pytest.mark.usefixtures("vip")
def test_who_may_only_look(in_use: Site) -> None:
    viewer = Api(member(in_use.project, "viewer"))
    asked(in_use, viewer).refused(403, "permission_denied")
