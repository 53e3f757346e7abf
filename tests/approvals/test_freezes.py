"""`/approvals/freezes`: whose they are, what they may say, and that changing them is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import freezes
from approvals.models import FreezeWindow
from config.core.errors import FreezeActive, PermissionDenied
from config.core.models import Project, TimelineEvent, User
from config.core.timeline import SYSTEM
from tests.callers import Api
from tests.factories.approvals import FreezeFactory
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    UserFactory,
    acting,
    grant,
    member,
)

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]

PATH = "/approvals/freezes"
NIGHTS = {"days": ["mon"], "start": "18:00", "end": "08:00", "time_zone": "Europe/Berlin"}
ONCE = {"starts_at": "2026-12-24T12:00:00Z", "ends_at": "2026-12-27T00:00:00Z"}


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


def body(**fields: Any) -> dict[str, Any]:
    return {"tier": "production", "reason": "Holidays", **fields}


def test_everyone_reads_those_for_all_and_those_of_their_projects(
    api: ApiOf, project: Project
) -> None:
    everyones = FreezeFactory.make()
    own, hidden = (
        FreezeFactory.make(project=project),
        FreezeFactory.make(project=ProjectFactory.make()),
    )
    seen = [row["id"] for row in api(member(project, "viewer")).get(PATH).results]
    assert seen == [own.pk, everyones.pk]
    assert hidden.pk not in seen
    assert [row["id"] for row in api(UserFactory.make()).get(PATH).results] == [everyones.pk]


def test_a_projects_admin_makes_changes_and_deletes_its_freezes(
    api: ApiOf, project: Project
) -> None:
    caller = api(member(project, "project_admin"))
    made = caller.post(PATH, body(project_id=project.pk, **ONCE)).ok(201)
    assert made.pop("created_at")
    assert made == {
        "id": made["id"],
        "project_id": project.pk,
        "tier": "production",
        "reason": "Holidays",
        "weekly": [],
        "enabled": True,
        **ONCE,
    }
    path = f"{PATH}/{made['id']}"
    weekly = {"starts_at": None, "ends_at": None, "weekly": [NIGHTS]}
    changed = caller.patch(path, weekly).ok()
    assert {name: changed[name] for name in weekly} == weekly
    assert caller.patch(path, {"enabled": False}).ok()["weekly"] == [NIGHTS]
    caller.delete(path).ok(204)
    assert not FreezeWindow.objects.exists()
    events = TimelineEvent.objects.filter(action="freeze.changed", project_id=project.pk)
    told = [event.detail for event in events.order_by("seq")]
    assert [detail["starts_at"] for detail in told] == [ONCE["starts_at"], None, None, None]
    assert [detail["enabled"] for detail in told] == [True, True, False, False]
    assert [detail.get("deleted") for detail in told] == [None, None, None, True]
    assert told[1]["weekly"] == [NIGHTS]


def test_those_for_all_are_the_platform_admins(api: ApiOf, project: Project) -> None:
    everyones = FreezeFactory.make()
    path = f"{PATH}/{everyones.pk}"
    for caller in (api(member(project, "project_admin")), api(UserFactory.make())):
        caller.patch(path, {"enabled": False}).refused(403, "permission_denied")
        caller.delete(path).refused(403, "permission_denied")
        caller.post(PATH, body(**ONCE)).refused(403, "permission_denied")
    assert not TimelineEvent.objects.filter(action="freeze.changed").exists()
    admin = api(AdminFactory.make())
    assert admin.patch(path, {"enabled": False}).ok()["enabled"] is False
    assert admin.post(PATH, body(**ONCE)).ok(201)["project_id"] is None


def test_who_manages_one_project_takes_no_freeze_over_from_another(
    api: ApiOf, project: Project
) -> None:
    user = member(project, "viewer")
    own = ProjectFactory.make()
    grant(user, "project_admin", own)
    for freeze in (FreezeFactory.make(project=project), FreezeFactory.make()):
        answer = api(user).patch(f"{PATH}/{freeze.pk}", {"project_id": own.pk})
        answer.refused(403, "permission_denied")
        project_id = freeze.project_id
        freeze.refresh_from_db()
        assert freeze.project_id == project_id
    mine = FreezeFactory.make(project=own)
    for elsewhere, status, code in (
        (project.pk, 403, "permission_denied"),
        (None, 403, "permission_denied"),
        (ProjectFactory.make().pk, 400, "validation_error"),
    ):
        answer = api(user).patch(f"{PATH}/{mine.pk}", {"project_id": elsewhere})
        answer.refused(status, code)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "weekly"),
        ({**ONCE, "weekly": [NIGHTS]}, "weekly"),
        ({"starts_at": ONCE["starts_at"]}, "ends_at"),
        ({"ends_at": ONCE["ends_at"]}, "starts_at"),
        ({"starts_at": ONCE["ends_at"], "ends_at": ONCE["starts_at"]}, "ends_at"),
        ({"starts_at": ONCE["ends_at"], "ends_at": ONCE["ends_at"]}, "ends_at"),
        ({"weekly": [{**NIGHTS, "time_zone": "Europe/Atlantis"}]}, "weekly"),
        ({"weekly": None}, "weekly"),
        ({**ONCE, "reason": ""}, "reason"),
        ({**ONCE, "tier": "test"}, "tier"),
        ({**ONCE, "until": "then"}, "until"),
    ],
)
def test_it_is_once_or_weekly_and_says_why(
    api: ApiOf, project: Project, fields: dict[str, Any], named: str
) -> None:
    caller = api(member(project, "project_admin"))
    answer = caller.post(PATH, body(project_id=project.pk, **fields) | fields)
    assert list(answer.refused(400, "validation_error")["fields"]) == [named]
    assert not FreezeWindow.objects.exists()


def test_a_change_must_leave_it_whole(api: ApiOf, project: Project) -> None:
    freeze = FreezeFactory.make(project=project, weekly=[NIGHTS])
    caller = api(member(project, "project_admin"))
    changes: list[dict[str, Any]] = [{"weekly": []}, ONCE, {"ends_at": ONCE["ends_at"]}]
    for change in changes:
        caller.patch(f"{PATH}/{freeze.pk}", change).refused(400, "validation_error")
    freeze.refresh_from_db()
    assert (freeze.weekly, freeze.ends_at) == ([NIGHTS], None)


# --- the door ----------------------------------------------------------------------------------


def test_an_open_door_asks_nothing(project: Project) -> None:
    nobody = acting(UserFactory.make())
    FreezeFactory.make(tier="staging")
    given = freezes.require_open(project, "production", actor=nobody, override_reason="In case")
    assert given is None
    assert not TimelineEvent.objects.filter(action="break_glass.used").exists()


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_freeze_stops_everyone_and_says_until_when(project: Project, reason: str) -> None:
    freeze = FreezeFactory.make(project=project, ends_at=timezone.now() + timedelta(days=1))
    FreezeFactory.make()
    for user in (AdminFactory.make(), member(project, "engineer"), None):
        actor = acting(user) if user else SYSTEM
        with pytest.raises(FreezeActive) as caught:
            freezes.require_open(project, "production", actor=actor, override_reason=reason)
        end = freeze.ends_at
        assert end is not None
        text = end.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = {"id": freeze.pk, "reason": "Quarter's end", "ends_at": text}
        assert caught.value.data == {"freeze": told}
        assert (caught.value.code, caught.value.http_status) == ("freeze_active", 409)


def test_who_manages_the_project_breaks_the_glass_and_it_is_told(project: Project) -> None:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    always = {"days": days, "start": "00:00", "end": "00:00", "time_zone": "UTC"}
    freeze = FreezeFactory.make(weekly=[always])
    user = member(project, "project_admin")
    passed = freezes.require_open(
        project, "production", actor=acting(user), override_reason=" Outage "
    )
    assert passed == freeze
    event = TimelineEvent.objects.get(action="break_glass.used")
    assert (event.project_id, event.actor_id) == (project.pk, user.pk)
    assert event.detail == {
        "freeze": {"id": freeze.pk, "reason": "Quarter's end", "ends_at": None},
        "tier": "production",
        "reason": "Outage",
    }


@pytest.mark.parametrize("role", ["viewer", "engineer", "approver", "release_bot", None])
def test_nobody_else_does(project: Project, role: str | None) -> None:
    FreezeFactory.make(project=project)
    user = member(project, role) if role else member(ProjectFactory.make(), "project_admin")
    for actor in (acting(user), SYSTEM):
        with pytest.raises(PermissionDenied):
            freezes.require_open(project, "production", actor=actor, override_reason="Outage")
    assert not TimelineEvent.objects.filter(action="break_glass.used").exists()


# --- the admin site ----------------------------------------------------------------------------


def test_the_admin_site_keeps_the_same_rules_and_tells_it_too(project: Project) -> None:
    client = Api(AdminFactory.make()).client
    add = reverse("admin:approvals_freezewindow_add")
    form = {"project": project.pk, "tier": "production", "reason": "Holidays", "enabled": "on"}
    refused = client.post(add, {**form, "weekly": '[{"days": ["mon"]}]'})
    assert "Window 1: it has" in refused.content.decode()
    assert "or weekly windows" in client.post(add, {**form, "weekly": ""}).content.decode()
    times = {
        "starts_at_0": "2026-12-24",
        "starts_at_1": "12:00:00",
        "ends_at_0": "2026-12-27",
        "ends_at_1": "00:00:00",
    }
    assert client.post(add, {**form, **times, "weekly": ""}).status_code == 302
    freeze = FreezeWindow.objects.get()
    assert (freeze.project, freeze.weekly) == (project, [])
    listed = client.get(reverse("admin:approvals_freezewindow_changelist"))
    assert "Holidays" in listed.content.decode()
    action = {"action": "delete_selected", "_selected_action": [freeze.pk], "post": "yes"}
    client.post(reverse("admin:approvals_freezewindow_changelist"), action)
    events = TimelineEvent.objects.filter(action="freeze.changed").order_by("seq")
    assert [event.detail.get("deleted") for event in events] == [None, True]
