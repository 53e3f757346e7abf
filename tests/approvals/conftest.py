from __future__ import annotations

import pytest

from approvals import registry
from tests.approvals.recording_subject import RecordingSubject


@pytest.fixture(autouse=True)
def subject(monkeypatch: pytest.MonkeyPatch) -> RecordingSubject:
    """The handler of the tickets that `tests.factories.approvals` makes."""
    recording = RecordingSubject()
    monkeypatch.setitem(registry._handlers, "subject", recording)
    return recording
