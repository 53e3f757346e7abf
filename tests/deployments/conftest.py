from __future__ import annotations

import pytest

from deployments.runtimes import registry
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> RecordingRuntime:
    """The runtime of Compose targets, without any host."""
    recording = RecordingRuntime()
    monkeypatch.setitem(registry._RUNTIMES, "compose", recording)
    return recording


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def production() -> Site:
    """Where changes wait for an approval."""
    return Site("production")
