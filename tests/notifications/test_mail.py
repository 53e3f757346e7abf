"""Mail and chat by apprise: what arrives, what is refused, and what may be asked of apprise."""

from __future__ import annotations

import pytest

from config.core.models import Project
from config.core.secrets import Secret
from config.notifications.courier.apprise_service import OPTIONS
from config.notifications.models import Channel
from config.notifications.sending import NotSent, look, send
from tests.factories.approvals import ticket
from tests.factories.core import UserFactory
from tests.factories.notifications import ChannelFactory
from tests.notifications.messages import MESSAGE
from tests.notifications.receivers import MailReceiver, WebReceiver
from tests.notifications.working import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(project: Project, mail: MailReceiver) -> Channel:
    url = f"mailto://127.0.0.1:{mail.port}?from=slipway@example.org&to=ops@example.org"
    events = ["approval.created"]
    return ChannelFactory.make(project=project, kind="apprise", url=url, events=events)


@pytest.mark.usefixtures("loopback", "channel")
def test_a_ticket_is_mailed_with_what_it_is_about(project: Project, mail: MailReceiver) -> None:
    requester = UserFactory.make(username="the-engineer")
    item = ticket(project, requester=requester, title="Replace the cart")
    assert work_off() == ["sent"]
    [received] = mail.got
    assert received["To"] == "ops@example.org"
    assert received["Subject"] == "[Shop] Approval needed: Replace the cart"
    text = received.get_content()
    for part in (
        "Project: Shop",
        item.ticket,
        f"Change: Subject {project.pk}",
        "Requested by: the-engineer (api)",
        "Risk: high",
        "- A reason",
        "Changes: 2 create, 1 delete, 4 unchanged",
        f"http://127.0.0.1:8000/inbox/{item.ticket}",
    ):
        assert part in text.replace("\r\n", "\n")


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("refusal", "retry"), [("550 No such user", False), ("450 Busy", True)])
def test_a_mail_server_that_refuses(
    channel: Channel, mail: MailReceiver, refusal: str, *, retry: bool
) -> None:
    mail.refusal = refusal
    with pytest.raises(NotSent) as caught:
        send(channel, MESSAGE)
    assert caught.value.reason == f"The mail server answered {refusal[:3]}."
    assert caught.value.retry is retry


@pytest.mark.usefixtures("loopback")
def test_a_mail_server_that_is_away(project: Project) -> None:
    url = "mailto://127.0.0.1:1?from=slipway@example.org&to=ops@example.org"
    channel = ChannelFactory.make(project=project, kind="apprise", url=url)
    with pytest.raises(NotSent, match=r"can't be reached") as caught:
        send(channel, MESSAGE)
    assert caught.value.retry


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("status", [200, 401, 429, 500])
def test_a_chat_server(project: Project, web: WebReceiver, status: int) -> None:
    url = f"gotify://{web.address}/Atoken-1234567"
    channel = ChannelFactory.make(project=project, kind="apprise", url=url)
    web.answers = [(status, {"Retry-After": "9"})]
    if status == 200:
        send(channel, MESSAGE)
        [body] = web.bodies()
        assert (body["title"], body["message"]) == (MESSAGE.title, MESSAGE.text)
        return
    with pytest.raises(NotSent, match=f"answered {status}") as caught:
        send(channel, MESSAGE)
    assert caught.value.retry is (status != 401)


@pytest.mark.usefixtures("loopback")
def test_a_chat_server_that_answers_but_does_not_take_it(
    project: Project, web: WebReceiver
) -> None:
    url = f"gotify://{web.address}/Atoken-1234567"
    web.answers = [(204, {})]
    with pytest.raises(NotSent, match="did not take the message"):
        send(ChannelFactory.make(project=project, kind="apprise", url=url), MESSAGE)


@pytest.mark.usefixtures("loopback")
def test_a_chat_servers_redirect_is_not_followed(project: Project, web: WebReceiver) -> None:
    inside = WebReceiver()
    try:
        url = f"gotify://{web.address}/Atoken-1234567"
        channel = ChannelFactory.make(project=project, kind="apprise", url=url)
        web.answers = [(307, {"Location": f"http://{inside.address}/"})]
        with pytest.raises(NotSent, match="not followed"):
            send(channel, MESSAGE)
        assert (web.asked, inside.asked) == (1, 0)
    finally:
        inside.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "tgram"),
        ("mailtos://u:pw@example.com?smtp=smtp.example.org&to=a@b.org", "mailtos smtp.example.org"),
        ("mmosts://mm.example.org/3ccdd113474722377935511fc85d3dd4", "mmosts mm.example.org"),
        ("gotifys://push.example.org/Atoken-1234567", "gotifys push.example.org"),
        ("ntfy://a-topic-that-is-a-password", "ntfy"),
        ("ntfys://ntfy.example.org/topic", "ntfys ntfy.example.org"),
        ("workflows://prod.example.org:443/643e69f83c8944/signature", "workflows prod.example.org"),
        ("matrixs://user:pw@matrix.example.org/#room", "matrixs"),
        ("gchat://workspace/key/token", "gchat"),
        ("webex://" + "a" * 80, "webex"),
        ("zulip://bot@org/" + "a" * 32, "zulip"),
        ("rockets://user:pw@rocket.example.org/room", "rockets rocket.example.org"),
        ("pagerduty://" + "a" * 32 + "@" + "b" * 20, "pagerduty"),
        ("opsgenie://" + "a" * 36, "opsgenie"),
        ("pover://" + "u" * 30 + "@" + "a" * 30, "pover"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert look("apprise", Secret(url)) == shown


@pytest.mark.parametrize(
    "url",
    [
        "json://example.org/x",
        "jsons://example.org/x",
        "xml://example.org/x",
        "form://example.org/x",
        "apprise://example.org/token",
        "syslog://",
        "rsyslog://example.org",
        "dbus://",
        "gnome://",
        "file:///etc/passwd",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "slack",
        "",
        "slack://",
        "nothing://example.org",
    ],
)
def test_other_services_are_refused(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        look("apprise", Secret(url))
    assert not caught.value.retry


@pytest.mark.parametrize(
    "option",
    [
        "pgppub=/etc/passwd",
        "pgpprv=/etc/passwd",
        "pgp=sign",
        "wkd=yes",
        "verify=no",
        "redirect=yes",
        "Redirect=yes",
        "+X-Header=a",
        "retry=5",
        "rto=600",
        "store=yes",
        "to=a@b.org;verify=no",
        "to=a@b.org&%76erify=no",
    ],
)
def test_other_options_are_refused(option: str) -> None:
    good = "mailto://u:pw@example.org"
    assert look("apprise", Secret(f"{good}?to=a@b.org")) == "mailto example.org"
    with pytest.raises(NotSent, match="options of mailto are"):
        look("apprise", Secret(f"{good}?{option}"))


@pytest.mark.parametrize(
    "option", ["template=/etc/passwd", "image=yes", "attach=http://x/", ":a=b", "avatar_url=x"]
)
def test_of_no_service_files_and_other_addresses_are_options(option: str) -> None:
    assert not [schema for schema, names in OPTIONS.items() if option.partition("=")[0] in names]


@pytest.mark.parametrize(
    "url",
    [
        "mailto://127.0.0.1?to=a@b.org&from=c@d.org",
        "mailto://u:p@example.org?smtp=10.0.0.1",
        "mailto://u:p@example.org?smtp=localhost",
        "gotify://[::1]/Atoken-1234567",
        "ntfy://169.254.169.254/topic",
        "mmost://192.168.0.1/3ccdd113474722377935511fc85d3dd4",
    ],
)
def test_internal_addresses_are_refused_when_looked_at(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        look("apprise", Secret(url))
    assert not caught.value.retry
