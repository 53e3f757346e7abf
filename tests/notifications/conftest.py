from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from approvals import registry
from config.core.models import Project
from config.settings.networks import allowed_networks
from tests.approvals.recording_subject import RecordingSubject
from tests.factories.core import ProjectFactory
from tests.notifications.receivers import MailReceiver, WebReceiver


class CountedSubject(RecordingSubject):
    """With the counts that a release's diff has."""

    def describe(self, subject_id: int) -> dict[str, Any]:
        counts = {"create": 2, "update": 0, "delete": 1, "unchanged": 4}
        return super().describe(subject_id) | {"diff": {"summary": counts}}


@pytest.fixture
def project() -> Project:
    return ProjectFactory.make(name="Shop")


@pytest.fixture
def loopback(settings: Settings) -> None:
    """The operator says that notifications may go to this machine."""
    settings.NOTIFICATION_ALLOWED_NETWORKS = allowed_networks("127.0.0.0/8")


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    receiver = WebReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    receiver = MailReceiver()
    yield receiver
    receiver.close()


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> RecordingSubject:
    """The handler of the tickets that `tests.factories.approvals` makes."""
    recording = CountedSubject()
    monkeypatch.setitem(registry._handlers, "subject", recording)
    return recording
