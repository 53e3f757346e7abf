"""A token for one project is no admin's, whoever holds it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.models import ApprovalPolicy
from config.core.models import APIToken, User
from tests.callers import Api
from tests.factories.core import AdminFactory, ProjectFactory, UserFactory, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited() -> Api:
    return Api(token=token_for(AdminFactory.make(), project=ProjectFactory.make()))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects", {"name": "Other", "slug": "other"}),
        ("/users", {"username": "somebody"}),
        ("/teams", {"name": "Team", "slug": "team", "members": []}),
    ],
)
def test_nothing_of_the_platforms(limited: Api, path: str, body: dict[str, Any]) -> None:
    limited.post(path, body).refused(403, "permission_denied")


def test_no_policy_for_all_projects(limited: Api) -> None:
    policy = ApprovalPolicy.objects.get(tier="production", action="apply", project=None)
    refused = limited.patch(f"/approvals/policies/{policy.pk}", {"required_approvals": 0})
    refused.refused(403, "permission_denied")
    policy.refresh_from_db()
    assert policy.required_approvals == 1


def test_no_token_of_others(limited: Api) -> None:
    other: User = UserFactory.make()
    token_for(other)
    token = APIToken.objects.get(user=other)
    limited.delete(f"/auth/tokens/{token.pk}").refused(404, "not_found")
    assert APIToken.objects.filter(pk=token.pk).exists()
