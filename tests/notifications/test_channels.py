"""The endpoints of channels: what goes in, what comes out, and what is recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from standardwebhooks.webhooks import Webhook

from config.core.fields import reveal
from config.core.models import Project, TimelineEvent, User
from config.notifications.models import Channel
from tests.callers import Api
from tests.factories.core import ProjectFactory, member
from tests.factories.notifications import ChannelFactory, delivery_to
from tests.notifications.receivers import MailReceiver, WebReceiver
from tests.notifications.working import work_off

pytestmark = pytest.mark.django_db
ApiOf = Callable[[User | None], Api]
HOOK = {
    "name": "hook",
    "kind": "webhook",
    "url": "https://hooks.example.org/T0KEN",
    "events": ["release.failed", "approval.created"],
}


@pytest.fixture
def manager(project: Project, api: ApiOf) -> Api:
    return api(member(project, "project_admin"))


@pytest.fixture
def path(project: Project) -> str:
    return f"/projects/{project.pk}/notifications"


def recorded() -> list[dict[str, object]]:
    rows = TimelineEvent.objects.filter(resource_type="notification_channel").order_by("seq")
    assert {row.action for row in rows} <= {"policy.changed"}
    return [row.detail for row in rows]


def test_made_read_changed_deleted(manager: Api, path: str) -> None:
    made = manager.post(path, HOOK).ok(201)
    shown = {
        "id": made["id"],
        "name": "hook",
        "kind": "webhook",
        "address": "https://hooks.example.org",
        "events": ["approval.created", "release.failed"],
        "enabled": True,
        "created_at": made["created_at"],
    }
    assert made == shown | {"signing_secret": made["signing_secret"]}
    one = f"{path}/{made['id']}"
    assert manager.get(one).ok() == shown
    assert manager.get(path).ok()["results"] == [shown]
    changed = manager.patch(one, {"enabled": False, "events": [], "name": "new"}).ok()
    assert changed == shown | {"enabled": False, "events": [], "name": "new"}
    moved = manager.patch(one, {"url": "https://other.example.org:8443/T0KEN"}).ok()
    assert moved["address"] == "https://other.example.org:8443"
    channel = Channel.objects.get()
    assert reveal(channel, "url").reveal() == "https://other.example.org:8443/T0KEN"
    assert manager.delete(one).status == 204
    manager.get(one).refused(404, "not_found")
    details = recorded()
    assert [detail["name"] for detail in details] == ["hook", "new", "new", "new"]
    assert [detail["address"] for detail in details][2:] == ["https://other.example.org:8443"] * 2
    assert (details[0]["created"], details[-1]["deleted"]) == (True, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://hooks.example.org/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": f"https://{'a' * 400}.example.org/"}, "url"),
        ({"url": "https://x/" + "a" * 2000}, "url"),
        ({"url": "a\0b"}, "url"),
        ({"url": ""}, "url"),
        ({"kind": "apprise", "url": "json://example.org"}, "url"),
        ({"kind": "apprise", "url": "mailto://u:p@example.org?pgppub=/etc/passwd"}, "url"),
        ({"kind": "pigeon"}, "kind"),
        ({"events": ["release.exploded"]}, "events.0"),
        ({"events": ["auth.login"]}, "events.0"),
        ({"events": "release.failed"}, "events"),
        ({"name": "taken"}, "name"),
        ({"name": ""}, "name"),
        ({"signing_secret": "whsec_mine"}, "signing_secret"),
        ({"project": 1}, "project"),
    ],
)
def test_what_is_refused(
    manager: Api, path: str, project: Project, change: dict[str, object], field: str
) -> None:
    ChannelFactory.make(project=project, name="taken")
    refused = manager.post(path, HOOK | change).refused(400, "validation_error")
    assert set(refused["fields"]) == {field}
    assert (Channel.objects.count(), recorded()) == (1, [])


def test_a_change_that_is_refused_changes_nothing(manager: Api, path: str) -> None:
    made = manager.post(path, HOOK).ok(201)
    one = f"{path}/{made['id']}"
    for change in ({"url": "https://[::1]/"}, {"kind": "apprise"}, {"name": None}):
        manager.patch(one, {"enabled": False, **change}).refused(400, "validation_error")
    assert manager.get(one).ok()["enabled"] is True
    assert manager.patch(one, {"name": "hook"}).ok()["name"] == "hook"
    assert len(recorded()) == 2


def test_names_are_a_projects_own(manager: Api, path: str) -> None:
    ChannelFactory.make(project=ProjectFactory.make(), name="hook")
    manager.post(path, HOOK).ok(201)


@pytest.mark.usefixtures("loopback")
def test_the_secret_signs_until_it_is_rotated(manager: Api, path: str, web: WebReceiver) -> None:
    url = f"http://{web.address}/"
    made = manager.post(path, HOOK | {"url": url}).ok(201)
    rotated = manager.post(f"{path}/{made['id']}/rotate").ok()["signing_secret"]
    secrets = [made["signing_secret"], rotated]
    assert len(set(secrets)) == 2
    assert all(secret.startswith("whsec_") for secret in secrets)
    assert manager.post(f"{path}/{made['id']}/test").ok() == {"ok": True, "error": ""}
    [(headers, body)] = web.got
    assert Webhook(rotated).verify(body, headers)["event"] == "test"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(made["signing_secret"]).verify(body, headers)
    assert recorded()[-1]["rotated"] is True


def test_only_webhooks_have_a_secret(manager: Api, path: str) -> None:
    body = HOOK | {"kind": "apprise", "url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"}
    made = manager.post(path, body).ok(201)
    assert (made["signing_secret"], made["address"]) == ("", "slack")
    manager.post(f"{path}/{made['id']}/rotate").refused(400, "validation_error")


@pytest.mark.usefixtures("loopback")
def test_a_channel_is_tried(
    manager: Api, path: str, project: Project, web: WebReceiver, mail: MailReceiver
) -> None:
    url = f"mailto://127.0.0.1:{mail.port}?from=slipway@example.org&to=ops@example.org"
    by_mail = ChannelFactory.make(project=project, kind="apprise", url=url, enabled=False)
    assert manager.post(f"{path}/{by_mail.pk}/test").ok() == {"ok": True, "error": ""}
    assert mail.got[0]["Subject"] == f"[Shop] Test of the channel {by_mail.name}"
    web.answers = [(503, {})]
    hook = ChannelFactory.make(project=project, url=f"http://{web.address}/")
    answer = manager.post(f"{path}/{hook.pk}/test").ok()
    assert answer == {"ok": False, "error": "The receiver answered 503."}


def test_trying_an_address_inside(manager: Api, path: str, project: Project) -> None:
    channel = ChannelFactory.make(project=project, url="https://localhost/")
    answer = manager.post(f"{path}/{channel.pk}/test").ok()
    assert answer["ok"] is False
    assert "not one that notifications may go to" in answer["error"]


def test_deliveries_newest_first(manager: Api, path: str, project: Project) -> None:
    channel = ChannelFactory.make(project=project)
    first, second = delivery_to(channel), delivery_to(channel)
    delivery_to(ChannelFactory.make())
    work_off()
    shown = manager.get(f"{path}/{channel.pk}/deliveries").ok()["results"]
    assert [row["id"] for row in shown] == [second.pk, first.pk]
    assert shown[0]["event"] == "release.failed"
    assert shown[0]["event_id"] == str(second.event.event_id)
    assert shown[0]["delivery_id"] == str(second.delivery_id)
    assert (shown[0]["status"], shown[0]["attempts"]) == ("failed", 1)
    assert "not one that notifications may go to" in shown[0]["last_error"]
    page = manager.get(f"{path}/{channel.pk}/deliveries", limit="1").ok()
    assert len(page["results"]) == 1
    assert page["next"]
    refused = manager.get(f"{path}/{channel.pk}/deliveries", status="sent")
    refused.refused(400, "validation_error")


def test_other_projects_channels_are_not_there(manager: Api, path: str) -> None:
    theirs = ChannelFactory.make()
    for call in ("", "/deliveries"):
        manager.get(f"{path}/{theirs.pk}{call}").refused(404, "not_found")
    manager.post(f"{path}/{theirs.pk}/test").refused(404, "not_found")
    manager.get(f"/projects/{theirs.project_id}/notifications").refused(404, "not_found")
    assert manager.get(path).ok()["results"] == []


def test_deleting_a_channel_takes_its_deliveries(manager: Api, path: str, project: Project) -> None:
    channel = ChannelFactory.make(project=project)
    delivery_to(channel)
    assert manager.delete(f"{path}/{channel.pk}").status == 204
    assert work_off() == []
