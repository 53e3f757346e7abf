"""The way past the votes in an emergency: a right of its own, a reason, and everybody knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals.models import ApprovalInboxAction
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import Broken, RecordingSubject
from tests.callers import Api
from tests.factories.approvals import FreezeFactory, PolicyFactory, overdue, ticket
from tests.factories.core import AdminFactory, BotFactory, ProjectFactory, grant, member, token_for

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
REASON = {"reason": "The shop is down, nobody else is awake"}


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make()


@pytest.fixture
def rescuer(project: Project) -> User:
    return member(project, "break_glass")


def path(item: object, verb: str = "/break-glass") -> str:
    return f"/approvals/inbox/{item.ticket}{verb}"  # type: ignore[attr-defined]


def test_it_approves_without_the_votes_and_says_so(
    api: ApiOf, project: Project, rescuer: User, subject: RecordingSubject
) -> None:
    PolicyFactory.make(project=project, tier="production", required_approvals=2, auto_apply=False)
    item = ticket(project)
    body = api(rescuer).post(path(item), REASON).ok()
    assert (body["status"], body["broke_glass"]) == ("approved", True)
    assert (body["approvals_count"], body["required_approvals"]) == (0, 2)
    assert body["actions"][-1]["verb"] == "broke_glass"
    assert body["actions"][-1]["comment"] == REASON["reason"]
    [approval] = subject.approvals
    assert approval.start_after is not None
    event = TimelineEvent.objects.get(action="break_glass.used")
    assert (event.actor_id, event.resource_type, event.resource_id) == (
        rescuer.pk,
        "approval",
        item.pk,
    )
    told = {"ticket": item.ticket, "title": item.title, "votes": 0, "required": 2}
    assert event.detail == told | REASON
    approved = TimelineEvent.objects.get(action="approval.approved")
    assert approved.detail["broke_glass"] is True
    assert not ApprovalInboxAction.objects.filter(verb="approved").exists()


def test_also_for_what_one_asked_for_oneself(api: ApiOf, project: Project, rescuer: User) -> None:
    item = ticket(project, requester=rescuer)
    assert api(rescuer).get(path(item, "")).ok()["may_break_glass"] is True
    api(rescuer).post(path(item), REASON).ok()


@pytest.mark.parametrize("role", ["viewer", "engineer", "approver", "project_admin"])
def test_no_other_role_has_the_right(api: ApiOf, project: Project, role: str) -> None:
    caller = api(member(project, role))
    item = ticket(project)
    assert caller.get(path(item, "")).ok()["may_break_glass"] is False
    caller.post(path(item), REASON).refused(403, "permission_denied")


def test_its_role_neither_votes_nor_goes_to_bots(api: ApiOf, project: Project) -> None:
    item, bot = ticket(project), BotFactory.make()
    grant(bot, "break_glass", project)
    api(bot).post(path(item), REASON).refused(403, "permission_denied")
    api(bot.owner).get(path(item, "")).refused(404, "not_found")
    rescuer = member(project, "break_glass")
    api(rescuer).post(path(item, "/approve")).refused(403, "permission_denied")


def test_only_platform_admins_give_the_role(api: ApiOf, project: Project) -> None:
    user = member(project, "project_admin")
    body = {"role": "break_glass", "user_id": user.pk}
    roles = f"/projects/{project.pk}/roles"
    api(user).post(roles, body).refused(403, "permission_denied")
    api(AdminFactory.make()).post(roles, body).ok(201)


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": "  \n"}])
def test_it_takes_a_reason(
    api: ApiOf, project: Project, rescuer: User, reason: dict[str, str]
) -> None:
    data = api(rescuer).post(path(ticket(project)), reason).refused(400, "validation_error")
    assert "reason" in data["fields"]
    assert not TimelineEvent.objects.filter(action="break_glass.used").exists()


def test_it_goes_through_a_freeze(
    api: ApiOf, project: Project, rescuer: User, subject: RecordingSubject
) -> None:
    FreezeFactory.make(project=project)
    api(rescuer).post(path(ticket(project)), REASON).ok()
    assert subject.approvals[0].freeze_override == REASON["reason"]


def test_not_for_what_is_over_or_has_changed(
    api: ApiOf, project: Project, rescuer: User, subject: RecordingSubject
) -> None:
    caller = api(rescuer)
    late = overdue(ticket(project))
    caller.post(path(late), REASON).refused(409, "approval_ticket_expired")
    decided = ticket(project)
    caller.post(path(decided), REASON).ok()
    caller.post(path(decided), REASON).refused(409, "approval_already_decided")
    moved = ticket(project)
    subject.mismatches[project.pk] = ["target_changed"]
    caller.post(path(moved), REASON).refused(409, "preview_mismatch")


def test_all_or_nothing(project: Project, rescuer: User, subject: RecordingSubject) -> None:
    item = ticket(project)
    subject.broken = True
    with pytest.raises(Broken):
        Api(rescuer).post(path(item), REASON)
    item.refresh_from_db()
    assert (item.status, item.broke_glass) == ("pending", False)
    assert not TimelineEvent.objects.filter(action="break_glass.used").exists()


def test_it_is_counted(api: ApiOf, project: Project, rescuer: User) -> None:
    caller = api(rescuer)
    plain, broken = ticket(project), ticket(project)
    caller.post(path(broken), REASON).ok()
    assert caller.get("/approvals/inbox/summary").ok()["break_glass"] == 1
    found = caller.get("/approvals/inbox", break_glass="true").results
    assert [row["ticket"] for row in found] == [broken.ticket]
    others = caller.get("/approvals/inbox", break_glass="false").results
    assert [row["ticket"] for row in others] == [plain.ticket]


def test_not_with_a_token_for_one_project(project: Project) -> None:
    caller = Api(token=token_for(AdminFactory.make(), project=project))
    caller.post(path(ticket(project)), REASON).refused(403, "permission_denied")
