"""Names that lead inside, whatever they said before: refused where they are connected to."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from config.core.models import Project
from config.core.secrets import Secret
from config.notifications import sending
from config.notifications.sending import NotSent, look, send
from config.settings.networks import allowed_networks
from tests.factories.notifications import ChannelFactory
from tests.notifications.messages import MESSAGE
from tests.notifications.receivers import MailReceiver, WebReceiver

pytestmark = pytest.mark.django_db

# The courier's resolver: each time it is asked, the next of the answers; the last one stays.
RESOLVER = """
import socket
answers = {answers!r}
def resolve(host, port, *_, **__):
    found = answers.pop(0) if len(answers) > 1 else answers[0]
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, int(port))) for one in found]
socket.getaddrinfo = resolve
"""


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    code = RESOLVER.format(answers=list(answers)) + sending._START
    command = [*sending.COMMAND[:3], code, *sending.COMMAND[4:]]
    monkeypatch.setattr(sending, "COMMAND", command)


def urls(web: WebReceiver, mail: MailReceiver) -> dict[str, tuple[str, str]]:
    """{what: (kind, URL)}, of names that only the test's resolver knows."""
    return {
        "https": ("webhook", f"https://hooks.example.org:{web.port}/x"),
        "http": ("webhook", f"http://hooks.example.org:{web.port}/x"),
        "chat": ("apprise", f"gotify://push.example.org:{web.port}/Atoken-1234567"),
        "mail": ("apprise", f"mailto://mail.example.org:{mail.port}?from=a@b.org&to=c@d.org"),
    }


@pytest.mark.parametrize("what", ["https", "http", "chat", "mail"])
def test_a_name_that_comes_to_lead_inside(
    project: Project,
    web: WebReceiver,
    mail: MailReceiver,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    what: str,
) -> None:
    kind, url = urls(web, mail)[what]
    settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("10.9.9.0/24")
    resolves(monkeypatch, ["1.1.1.1"])
    assert look(kind, Secret(url))
    channel = ChannelFactory.make(project=project, kind=kind, url=url)
    resolves(monkeypatch, ["127.0.0.1"])
    with pytest.raises(NotSent, match="not one that notifications may go to") as caught:
        send(channel, MESSAGE)
    assert not caught.value.retry
    assert (web.asked, mail.asked) == (0, 0)


@pytest.mark.parametrize("what", ["http", "chat", "mail"])
def test_a_name_that_leads_inside_at_the_second_look(
    project: Project,
    web: WebReceiver,
    mail: MailReceiver,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    what: str,
) -> None:
    """As it would pass whoever resolves, checks, and has a library resolve again; or checks the
    first of several addresses."""
    kind, url = urls(web, mail)[what]
    channel = ChannelFactory.make(project=project, kind=kind, url=url)
    for answers in ([["127.0.0.3"], ["127.0.0.1"]], [["127.0.0.3", "127.0.0.1"]]):
        # 127.0.0.3, where nobody listens, plays the address that is allowed.
        settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("127.0.0.3/32")
        resolves(monkeypatch, *answers)
        for _ in range(2):
            with pytest.raises(NotSent):
                send(channel, MESSAGE)
        assert (web.asked, mail.asked) == (0, 0)
    # And with the same answers it does get there where that is allowed.
    web.answers = [(200, {})]
    settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("127.0.0.0/8")
    send(channel, MESSAGE)
    assert (web.asked + mail.asked) == 1


def test_what_the_machine_itself_calls_localhost(project: Project, web: WebReceiver) -> None:
    for url in (f"https://localhost:{web.port}/", f"https://127.0.0.1:{web.port}/"):
        channel = ChannelFactory.make(project=project, url=url)
        with pytest.raises(NotSent, match="not one that notifications may go to"):
            send(channel, MESSAGE)
    assert web.asked == 0


def test_plain_http_goes_to_the_operators_networks_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    url = "http://hooks.example.org/x"
    with pytest.raises(NotSent, match="https"):
        look("webhook", Secret(url))
    settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("10.9.9.0/24")
    assert look("webhook", Secret(url)) == "http://hooks.example.org"
    resolves(monkeypatch, ["1.1.1.1"])
    with pytest.raises(NotSent, match="not one that notifications may go to"):
        send(ChannelFactory.make(project=project, url=url), MESSAGE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "//hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://user:pw@hooks.example.org/",
        "https://@hooks.example.org/",
        "https://hooks.example.org/#x",
        "https://hooks.example.org:x/",
        "https://[::1",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://sub.localhost/",
        "https://LOCALHOST./",
    ],
)
def test_webhooks_that_are_refused_when_looked_at(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        look("webhook", Secret(url))
    assert not caught.value.retry
