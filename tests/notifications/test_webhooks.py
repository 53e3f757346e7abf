"""Signed webhooks, as their receiver gets them."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from datetime import timedelta

import pytest
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.core.models import Project
from config.notifications import sending
from config.notifications.delivering import deliver
from config.notifications.models import Channel
from config.notifications.sending import NotSent, send
from config.settings.networks import allowed_networks
from tests.factories.notifications import SECRET, ChannelFactory, delivery_to
from tests.notifications.messages import MESSAGE
from tests.notifications.receivers import WebReceiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(project: Project, web: WebReceiver) -> Channel:
    return ChannelFactory.make(project=project, url=f"http://{web.address}/hook?a=b")


@pytest.mark.usefixtures("loopback")
def test_it_arrives_signed(channel: Channel, web: WebReceiver) -> None:
    delivery = delivery_to(channel)
    deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("sent", 1, "")
    assert delivery.sent_at is not None
    [(headers, body)] = web.got
    verified = Webhook(SECRET).verify(body, headers)
    assert verified["id"] == headers["webhook-id"] == str(delivery.delivery_id)
    assert verified["event"] == "release.failed"
    assert verified["project"] == {"id": channel.project_id, "name": "Shop"}
    assert verified["resource"] == {"type": "project", "id": channel.project_id}
    assert verified["occurred_at"].endswith("Z")
    assert headers["content-type"] == "application/json"
    for forged in (body.replace(b"Shop", b"Ship"), body + b" "):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(forged, headers)


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("status", "retry"),
    [
        *((code, False) for code in (302, 304, 400, 401, 404, 410)),
        *((code, True) for code in (408, 425, 429, 500, 503)),
    ],
)
def test_what_an_answer_means(
    channel: Channel, web: WebReceiver, status: int, *, retry: bool
) -> None:
    web.answers = [(status, {"Retry-After": "77"} if retry else {})]
    with pytest.raises(NotSent) as caught:
        send(channel, MESSAGE)
    assert caught.value.retry is retry
    assert caught.value.retry_after == (timedelta(seconds=77) if retry else None)
    assert str(status) in caught.value.reason


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("asked", ["-1", "soon", "٣", "Wed, 21 Oct 2026 07:28:00 GMT", "1" * 40])
def test_a_retry_after_that_is_none(channel: Channel, web: WebReceiver, asked: str) -> None:
    web.answers = [(503, {"Retry-After": asked.encode().decode("latin-1")})]
    with pytest.raises(NotSent) as caught:
        send(channel, MESSAGE)
    expected = timedelta(days=1) if asked.startswith("1") else None
    assert (caught.value.retry, caught.value.retry_after) == (True, expected)


def test_no_redirect_is_followed(channel: Channel, web: WebReceiver, settings: Settings) -> None:
    settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("127.0.0.0/8")
    inside = WebReceiver()
    try:
        for status in (301, 302, 303, 307, 308):
            web.answers = [(status, {"Location": f"http://{inside.address}/"})]
            with pytest.raises(NotSent, match="not followed"):
                send(channel, MESSAGE)
        assert (len(web.got), inside.asked) == (5, 0)
    finally:
        inside.close()


@pytest.mark.usefixtures("loopback")
def test_the_receivers_silence_and_absence_can_pass(channel: Channel, web: WebReceiver) -> None:
    web.close()
    with pytest.raises(NotSent, match=r"can't be reached") as caught:
        send(channel, MESSAGE)
    assert caught.value.retry


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("kind", ["webhook", "apprise"])
@pytest.mark.parametrize("drop", [b"X-Filler: a\r\n", b"a"])
def test_an_answer_without_end_ends_at_the_deadline(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: str, drop: bytes
) -> None:
    """A byte now and then keeps every timeout of a library's from coming."""
    monkeypatch.setattr(sending, "DEADLINE", timedelta(seconds=2))
    over = threading.Event()

    def drip() -> None:
        connection, _ = door.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(OSError):
            while not over.wait(0.2):
                connection.sendall(drop)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=drip)
        thread.start()
        host = f"127.0.0.1:{door.getsockname()[1]}"
        url = f"http://{host}/" if kind == "webhook" else f"gotify://{host}/Atoken-1234567"
        channel = ChannelFactory.make(project=project, kind=kind, url=url)
        began = time.monotonic()
        with pytest.raises(NotSent, match="in time") as caught:
            send(channel, MESSAGE)
        over.set()
        thread.join()
    assert caught.value.retry
    assert time.monotonic() - began < 6


def test_an_undecryptable_url_is_not_tried_again(channel: Channel) -> None:
    loaded = Channel.objects.get(pk=channel.pk)
    other = ChannelFactory.make()
    loaded.seal = other.seal
    with pytest.raises(NotSent, match="configured keys") as caught:
        send(loaded, MESSAGE)
    assert not caught.value.retry


@pytest.mark.usefixtures("loopback")
def test_surroundings_change_nothing(
    channel: Channel, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies, Python's own variables: another server would get the message."""
    proxy = WebReceiver()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{proxy.address}")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    try:
        send(channel, MESSAGE)
        assert (len(web.got), proxy.asked) == (1, 0)
    finally:
        proxy.close()
    assert json.loads(web.got[0][1])["title"] == MESSAGE.title
