"""An install that is approved for later is cancelled once its hosts are no longer the previewed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from approvals.models import ApprovalInboxItem
from config.core.models import TimelineEvent
from environments.models import EnvironmentInstallTask
from environments.requesting import request
from environments.tasks import reconcile
from tests.callers import Api
from tests.factories.core import acting, member
from tests.factories.environments import EnvironmentFactory, NodeFactory, preview_of

pytestmark = pytest.mark.django_db
CANCELLED = ("cancelled", "preview_mismatch")


def approved(moment: datetime) -> EnvironmentInstallTask:
    environment = EnvironmentFactory.make(tier="production")
    NodeFactory.make(environment=environment)
    engineer = member(environment.project, "engineer")
    with transaction.atomic():
        task = request(preview_of(environment, engineer), acting(engineer))
    path = f"/approvals/inbox/{task.approval_ticket}/approve"
    body = {"apply_at": moment.isoformat()}
    Api(member(environment.project, "approver")).post(path, body).ok()
    return EnvironmentInstallTask.objects.get()


def state(task: EnvironmentInstallTask) -> tuple[str, str]:
    task.refresh_from_db()
    return task.status, task.reason_code


def test_other_hosts_cancel_it_right_away() -> None:
    task = approved(timezone.now() + timedelta(days=1))
    reconcile()
    assert state(task) == ("queued", "")
    NodeFactory.make(environment=task.environment)
    reconcile()
    reconcile()
    assert state(task) == CANCELLED
    assert set(task.steps.values_list("status", flat=True)) <= {"cancelled"}
    event = TimelineEvent.objects.get(action="environment.install_cancelled")
    assert (event.resource_id, event.status, event.detail["mismatch"]) == (
        *(task.pk, "cancelled"),
        ["target_changed"],
    )
    item = ApprovalInboxItem.objects.get()
    verbs = list(item.actions.values_list("verb", flat=True))
    assert (item.status, verbs) == ("approved", ["created", "approved", "commented"])


def test_what_was_tried_before_is_left_to_its_run() -> None:
    task = approved(timezone.now())
    EnvironmentInstallTask.objects.update(started_at=timezone.now())
    NodeFactory.make(environment=task.environment)
    reconcile()
    assert state(task) == ("queued", "")


def test_the_moment_is_shown() -> None:
    moment = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    task = approved(moment)
    caller = Api(member(task.project, "viewer"))
    shown = caller.get(f"/environments/{task.environment_id}/install/tasks/{task.pk}").ok()
    assert datetime.fromisoformat(shown["start_after"]) == moment
