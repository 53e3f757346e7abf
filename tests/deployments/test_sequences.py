"""Random sequences of calls: no listed rule is broken, whoever calls what in whichever order."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.sequences import Place, Sequences

LONG = int(os.environ.get("SLIPWAY_TEST_SEQUENCES", "10000"))


@pytest.mark.django_db
@pytest.mark.parametrize("sequences", [30, pytest.param(LONG, marks=pytest.mark.soak)])
def test_sequences(runtime: RecordingRuntime, sequences: int) -> None:
    Sequences.place, Sequences.runtime = Place(), runtime
    run_state_machine_as_test(
        Sequences,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=sequences != LONG,  # the short form is the same every time
            suppress_health_check=list(HealthCheck),
        ),
    )
