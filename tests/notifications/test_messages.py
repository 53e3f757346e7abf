"""What messages say of tickets, releases, installs, broken glass, and of what nobody describes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from approvals import deciding, freezes
from config.core import timeline
from config.core.models import Project, TimelineEvent
from config.core.timeline import SYSTEM
from config.notifications.composing import compose
from environments.models import EnvironmentInstallTask, InstallPreview
from tests.factories.approvals import FreezeFactory, PolicyFactory, ticket
from tests.factories.clusters import connected
from tests.factories.core import acting, member
from tests.factories.deployments import ReleaseFactory
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db


def content(event: TimelineEvent) -> dict[str, Any]:
    assert event.project_id is not None
    project = Project.objects.get(pk=event.project_id)
    return compose(event, project, uuid4()).content


def last(action: str) -> TimelineEvent:
    return TimelineEvent.objects.filter(action=action).latest("seq")


def test_a_ticket(project: Project) -> None:
    environment = EnvironmentFactory.make(project=project, name="live", tier="production")
    item = ticket(project, title="Replace\n the cart", environment_id=environment.pk)
    said = content(last("approval.created"))
    assert said["title"] == "[Shop] Approval needed: Replace the cart"
    assert "Environment: live (production)" in said["text"]
    assert said["environment"] == {"id": environment.pk, "name": "live", "tier": "production"}
    assert said["risk"] == {"level": "high", "reasons": ["A reason"]}
    assert said["counts"] == {"create": 2, "update": 0, "delete": 1, "unchanged": 4}
    assert said["link"] == f"http://127.0.0.1:8000/inbox/{item.ticket}"
    assert said["resource"] == {"type": "approval", "id": item.pk}
    assert said["text"].endswith(said["link"])


def test_links_are_the_installations(project: Project, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://slipway.example.org/ops"
    item = ticket(project)
    link = content(last("approval.created"))["link"]
    assert link == f"https://slipway.example.org/ops/inbox/{item.ticket}"


def test_decisions_say_who_and_why(project: Project) -> None:
    reviewer = member(project, "approver", username="the-approver")
    deciding.reject(ticket(project, title="A"), actor=acting(reviewer), comment="x" * 600)
    said = content(last("approval.rejected"))
    assert said["title"].endswith("] Rejected: A")
    assert "By: the-approver" in said["text"]
    [comment] = [line for line in said["text"].splitlines() if line.startswith("Comment: ")]
    assert comment == f"Comment: {'x' * 499}…"


def test_a_vote_is_not_yet_an_approval(project: Project) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item = ticket(project, title="A")
    for title in ("A vote of 2 needed: A", "Approved: A"):
        deciding.approve(item, actor=acting(member(project, "approver")))
        assert content(last("approval.approved"))["title"].endswith(f"] {title}")


def test_a_release_that_failed() -> None:
    release = ReleaseFactory.make(
        status="failed",
        reason_code="unhealthy",
        risk={"level": "low", "reasons": ["First release"]},
        diff={"summary": {"create": 3, "update": 0, "delete": 0, "unchanged": 0}, "resources": []},
        diagnostics_json={"schema": 1, "summary": {"message": "web crashes", "hint": ""}},
    )
    event = timeline.record("release.failed", release, actor=SYSTEM, status="failed")
    said = content(event)
    what = f"{release.service} r{release.revision.number} on {release.target}"
    assert said["title"] == f"[{release.project}] Release failed: {what}"
    for part in ("Reason: unhealthy", "Diagnosis: web crashes", "Risk: low", "Changes: 3 create"):
        assert part in said["text"].splitlines()
    assert said["link"].endswith(f"/releases/{release.pk}")


def test_a_rollback_that_was_applied() -> None:
    release = ReleaseFactory.make(status="applied", kind="rollback")
    said = content(timeline.record("release.applied", release, actor=SYSTEM, status="applied"))
    assert "Rollback applied: " in said["title"]


def test_an_install_that_failed(project: Project) -> None:
    user = member(project, "engineer")
    environment = EnvironmentFactory.make(project=project, name="live")
    preview = InstallPreview.objects.create(
        environment=environment,
        bundle="compose-debian13",
        version="1",
        plan={"nodes": [], "steps": [], "artifacts": [], "warnings": []},
        risk={"level": "high", "reasons": ["Installs"]},
        context_hash="0" * 64,
        expires_at=timezone.now() + timedelta(minutes=30),
        previewed_by=user,
    )
    task = EnvironmentInstallTask.objects.create(
        environment=environment,
        project=project,
        preview=preview,
        bundle="compose-debian13",
        version="1",
        status="failed",
        reason_code="step_failed",
        requested_by=user,
        source="ui",
    )
    said = content(timeline.record("environment.install_failed", task, actor=SYSTEM))
    assert said["title"] == "[Shop] Install failed: compose-debian13 on live"
    assert "Reason: step_failed" in said["text"]
    assert said["link"].endswith(f"/environments/{environment.pk}/tasks/{task.pk}")


def test_a_freeze_that_was_overridden(project: Project) -> None:
    FreezeFactory.make(project=project, tier="production", reason="Quarter's end")
    boss = member(project, "project_admin", username="the-boss")
    freezes.require_open(project, "production", actor=acting(boss), override_reason="It burns")
    said = content(last("break_glass.used"))
    assert said["title"] == "[Shop] Break-glass used: a freeze of production overridden"
    for part in ("By: the-boss", "Reason: It burns", "Freeze: Quarter's end"):
        assert part in said["text"]


def test_what_nobody_describes(project: Project) -> None:
    cluster = connected(project=project)
    event = timeline.record("cluster.expiring", cluster, actor=SYSTEM, status="ready")
    said = content(event)
    assert said["title"] == f"[Shop] Cluster expiring: cluster {cluster.pk}"
    assert "Status: ready" in said["text"]
    assert said["risk"] is None


def test_what_is_gone(project: Project) -> None:
    event = TimelineEvent.objects.create(
        action="release.failed",
        resource_type="release",
        resource_id=10**9,
        project_id=project.pk,
        environment_id=10**9,
        actor="system",
        source="system",
    )
    said = content(event)
    assert (said["title"], said["environment"]) == (
        "[Shop] Release failed: release 1000000000",
        None,
    )
