"""The admin site's forms for policies and freezes go through the same rules as the API."""

from __future__ import annotations

import pytest
from django.test import Client

from approvals.models import ApprovalPolicy
from config.core.models import TimelineEvent
from tests.approvals.test_effective import everyones
from tests.callers import Api
from tests.factories.core import AdminFactory

pytestmark = pytest.mark.django_db
PATH = "/admin/approvals/approvalpolicy"


@pytest.fixture
def browser() -> Client:
    return Api(AdminFactory.make()).client


def form(**fields: object) -> dict[str, object]:
    default = {"tier": "production", "action": "apply", "expires_minutes": 30, "priority": "P2"}
    return default | {"prevent_self_approval": "on", "enabled": "on"} | fields


def test_what_a_rule_refuses_is_said_and_nothing_changes(browser: Client) -> None:
    policy = everyones()
    page = browser.post(
        f"{PATH}/{policy.pk}/change/", form(required_approvals=7), follow=True
    ).content.decode()
    assert "Nobody could satisfy this: 1 people may review in any project." in page
    assert "was changed successfully" not in page
    policy.refresh_from_db()
    assert policy.required_approvals == 1
    assert not TimelineEvent.objects.filter(action="policy.changed").exists()


def test_a_change_and_a_deletion_are_told(browser: Client) -> None:
    policy = everyones()
    browser.post(f"{PATH}/{policy.pk}/change/", form(required_approvals=1, priority="P0"))
    policy.refresh_from_db()
    assert policy.priority == "P0"
    browser.post(f"{PATH}/{policy.pk}/delete/", {"post": "yes"})
    assert not ApprovalPolicy.objects.filter(pk=policy.pk).exists()
    assert TimelineEvent.objects.filter(action="policy.changed").count() == 2
