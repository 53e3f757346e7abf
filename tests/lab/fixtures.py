"""Hosts for tests, gone again after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.lab.docker import unavailable_reason
from tests.lab.hostimage import RELEASE
from tests.lab.lab import Lab

LabNamed = Callable[..., AbstractContextManager[Lab]]


@pytest.fixture(scope="session")
def lab_named(tmp_path_factory: pytest.TempPathFactory) -> LabNamed:
    """`lab_named(name, release, state)`: a lab, removed with its hosts at the block's end. Labs of
    one `state`, a directory, share a key. Skips the test where there can be no hosts."""

    @contextmanager
    def named(name: str, release: str = RELEASE, state: Path | None = None) -> Iterator[Lab]:
        if reason := unavailable_reason():
            pytest.skip(f"no lab here: {reason}")
        lab = Lab(state or tmp_path_factory.mktemp(f"{name}-lab"), name, release)
        try:
            yield lab
        finally:
            lab.down()

    return named
