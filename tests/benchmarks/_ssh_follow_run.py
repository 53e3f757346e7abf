"""The measuring part of `ssh_follow`; prints the rows as JSON."""

from __future__ import annotations

import json
import secrets
import statistics
import sys
import threading
import time
from typing import Any, Final

from django.db import connections

from config.core.api.streams import POLL_SECONDS
from config.core.secrets import Secret
from environments import streaming
from environments.models import EnvironmentInstallLog, EnvironmentInstallTask, InstallStep
from environments.ssh.connection import Connection
from tests.benchmarks import Unavailable
from tests.benchmarks._ssh_site import bundle_of, log, server, site, succeeded
from tests.environments.api.site import Site
from tests.environments.ssh.listening import said
from tests.environments.ssh.sshd import LocalSSHD

LINES: Final = 1_000_000
GOAL: Final = 50_000  # lines a second
SEEN: Final = 50  # lines whose way is timed
WITHIN: Final = 1.0  # seconds
ROUNDS: Final = 3
# Lines of 20 to 80 bytes, 50 on average.
TEXT: Final = (
    r"awk 'BEGIN { s = sprintf(\"%070d\", 0); gsub(/0/, \"ab cd\", s);"
    rf" for (i = 1; i <= {LINES}; i++) printf \"%09d %s\n\", i, substr(s, 1, 10 + i * 7 % 60) }}'"
).replace('\\"', '"')
STAMPS: Final = f"for i in $(seq {SEEN}); do date +%s.%N; sleep 0.$((10 + i * 37 % 60)); done"


def follow(sshd: LocalSSHD) -> tuple[float, float]:
    """Seconds that the run took, and that paramiko took for the same output."""
    with site(sshd, 1) as place:
        for name in ("sudo_password", "password"):  # what there is to look for
            setattr(place.credential, name, Secret(secrets.token_urlsafe(16)))
        place.credential.save()
        bundle_of(sshd, [TEXT])
        task = place.queued()
        began = time.monotonic()
        succeeded(place, task)
        took = time.monotonic() - began
        [step] = place.steps(task)
        written = place.out(step)
        if step.log_bytes != len(written) or written.count(b"\n") != LINES:
            raise RuntimeError("the log is not what the host has")
        path = place.remote / "runs" / step.job_id / "out"
        with Connection.open(sshd.login()) as connection:
            began = time.monotonic()
            read = sum(map(len, said(connection, f"exec cat {path}")))
            plain = time.monotonic() - began
        if read != len(written):
            raise RuntimeError("the peer did not read it all")
    return took, plain


def delays(sshd: LocalSSHD) -> list[float]:
    """Seconds from a line's writing on the host to its event in a stream that polls."""
    with site(sshd, 1) as place:
        bundle_of(sshd, [STAMPS])
        task = place.queued()
        run = threading.Thread(target=_run, args=(place, task))
        run.start()
        found: list[float] = []
        cursor = ""
        while run.is_alive():
            batch = streaming.poll(
                EnvironmentInstallLog,
                lambda: list(InstallStep.objects.filter(run=task)),
                lambda: ("running", False),
                cursor,
            )
            now, cursor = time.time(), batch.cursor
            for event in batch.events:
                if event.name == "log":
                    found += [now - float(line) for line in event.data["text"].split()]
            if not batch.events:
                time.sleep(POLL_SECONDS)
        run.join()
    return sorted(found)


def _run(place: Site, task: EnvironmentInstallTask) -> None:
    try:
        succeeded(place, task)
    finally:
        connections.close_all()


def measure(sshd: LocalSSHD) -> list[dict[str, Any]]:
    rounds = [follow(sshd) for _ in range(ROUNDS)]
    took, plain = (statistics.median(times) for times in zip(*rounds, strict=True))
    log(f"{LINES / took:,.0f} lines/s to the database; paramiko alone {LINES / plain:,.0f}")
    late = delays(sshd)
    p50, p95 = (statistics.quantiles(late, n=20)[at] for at in (9, 18))
    log(f"{len(late)} lines seen after p50 {p50:.2f} s, p95 {p95:.2f} s, at most {late[-1]:.2f} s")
    work = f"{LINES:,} lines to the database, at {GOAL:,} a second"
    return [
        {"work": work, "ours": took, "peer": LINES / GOAL, "goal": 1.0},
        {"work": "a line in an open stream: p95", "ours": p95, "peer": WITHIN, "goal": 1.0},
    ]


def main() -> None:
    try:
        with server() as sshd:
            found: Any = measure(sshd)
    except Unavailable as missing:
        found = str(missing)
    json.dump(found, sys.stdout)
