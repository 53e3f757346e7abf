"""Members of teams come and go in the admin site; and every bot has somebody who answers for it."""

from __future__ import annotations

import pytest

from config.core.models import User
from tests.callers import Api
from tests.factories.core import AdminFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_members_are_changed() -> None:
    team = TeamFactory.make()
    leaves, stays, comes = (UserFactory.make() for _ in range(3))
    gone = UserFactory.make(is_active=False)
    team.user_set.set([leaves, stays, gone])
    browser = Api(AdminFactory.make()).client
    path = f"/admin/core/team/{team.pk}/change/"
    assert f'value="{stays.pk}" selected' in browser.get(path).content.decode()
    form = {"name": team.name, "slug": team.slug, "members": [stays.pk, comes.pk]}
    assert browser.post(path, form).status_code == 302
    assert set(team.user_set.all()) == {stays, comes, gone}


def test_a_team_is_made_with_its_members() -> None:
    member = UserFactory.make()
    form = {"name": "Reviewers", "slug": "reviewers", "members": [member.pk]}
    assert Api(AdminFactory.make()).client.post("/admin/core/team/add/", form).status_code == 302
    assert member.groups.get().name == "Reviewers"


def test_who_makes_a_bot_answers_for_it() -> None:
    admin, owner = AdminFactory.make(), UserFactory.make()
    caller = Api(admin)
    caller.post("/users", {"username": "alone", "is_bot": True}).ok(201)
    caller.post("/users", {"username": "owned", "is_bot": True, "owner_id": owner.pk}).ok(201)
    owners = dict(User.objects.filter(is_bot=True).values_list("username", "owner"))
    assert owners == {"alone": admin.pk, "owned": owner.pk}
