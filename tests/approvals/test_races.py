"""Many people at one ticket at the same time, on PostgreSQL: what counts, counts once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from approvals import asking
from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from approvals.tasks import keep_time
from config.core import threads
from config.core.models import Project, TimelineEvent, User
from tests.approvals.recording_subject import RecordingSubject
from tests.callers import Answer, Api
from tests.factories.approvals import PolicyFactory, request_of, ticket
from tests.factories.core import ProjectFactory, UserFactory, acting, grant, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("postgresql")]
SUCCESS = (200, "")
DECIDED = (409, "approval_already_decided")


@pytest.fixture
def project() -> Project:
    found = ProjectFactory.make()
    PolicyFactory.make(project=found, tier="production", required_approvals=3)
    return found


def at_once(calls: list[Callable[[], Answer]]) -> Counter[tuple[int, str]]:
    """How often each answer came: (status, the error's code)."""
    start = threading.Barrier(len(calls))

    def call(one: Callable[[], Answer]) -> tuple[int, str]:
        start.wait(60)
        answer = one()
        return answer.status, answer.code if answer.status >= 400 else ""

    return Counter(threads.each(call, calls))


def deciding(user: User, item: ApprovalInboxItem, verb: str) -> Callable[[], Answer]:
    caller = Api(user)
    path = f"/approvals/inbox/{item.ticket}/{verb}"
    return lambda: caller.post(path, {"comment": "Now"})


def events() -> Counter[str]:
    rows = TimelineEvent.objects.filter(action__startswith="approval.")
    found = Counter(rows.values_list("action", flat=True))
    del found["approval.created"]
    return found


def test_twenty_reviewers_and_three_needed(project: Project, subject: RecordingSubject) -> None:
    item = ticket(project)
    reviewers = [member(project, "approver") for _ in range(20)]
    assert at_once([deciding(user, item, "approve") for user in reviewers]) == {
        SUCCESS: 3,
        DECIDED: 17,
    }
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == ("approved", 3)
    votes = ApprovalInboxAction.objects.filter(verb="approved")
    assert votes.values("actor").distinct().count() == votes.count() == 3
    assert events() == {"approval.approved": 3}
    assert [told[0] for told in subject.told] == ["approved"]


def test_one_reviewer_twenty_times(project: Project, subject: RecordingSubject) -> None:
    item, user = ticket(project), member(project, "approver")
    assert at_once([deciding(user, item, "approve") for _ in range(20)]) == {
        SUCCESS: 1,
        DECIDED: 19,
    }
    item.refresh_from_db()
    assert (item.status, item.approvals_count) == ("pending", 1)
    assert subject.told == []


def test_a_person_and_their_bots_are_one_vote(project: Project) -> None:
    item, owner = ticket(project), member(project, "approver")
    bots = [UserFactory.make(is_bot=True, owner=owner) for _ in range(5)]
    for bot in bots:
        grant(bot, "approver", project)
    assert at_once([deciding(user, item, "approve") for user in (owner, *bots)]) == {
        SUCCESS: 1,
        DECIDED: 5,
    }


def test_yes_no_withdrawn_and_the_glass_broken(subject: RecordingSubject) -> None:
    project = ProjectFactory.make()
    requester = member(project, "engineer")
    item = ticket(project, requester=requester)
    calls = [deciding(member(project, "approver"), item, "approve") for _ in range(5)]
    calls += [deciding(member(project, "approver"), item, "reject") for _ in range(5)]
    calls += [deciding(requester, item, "cancel") for _ in range(3)]
    rescuer = Api(member(project, "break_glass"))
    path = f"/approvals/inbox/{item.ticket}/break-glass"
    calls += [lambda: rescuer.post(path, {"reason": "Outage"})] * 3
    assert at_once(calls) == {SUCCESS: 1, DECIDED: 15}
    assert sum(events().values()) == 1
    assert len(subject.told) == 1


def test_the_clock_against_the_last_vote(subject: RecordingSubject) -> None:
    for _ in range(10):
        item = ticket()
        soon = timezone.now() + timedelta(milliseconds=60)
        ApprovalInboxItem.objects.filter(pk=item.pk).update(expires_at=soon)
        voter = deciding(member(item.project, "approver"), item, "approve")
        late = threading.Timer(0.06, keep_time)
        late.start()
        answer = voter()
        late.join()
        keep_time()
        item.refresh_from_db()
        expected = {200: "approved", 409: "expired"}
        assert item.status == expected[answer.status]
        Project.objects.filter(pk=item.project_id).update(name=f"Project {item.pk} is done")
    assert len(subject.told) == 10


def test_five_clocks_remind_once(project: Project) -> None:
    item = ticket(project)
    past = timezone.now() - timedelta(seconds=1)
    ApprovalInboxItem.objects.filter(pk=item.pk).update(remind_at=past, escalate_at=past)
    threads.each(lambda _: keep_time(), range(5))
    assert events() == {"approval.reminded": 1, "approval.escalated": 1}
    item.refresh_from_db()
    assert item.priority == "P1"


def test_ten_doors_one_ticket(project: Project) -> None:
    wanted = request_of(project)
    start = threading.Barrier(10)

    def ask(source: str) -> int | None:
        start.wait(60)
        item = asking.ask(wanted, actor=acting(requester, source))
        return item.pk if item else None

    requester = UserFactory.make()
    doors = ["ui", "api", "ai", "system", "api"] * 2
    assert len(set(threads.each(ask, doors))) == 1
    assert ApprovalInboxItem.objects.count() == 1
    assert TimelineEvent.objects.filter(action="approval.created").count() == 1


def test_one_bulk_against_another(subject: RecordingSubject) -> None:
    project = ProjectFactory.make()
    items = [ticket(project) for _ in range(10)]
    names = [item.ticket for item in items]
    first, second = Api(member(project, "approver")), Api(member(project, "approver"))
    body = {"decision": "approve", "comment": ""}
    answers = threads.each(
        lambda pair: pair[0].post("/approvals/inbox/bulk", body | {"tickets": pair[1]}).ok(),
        [(first, names), (second, names[::-1])],
    )
    done = [row["ok"] for answer in answers for row in answer["results"]]
    assert done.count(True) == 10
    assert len(subject.told) == 10
