"""Hosts for benchmarks: addresses of this machine's loopback, one OpenSSH server for all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from environments.models import EnvironmentInstallTask
from environments.ssh.connection import Connection
from environments.ssh.facts import gather
from tests.benchmarks import Unavailable
from tests.environments.api.bundle import ARTIFACT, BundleRoot
from tests.environments.api.site import Site
from tests.environments.ssh.sshd import SSHD, LocalSSHD


def log(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def addresses(count: int) -> tuple[str, ...]:
    return tuple(f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(count))


@contextmanager
def server() -> Iterator[LocalSSHD]:
    """Lets in as many at once as come."""
    if SSHD is None or os.geteuid() != 0:
        raise Unavailable("needs OpenSSH's server on this machine, and root")
    with LocalSSHD(addresses=("0.0.0.0",), options={"MaxStartups": "1000"}) as sshd:  # noqa: S104
        yield sshd


@contextmanager
def site(sshd: LocalSSHD, hosts: int) -> Iterator[Site]:
    """An environment of `hosts` enrolled hosts, in a database that is set up when it is not."""
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="ssh-site-") as folder:
        settings.BUNDLE_ROOT = Path(folder)
        yield Site(sshd, Path(settings.REMOTE_DIR), addresses=addresses(hosts))


def bundle_of(sshd: LocalSSHD, hooks: list[str]) -> None:
    """The platform's bundle: these hooks and no artifact."""
    with Connection.open(sshd.login()) as connection:
        bundle = BundleRoot(settings.BUNDLE_ROOT, asdict(gather(connection)))
    (settings.BUNDLE_ROOT / ARTIFACT).unlink()
    bundle.bundle |= {"artifacts": [], "hooks": []}
    for number, script in enumerate(hooks):
        bundle.hook(f"step-{number}", script, timeout=300)


def succeeded(hosts: Site, task: EnvironmentInstallTask) -> None:
    """Runs a queued task; RuntimeError when it did not succeed."""
    hosts.run(task)
    if task.status != "succeeded":
        raise RuntimeError(f"{task.status}: {task.reason_code}")
