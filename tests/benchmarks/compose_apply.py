"""A release on one Docker host, against `docker compose up -d --wait` over plain ssh.

From the accepted apply to `applied`, as a client sees it; the same change on both sides, in turns.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks import Row, Unavailable
from tests.demo.api import until
from tests.demo.server import ROOT, Server
from tests.e2e.releases import App
from tests.e2e.site import Site
from tests.lab import Host, Lab, images, unavailable_reason

ROUNDS: Final = 5
BUNDLE: Final = "compose-debian13"


@dataclass(frozen=True)
class Case:
    """How a service is replaced. `port`: of the host, `goal`: the highest ratio."""

    how: str
    port: int | None
    strategy: str = "rolling"
    goal: float = 1.3


CASES: Final = (
    Case("beside what serves", None),
    Case("in place", 8161, strategy="recreate"),
    # The peer takes the old one away on trust. Here the new one starts twice, first on trial.
    Case("in place, after a trial", 8163, goal=2.6),
)


def main() -> list[Row]:
    """A row for each way to replace a service."""
    if reason := unavailable_reason():
        raise Unavailable(f"no lab here: {reason}")
    root = ROOT / "var" / "bundles"
    if not (root / "bin" / "linux-amd64" / BUNDLE).is_dir():
        raise Unavailable(f"the bundle {BUNDLE} is not built (make bundle)")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compose-apply-")))
        lab = Lab(folder / "lab", "bench")
        stack.callback(lab.down)
        host = lab.up(1)[0]
        server = Server(folder / "slipway", root)
        api = server.admin("correct horse battery staple")
        server.start()
        stack.callback(server.stop)
        site = Site.open(server, api, [host], root)
        environment = site.environment(host)
        site.install(environment, BUNDLE).succeeded(180)
        host.exec("docker", "load", input=images.archive_bytes(1))
        return [_compared(site, environment, host, case) for case in CASES]


def _compared(site: Site, environment: int, host: Host, case: Case) -> Row:
    port = case.port
    app = App(site, environment)
    peer = _Peer(host, f"peer-{app.name}")
    ours, theirs = [], []
    for number in range(ROUNDS + 1):  # the first makes what the others replace
        theirs.append(_timed(lambda: peer.up(project(number, port and port + 1))))  # noqa: B023
        app.revision(json.dumps(project(number, port)))
        preview = app.preview(strategy=case.strategy)
        ours.append(_timed(lambda: _apply(app, preview)))  # noqa: B023 - called at once
    work = f"apply on Compose, {case.how}"
    return Row(work, statistics.median(ours[1:]), statistics.median(theirs[1:]), case.goal)


def project(number: int, port: int | None) -> dict[str, object]:
    """One service with a health check; another `number` is another container."""
    service: dict[str, object] = {
        "image": images.reference(1),
        "environment": {"MESSAGE": f"number {number}"},
        "healthcheck": {
            "test": ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/healthz"],
            "interval": "1s",
        },
    }
    if port:
        service["ports"] = [f"{port}:8080"]
    return {"services": {"web": service}}


class _Peer:
    """The same on another project of the host, as somebody would do it by hand."""

    def __init__(self, host: Host, name: str) -> None:
        known = host.key_path.with_name("known_hosts")
        known.write_text(f"{host.address} {host.host_key}\n")
        options = (f"UserKnownHostsFile={known}", "StrictHostKeyChecking=yes", "BatchMode=yes")
        flags = [flag for option in options for flag in ("-o", option)]
        up = f"docker compose -p {name} -f - up -d --wait"
        login = f"{host.user}@{host.address}"
        self._command = ["ssh", "-i", str(host.key_path), *flags, login, up]

    def up(self, content: dict[str, object]) -> None:
        text = json.dumps(content).encode()
        subprocess.run(self._command, input=text, check=True, capture_output=True)


def _apply(app: App, preview: dict[str, str]) -> None:
    run = app.apply(preview)
    ended = until(run.look, lambda found: found["finished_at"], seconds=120, every=0.05)
    if ended["lifecycle_state"] != "applied":
        raise RuntimeError(f"{ended['reason_code']}: {run.log()}")


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
