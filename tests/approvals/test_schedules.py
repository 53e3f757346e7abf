"""When what is approved starts: at once, from `apply_at` on, and not in a freeze without a
reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from approvals.models import ApprovalInboxItem
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import RecordingSubject
from tests.callers import Api
from tests.factories.approvals import FreezeFactory, PolicyFactory, ticket
from tests.factories.core import ProjectFactory, grant, member

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
HOUR = timedelta(hours=1)


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def approver(project: Project) -> User:
    return member(project, "approver")


def approve(item: object) -> str:
    return f"/approvals/inbox/{item.ticket}/approve"  # type: ignore[attr-defined]


def at(moment: datetime) -> dict[str, str]:
    return {"apply_at": moment.isoformat()}


def test_it_starts_when_the_approver_says(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    moment = timezone.now().replace(microsecond=0) + 5 * HOUR
    body = api(approver).post(approve(ticket(project)), at(moment)).ok()
    assert datetime.fromisoformat(body["apply_at"]) == moment
    assert subject.approvals[0].start_after == moment


def test_of_several_approvers_the_latest_moment_counts(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=3)
    item, moment = ticket(project), timezone.now() + 5 * HOUR
    api(approver).post(approve(item), at(moment)).ok()
    api(member(project, "approver")).post(approve(item), at(moment - HOUR)).ok()
    api(member(project, "approver")).post(approve(item)).ok()
    assert subject.approvals[0].start_after == moment


@pytest.mark.parametrize("offset", [timedelta(minutes=-5), timedelta(days=366)])
def test_a_moment_that_is_none(
    api: ApiOf, project: Project, approver: User, offset: timedelta
) -> None:
    refused = api(approver).post(approve(ticket(project)), at(timezone.now() + offset))
    assert "apply_at" in refused.refused(400, "validation_error")["fields"]


def test_now_is_in_a_freeze(api: ApiOf, project: Project, approver: User) -> None:
    freeze = FreezeFactory.make(project=project)
    item = ticket(project)
    data = api(approver).post(approve(item)).refused(409, "freeze_active")
    assert data["freeze"]["id"] == freeze.pk
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == ("pending", 0)
    after = datetime.fromisoformat(data["freeze"]["ends_at"])
    assert api(approver).post(approve(item), at(after)).ok()["status"] == "approved"


def test_a_moment_in_a_freeze_to_come(api: ApiOf, project: Project, approver: User) -> None:
    day = timezone.now() + 24 * HOUR
    FreezeFactory.make(project=project, starts_at=day, ends_at=day + 2 * HOUR)
    item = ticket(project)
    api(approver).post(approve(item), at(day + HOUR)).refused(409, "freeze_active")
    api(approver).post(approve(item), at(day + 2 * HOUR)).ok()


def test_weekly_hours_in_their_time_zone(api: ApiOf, project: Project, approver: User) -> None:
    every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = {"days": every, "start": "00:00", "end": "12:00", "time_zone": "Asia/Kolkata"}
    FreezeFactory.make(project=project, weekly=[hours])
    tomorrow = (timezone.now() + 24 * HOUR).replace(hour=6, minute=29, second=0, microsecond=0)
    item = ticket(project)  # noon in Kolkata is 06:30 UTC
    api(approver).post(approve(item), at(tomorrow)).refused(409, "freeze_active")
    api(approver).post(approve(item), at(tomorrow + timedelta(minutes=1))).ok()


def test_an_override_takes_the_right_and_a_reason(
    api: ApiOf, project: Project, approver: User, subject: RecordingSubject
) -> None:
    FreezeFactory.make(project=project)
    item = ticket(project)
    body = {"freeze_override": "A fix for the outage"}
    api(approver).post(approve(item), body).refused(403, "permission_denied")
    grant(approver, "project_admin", project)
    api(approver).post(approve(item), {"freeze_override": " "}).refused(409, "freeze_active")
    answer = api(approver).post(approve(item), body).ok()
    assert (answer["status"], answer["freeze_override"]) == ("approved", "A fix for the outage")
    assert subject.approvals[0].freeze_override == "A fix for the outage"
    event = TimelineEvent.objects.get(action="break_glass.used")
    assert event.detail["reason"] == "A fix for the outage"


def test_what_was_asked_for_with_an_override_needs_no_second_one(
    api: ApiOf, project: Project, approver: User
) -> None:
    FreezeFactory.make(project=project)
    item = ticket(project, freeze_override="The outage")
    assert api(approver).post(approve(item)).ok()["freeze_override"] == "The outage"


def test_a_rollback_goes_through_freezes(api: ApiOf, project: Project, approver: User) -> None:
    FreezeFactory.make(project=project)
    api(approver).post(approve(ticket(project, action="rollback"))).ok()


def test_another_tiers_and_projects_freezes_do_not_count(
    api: ApiOf, project: Project, approver: User
) -> None:
    FreezeFactory.make(project=project, tier="staging")
    FreezeFactory.make(project=ProjectFactory.make())
    api(approver).post(approve(ticket(project))).ok()


def test_an_early_vote_in_a_freeze_is_no_start(
    api: ApiOf, project: Project, approver: User
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    freeze = FreezeFactory.make(project=project)
    item = ticket(project)
    api(approver).post(approve(item)).ok()
    second = api(member(project, "approver"))
    second.post(approve(item)).refused(409, "freeze_active")
    freeze.delete()
    second.post(approve(item)).ok()


def test_an_override_is_for_the_freeze_it_was_given_for(api: ApiOf, project: Project) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    now = timezone.now()
    FreezeFactory.make(project=project, starts_at=now, ends_at=now + HOUR)
    FreezeFactory.make(project=project, starts_at=now + 240 * HOUR, ends_at=now + 250 * HOUR)
    item, boss = ticket(project), api(member(project, "project_admin"))
    boss.post(approve(item), {"freeze_override": "The outage"} | at(now + HOUR / 2)).ok()
    second = api(member(project, "approver"))
    second.post(approve(item), at(now + 245 * HOUR)).refused(409, "freeze_active")
    second.post(approve(item)).ok()


@pytest.mark.parametrize(("frozen", "status"), [((-5, 60), 409), ((-15, -5), 200)])
def test_a_moment_that_has_passed_is_now(
    api: ApiOf, project: Project, approver: User, frozen: tuple[int, int], status: int
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2)
    item, now = ticket(project), timezone.now()
    api(approver).post(approve(item), at(now + HOUR)).ok()
    ApprovalInboxItem.objects.update(apply_at=now - timedelta(minutes=10))
    start, end = (now + timedelta(minutes=minutes) for minutes in frozen)
    FreezeFactory.make(project=project, starts_at=start, ends_at=end)
    assert api(member(project, "approver")).post(approve(item)).status == status


def test_what_waits_for_one_more_apply_takes_no_moment(
    api: ApiOf, project: Project, approver: User
) -> None:
    PolicyFactory.make(project=project, tier="production", auto_apply=False)
    refused = api(approver).post(approve(ticket(project)), at(timezone.now() + HOUR))
    assert "apply_at" in refused.refused(400, "validation_error")["fields"]
