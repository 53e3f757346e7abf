from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from environments import previewing, steps
from environments.install import stopping, work
from environments.ssh.connection import Connection
from environments.ssh.facts import gather
from environments.ssh.transfer import send
from tests.environments.api.bundle import BundleRoot
from tests.environments.api.site import Site
from tests.environments.ssh.sshd import SSHD, LocalSSHD


@pytest.fixture(scope="session")
def sshd() -> Iterator[LocalSSHD]:
    if SSHD is None or os.geteuid() != 0:
        pytest.skip("needs OpenSSH's server on this machine, and root")
    with LocalSSHD() as server:
        yield server


@pytest.fixture(scope="session")
def facts(sshd: LocalSSHD) -> dict[str, Any]:
    """Of this machine, which all "hosts" are: bundles of the tests are made for it."""
    with Connection.open(sshd.login()) as connection:
        return asdict(gather(connection))


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where "hosts" keep what is Slipway's."""
    folder = tmp_path / "remote"
    monkeypatch.setattr(steps, "RUNS", str(folder / "runs"))
    monkeypatch.setattr(work, "ARTIFACTS", str(folder / "artifacts"))
    monkeypatch.setattr(previewing, "ARTIFACTS", str(folder / "artifacts"))
    monkeypatch.setattr(stopping, "INTERVAL", 0.05)
    disk = threading.Lock()

    def one_at_a_time(*arguments: Any, **named: Any) -> bool:
        with disk:  # which these "hosts" have one of
            return send(*arguments, **named)

    monkeypatch.setattr(work, "send", one_at_a_time)
    return folder


@pytest.fixture
def bundle(tmp_path: Path, facts: dict[str, Any], settings: Settings) -> BundleRoot:
    """The bundle root that the platform has; its hooks are up to the test."""
    settings.BUNDLE_ROOT = tmp_path / "bundles"
    return BundleRoot(settings.BUNDLE_ROOT, facts)


@pytest.fixture
def hosts(sshd: LocalSSHD, remote: Path) -> Site:
    """An environment of two enrolled "hosts", without approvals."""
    return Site(sshd, remote)
