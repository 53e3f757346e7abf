"""`?q=`: tickets by number, words of the title, and names."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from approvals import handling, inbox, words
from approvals.models import ApprovalInboxItem, ItemWord, TitleWord
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
        "50",  # a word is also what follows a sign
        "50%\\ on",
        "GRÖSSE",
        "inst",  # as one begins
        "vm",
        "a1",
        "the V",
        "größe install",  # in any order
        "(install)",
        "install " * 20,
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
        "nstall",  # not where a word begins
        "install nothing",
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
    made = [ticket(project, title=f"Restart part {n}").ticket for n in range(52)]
    assert tickets(caller, q="restart", limit=100) == made[::-1]


@pytest.mark.parametrize("few", [0, 1000])
def test_names_beside_titles(
    caller: Api, project: Project, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether or not more have it in the title than are looked up by number."""
    monkeypatch.setattr(inbox, "FEW", few)
    titled = ticket(title="Restart the lighthouse keeper")
    elsewhere = ticket(title="Restart the keeper")
    inside = ticket(project)
    assert tickets(caller, q="lighthouse") == [inside.ticket, titled.ticket]
    assert tickets(caller, q="keeper the") == [elsewhere.ticket, titled.ticket]
    assert tickets(caller, q=inside.ticket) == [inside.ticket]


def test_a_beginning_of_many_words(
    caller: Api, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "NAMED", 2)
    made = [ticket(project, title=f"Restart part-{n}").ticket for n in range(4)]
    ticket(project, title="Restart something else")
    assert tickets(caller, q="part restart") == made[::-1]


def test_words_are_kept_once() -> None:
    words.remember({ticket().pk: "Again again" for _ in range(2)})
    assert TitleWord.objects.filter(text="again").count() == 1


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Release service-77.1", {"release", "service-77.1", "77.1", "1"}),
        ("(Größe), _x_ — !", {"grösse", "x"}),
        ("x" * 300, {"x" * 64}),
        ("", set()),
    ],
)
def test_words_of_a_title(title: str, found: set[str]) -> None:
    assert words.words_of(title) == found


@pytest.mark.django_db(transaction=True)  # SQLite alters no table inside one
def test_the_migration_finds_the_words_of_older_tickets() -> None:
    migration = import_module("approvals.migrations.0008_words_of_titles")
    item = ticket(title="Release service-77")
    ItemWord.objects.all().delete()
    TitleWord.objects.all().delete()
    with connection.schema_editor(atomic=False) as editor:  # the tables have their constraints here
        migration.remember_titles(apps, editor)
    found = ItemWord.objects.filter(item=item).values_list("word__text", flat=True)
    assert set(found) == {"release", "service-77", "77"}
