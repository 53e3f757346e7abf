"""`?q=`: tickets by number, title and names."""

from __future__ import annotations

import pytest

from approvals import handling
from approvals.models import ApprovalInboxItem
from config.core.models import Project
from tests.approvals.test_inbox import ApiOf, tickets
from tests.callers import Api
from tests.factories.approvals import ticket
from tests.factories.core import AdminFactory, ProjectFactory, UserFactory, acting, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make(name="Lighthouse")


@pytest.fixture
def caller(api: ApiOf) -> Api:
    return api(AdminFactory.make())


@pytest.fixture
def found(project: Project) -> ApprovalInboxItem:
    """The ticket that is looked for; beside it is another."""
    ticket(ProjectFactory.make(name="Harbour"), requester=UserFactory.make(username="somebody"))
    requester = UserFactory.make(username="asks-for-things")
    item = ticket(project, requester=requester, title="Install qx_50%\\ on the Vm, Größe A1")
    approver = member(project, "approver", username="decides-soon")
    handling.assign(item, actor=acting(approver), user=approver)
    ApprovalInboxItem.objects.filter(pk=item.pk).update(legacy_reference="CHG-77")
    return item


@pytest.mark.parametrize(
    "text",
    [
        "install",
        "qx_50%\\ on",
        "röße",
        "vm",  # where a word begins
        "a1",
        "the V",
        "lightHOUSE",
        "asks-FOR",
        "decides",
        "CHG-77",
    ],
)
def test_what_a_ticket_is_found_by(caller: Api, found: ApprovalInboxItem, text: str) -> None:
    assert tickets(caller, q=text) == [found.ticket]


def test_by_its_number(caller: Api, found: ApprovalInboxItem) -> None:
    for text in (found.ticket, found.ticket.lower(), f" {found.ticket} ", f"{found.pk:06}"):
        assert tickets(caller, q=text) == [found.ticket], text


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "_",
        "\\",
        "%%%",
        "i_stall",  # no wildcard
        "in%all",
        "\\%",
        "'; DROP TABLE core_user --",
        "9" * 30,
        "APR-",
        "\u0661\u0662",
        "\U0001f6a2",
        "x" * 500,
        "(((",
        "*:*",
        "zq",
    ],
)
@pytest.mark.usefixtures("found")
def test_what_finds_nothing(caller: Api, text: str) -> None:
    assert tickets(caller, q=text) == []


def test_a_null_character_is_refused(caller: Api) -> None:
    caller.get("/approvals/inbox", q="a\0b").refused(400, "validation_error")


def test_a_search_finds_no_more_than_the_caller_may_read(
    api: ApiOf, project: Project, found: ApprovalInboxItem
) -> None:
    assert tickets(api(member(project, "viewer")), q="install") == [found.ticket]
    for text in ("install", found.ticket, "lighthouse", "asks-for-things"):
        assert tickets(api(UserFactory.make()), q=text) == [], text


def test_frequent_words_too(caller: Api, project: Project) -> None:
    """More than are looked up by number."""
    made = [ticket(project, title=f"Restart part {n}").ticket for n in range(52)]
    assert tickets(caller, q="restart", limit=100) == made[::-1]
