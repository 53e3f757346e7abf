"""Webhooks over TLS: only to who the operator's authorities say it is."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.core.models import Project
from config.notifications.sending import NotSent, send
from tests.factories.notifications import ChannelFactory
from tests.kube.certificates import Authority
from tests.notifications.messages import MESSAGE
from tests.notifications.receivers import WebReceiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def web(authority: Authority, tmp_path: Path) -> Iterator[WebReceiver]:
    pair = authority.server()
    certificate, key = tmp_path / "certificate", tmp_path / "key"
    certificate.write_text(pair.certificate)
    key.write_text(pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver = WebReceiver(tls=context)
    yield receiver
    receiver.close()


def trust(authority: Authority, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "authorities"
    file.write_text(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def test_to_a_server_that_is_trusted(
    project: Project,
    web: WebReceiver,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(authority, tmp_path, monkeypatch)
    send(ChannelFactory.make(project=project, url=f"https://{web.address}/hook"), MESSAGE)
    assert len(web.got) == 1


@pytest.mark.parametrize("trusted", ["another authority", "the system's"])
def test_not_to_one_that_is_not(
    project: Project,
    web: WebReceiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: str,
) -> None:
    if trusted == "another authority":
        trust(Authority("another"), tmp_path, monkeypatch)
    else:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    channel = ChannelFactory.make(project=project, url=f"https://{web.address}/hook")
    with pytest.raises(NotSent) as caught:
        send(channel, MESSAGE)
    assert caught.value.reason == "The receiver's certificate is not valid."
    assert web.got == []
