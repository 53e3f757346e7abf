"""The timeline: append-only in the database, closed to unknown actions, scoped to readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from config.core import timeline
from config.core.errors import PermissionDenied
from config.core.models import TimelineEvent, User
from config.core.timeline import ACTIONS, SYSTEM
from tests.callers import Api
from tests.factories.core import AdminFactory, ProjectFactory, UserFactory, acting, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]


@pytest.fixture
def event() -> TimelineEvent:
    return timeline.record("auth.login", UserFactory.make(), actor=SYSTEM)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: TimelineEvent.objects.filter(pk=event.pk).update(actor="somebody else"),
        lambda event: TimelineEvent.objects.filter(pk=event.pk).delete(),
        lambda event: event.save(),
        lambda event: event.delete(),
    ],
)
def test_the_database_refuses_to_change_or_delete(
    event: TimelineEvent, change: Callable[[TimelineEvent], object]
) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(event)
    assert TimelineEvent.objects.get(pk=event.pk).actor == "system"


@pytest.mark.parametrize("action", ["release.exploded", "release", "", "Release.applied"])
def test_an_action_that_is_not_in_the_contract(action: str) -> None:
    with pytest.raises(ValueError, match="not an action"):
        timeline.record(action, UserFactory.make(), actor=SYSTEM)
    assert not TimelineEvent.objects.exists()


def test_the_actions_are_the_contracts() -> None:
    assert len(ACTIONS) == 47
    assert {"release.rollback_requested", "approval.escalated", "node.host_key_changed"} <= ACTIONS
    assert {"environment.vip_failed", "break_glass.used", "cluster.expiring"} <= ACTIONS


def test_the_system_asks_for_nothing() -> None:
    with pytest.raises(PermissionDenied):
        _ = SYSTEM.person


def test_readers_see_their_projects_and_admins_the_platforms(api: ApiOf) -> None:
    ours, theirs = ProjectFactory.make(), ProjectFactory.make()
    viewer = member(ours, "viewer")
    member(theirs, "viewer")
    timeline.record("auth.login", viewer, actor=acting(viewer))
    seen = api(viewer).get("/events").results
    assert {event["project_id"] for event in seen} == {ours.pk}
    assert api(UserFactory.make()).get("/events").results == []
    everything = api(AdminFactory.make()).get("/events").results
    assert {event["project_id"] for event in everything} == {ours.pk, theirs.pk, None}
    assert [event["seq"] for event in everything] == sorted(
        (event["seq"] for event in everything), reverse=True
    )


def test_an_event_has_the_contracts_fields(api: ApiOf) -> None:
    viewer = member(ProjectFactory.make(), "viewer")
    [event] = api(viewer).get("/events").results
    assert set(event) == {
        "event_id",
        "seq",
        "action",
        "resource_type",
        "resource_id",
        "project_id",
        "team_id",
        "environment_id",
        "actor_id",
        "actor",
        "source",
        "status",
        "occurred_at",
        "correlation_id",
        "detail",
    }
    assert (event["action"], event["resource_type"]) == ("role.granted", "role")


def test_filters(api: ApiOf) -> None:
    project, admin = ProjectFactory.make(), AdminFactory.make()
    user = member(project, "viewer")
    timeline.record("auth.login", user, actor=acting(user))
    caller = api(admin)

    def actions(**query: object) -> list[str]:
        return [event["action"] for event in caller.get("/events", **query).results]

    assert actions() == ["auth.login", "role.granted"]
    assert actions(action="auth.login") == ["auth.login"]
    assert actions(project=project.pk) == ["role.granted"]
    assert actions(actor=user.username) == ["auth.login"]
    assert actions(resource_type="user", resource_id=user.pk) == ["auth.login"]
    assert actions(resource_type="user", resource_id=user.pk + 1) == []
    assert actions(since=(timezone.now() + timedelta(minutes=1)).isoformat()) == []
    assert len(actions(since=(timezone.now() - timedelta(minutes=1)).isoformat())) == 2
    caller.get("/events", since="yesterday").refused(400, "validation_error")
