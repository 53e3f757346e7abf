"""Installs and virtual addresses in production ask in the same inbox, and keep to freezes."""

from __future__ import annotations

import pytest
from django.db import transaction

from approvals.models import ApprovalInboxItem
from approvals.tasks import keep_time
from config.core.errors import FreezeActive, PermissionDenied
from config.core.models import TimelineEvent, User
from environments.install import orchestrator
from environments.models import (
    Environment,
    EnvironmentInstallTask,
    InstallPreview,
    InstallStep,
    TaskKind,
)
from environments.pinning import context_hash, identity
from environments.requesting import request
from tests.callers import Api
from tests.factories.approvals import FreezeFactory
from tests.factories.core import acting, member
from tests.factories.environments import EnvironmentFactory, NodeFactory, preview_of

pytestmark = pytest.mark.django_db
KINDS = {
    TaskKind.INSTALL: ("install", "Install runtime 1 on "),
    TaskKind.LVS_VIP: ("vip", "Set up a virtual address with runtime 1 on "),
}


@pytest.fixture
def environment() -> Environment:
    found = EnvironmentFactory.make(tier="production")
    NodeFactory.make(environment=found)
    return found


@pytest.fixture
def engineer(environment: Environment) -> User:
    return member(environment.project, "engineer")


def sent(
    environment: Environment, engineer: User, kind: TaskKind = TaskKind.INSTALL, **fields: str
) -> EnvironmentInstallTask:
    with transaction.atomic():
        pinned = preview_of(environment, engineer, kind)
        return request(pinned, acting(engineer), **fields)


def approve(task: EnvironmentInstallTask, **body: str) -> None:
    caller = Api(member(task.project, "project_admin"))
    caller.post(f"/approvals/inbox/{task.approval_ticket}/approve", body).ok()
    task.refresh_from_db()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_asks_under_its_policy(
    environment: Environment, engineer: User, kind: TaskKind
) -> None:
    task = sent(environment, engineer, kind)
    action, title = KINDS[kind]
    item = ApprovalInboxItem.objects.get()
    assert (item.action, item.tier, item.status) == (action, "production", "pending")
    assert item.title == title + environment.name
    assert (item.subject_type, item.subject_id) == ("environment_install", task.pk)
    mine = Api(member(environment.project, "approver"))
    [listed] = mine.get("/approvals/inbox", scope="mine", action=action).results
    assert listed["ticket"] == task.approval_ticket
    approve(task)
    assert task.status == "queued"
    assert task.start_after is not None


def test_a_freeze_refuses_or_is_overridden(environment: Environment, engineer: User) -> None:
    FreezeFactory.make(project=environment.project)
    with pytest.raises(FreezeActive):
        sent(environment, engineer)
    with pytest.raises(PermissionDenied):
        sent(environment, engineer, freeze_override="The disk is full")
    assert not EnvironmentInstallTask.objects.exists()
    boss = member(environment.project, "project_admin")
    task = sent(environment, boss, freeze_override="The disk is full")
    assert task.freeze_override == "The disk is full"
    assert TimelineEvent.objects.filter(action="break_glass.used").count() == 1


def test_a_freeze_that_begins_later_holds_what_is_approved(
    environment: Environment, engineer: User
) -> None:
    task = sent(environment, engineer)
    approve(task)
    freeze = FreezeFactory.make(project=environment.project)
    orchestrator.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.started_at) == ("queued", None)
    freeze.delete()
    orchestrator.run(task.pk)  # without a bundle there is nothing to install: but it has begun
    task.refresh_from_db()
    assert task.started_at is not None


def test_other_hosts_void_the_ticket(environment: Environment, engineer: User) -> None:
    task = sent(environment, engineer)
    keep_time()
    assert ApprovalInboxItem.objects.get().status == "pending"
    NodeFactory.make(environment=environment)
    keep_time()
    task.refresh_from_db()
    item = ApprovalInboxItem.objects.get()
    assert (item.status, item.reason_code) == ("cancelled", "preview_mismatch")
    assert (task.status, task.reason_code) == ("cancelled", "preview_mismatch")


def test_one_changed_byte_of_the_plan(environment: Environment, engineer: User) -> None:
    task = sent(environment, engineer)
    task.preview.plan["steps"] = [{"hook": "other"}]
    task.preview.save()
    refused = Api(member(environment.project, "approver")).post(
        f"/approvals/inbox/{task.approval_ticket}/approve"
    )
    assert refused.refused(409, "preview_mismatch")["mismatch"] == ["content"]


def test_the_digest_of_a_plan_is_that_of_its_row(environment: Environment, engineer: User) -> None:
    pinned = preview_of(environment, engineer)
    stored = InstallPreview.objects.get(pk=pinned.pk)
    assert context_hash(stored.plan) == pinned.context_hash
    nodes = environment.nodes.all()
    assert stored.plan["nodes"] == [{**identity(vars(n)), "facts": n.facts} for n in nodes]


def test_what_was_overridden_does_not_count_for_a_retry(
    environment: Environment, engineer: User
) -> None:
    freeze = FreezeFactory.make(project=environment.project)
    boss = member(environment.project, "project_admin")
    task = sent(environment, boss, freeze_override="The disk is full")
    Api(member(environment.project, "approver")).post(
        f"/approvals/inbox/{task.approval_ticket}/approve"
    ).ok()
    orchestrator.run(task.pk)  # fails: there is no such bundle
    freeze.delete()
    FreezeFactory.make(project=environment.project, reason="Months later")
    retry = f"/environments/{environment.pk}/install/tasks/{task.pk}/retry"
    Api(engineer).post(retry).refused(409, "freeze_active")
    Api(boss).post(retry, {"freeze_override": "Still full"}).ok(202)
    task.refresh_from_db()
    assert task.freeze_override == "Still full"


@pytest.mark.parametrize("tampered", ["steps", "ticket"])
def test_nothing_runs_but_what_was_approved(
    environment: Environment, engineer: User, tampered: str
) -> None:
    task = sent(environment, engineer)
    approve(task)
    if tampered == "steps":
        node = environment.nodes.get()
        InstallStep.objects.create(run=task, node=node, index=0, phase="a", hook="b", timeout=1)
    else:
        ApprovalInboxItem.objects.update(status="rejected")
    orchestrator.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.reason_code) == ("failed", "preview_mismatch")


def test_an_old_plan_that_lacks_its_hosts_is_void(environment: Environment, engineer: User) -> None:
    task = sent(environment, engineer)
    InstallPreview.objects.update(plan={})
    keep_time()
    task.refresh_from_db()
    assert (task.status, task.reason_code) == ("cancelled", "preview_mismatch")
