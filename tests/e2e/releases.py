"""A service on a target, released step by step; and its users, who ask all the time."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from types import TracebackType
from typing import Any

from tests.demo.api import until
from tests.e2e.site import ENDED, Site
from tests.lab import Host

# `after`: seconds until its health check passes.
MANIFEST = """\
services:
  web:
    image: slipway-demo:{version}
    ports: ["{port}:8080"]
    command: ["/bin/sh", "-c", "(sleep {after}; : >/tmp/ready) & exec /bin/sh /start"]
    healthcheck:
      test: ["CMD-SHELL", "test -e /tmp/ready && wget -q -O /dev/null http://127.0.0.1:8080/healthz"]
      interval: 1s
      timeout: 2s
      retries: 4
      start_period: {period}s
"""
SIDE = """\
  side:
    image: slipway-demo:1
"""


def manifest(version: int, port: int | str, *, after: int = 0, side: bool = False) -> str:
    text = MANIFEST.format(version=version, port=port, after=after, period=after + 1)
    return text + SIDE if side else text


@dataclass
class App:
    """One service on one target of the site."""

    site: Site
    environment: int
    service: int = 0
    target: int = 0
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.service = self.service or self.site.service()
        self.target = self.target or self.site.target(self.environment)
        service = self.site.api.get(f"/deploy/services/{self.service}")
        self.name = f"{service['name']}-{self.target}"  # the Compose project's, on the hosts

    def revision(self, text: str, **variables: Any) -> int:
        made: int = self.site.api.post(
            f"/deploy/services/{self.service}/revisions", manifest=text, variables=variables
        )["id"]
        return made

    def preview(self, **fields: Any) -> Any:
        return self.site.api.post(
            "/deploy/releases/preview", service_id=self.service, target_id=self.target, **fields
        )

    def start(self, **fields: Any) -> Run:
        return self.apply(self.preview(**fields))

    def apply(self, preview: Any) -> Run:
        api = self.site.api
        made = api.post("/deploy/releases/apply", preview_ref=preview["preview_ref"])
        return Run(self.site, made["id"])

    def release(self, text: str, **fields: Any) -> Any:
        self.revision(text)
        return self.start(**fields).applied()

    def containers(self, host: Host) -> dict[str, str]:
        """Service → id of its container."""
        form = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        ours = f"label=com.docker.compose.project={self.name}"
        told = host.exec("docker", "ps", "-a", "--filter", ours, "--format", form).stdout
        return dict(line.split() for line in told.splitlines())


class Made:
    """Context manager: which containers of an app are made on a host meanwhile. Asked all along:
    Docker forgets what happened 256 events ago, and health checks are events too."""

    def __init__(self, app: App, host: Host) -> None:
        ours = f"label=com.docker.compose.project={app.name}"
        of = ("--filter", "event=create", "--filter", "type=container", "--filter", ours)
        watch = ("docker", "events", "--since", "0s", "--format", "{{.ID}}", *of)
        self._ids: set[str] = set()
        self._watcher = subprocess.Popen(
            ["docker", "exec", host.container, *watch], stdout=subprocess.PIPE, text=True
        )
        self._thread = threading.Thread(target=self._read, daemon=True)

    @property
    def count(self) -> int:
        return len(self._ids)

    def wait(self) -> None:
        """Until there is one."""
        until(lambda: self.count, bool, seconds=20)

    def __enter__(self) -> Made:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watcher.kill()
        self._watcher.wait()
        self._thread.join()

    def _read(self) -> None:
        for line in self._watcher.stdout or ():
            self._ids.add(line.strip())


@dataclass(frozen=True)
class Run:
    """A release under way."""

    site: Site
    id: int

    @property
    def path(self) -> str:
        return f"/deploy/releases/{self.id}"

    def look(self) -> Any:
        return self.site.api.get(self.path)

    def in_phase(self, phase: str) -> None:
        until(self.look, lambda found: found["progress"].get("phase") == phase, seconds=60)

    def ended(self) -> Any:
        return until(self.look, lambda found: found["lifecycle_state"] in ENDED, seconds=120)

    def applied(self) -> Any:
        found = self.ended()
        assert found["lifecycle_state"] == "applied", (found["reason_code"], self.log())
        return found

    def failed(self) -> Any:
        found = self.ended()
        assert found["lifecycle_state"] == "failed", found
        return found

    def log(self) -> str:
        pages, offset = [], 0
        while True:
            page = self.site.api.get(f"{self.path}/logs?after={offset}")
            pages.append(page["text"])
            if page["next_offset"] == offset or page["complete"]:
                return "".join(pages)
            offset = page["next_offset"]

    def diagnostics(self) -> Any:
        return self.site.api.get(f"{self.path}/diagnostics")

    def actions(self) -> list[str]:
        found = self.site.api.all(f"/events?resource_type=release&resource_id={self.id}")
        return [event["action"] for event in reversed(found)]


class Users:
    """Context manager: asks `host` all the time, about every 10 ms. `answers`: what it said.

    Of several ports, as a load balancer would: the first that answers.
    """

    def __init__(self, host: Host, *ports: int, path: str = "/") -> None:
        self.answers: list[str] = []
        self.gap = 0.0  # seconds, the longest time without an answer
        self._urls = [f"http://{host.address}:{port}{path}" for port in ports]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    @property
    def failures(self) -> list[str]:
        return [answer for answer in self.answers if not answer.startswith("version")]

    def __enter__(self) -> Users:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(0.01):
            answer = self._first_answer()
            self.answers.append(answer)
            if answer.startswith("version"):
                self.gap = max(self.gap, time.monotonic() - last)
                last = time.monotonic()

    def _first_answer(self) -> str:
        said = ""
        for url in self._urls:
            try:
                with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - http
                    text: bytes = response.read()
                return text.decode().strip()
            except (OSError, HTTPException) as error:
                said = f"{said} {error!r}".strip()
        return said


def staged(app: App, host: Host) -> dict[str, Any]:
    """The file that the current release runs from."""
    path = f"/var/lib/slipway/releases/{app.name}/current/compose.json"
    found: dict[str, Any] = json.loads(host.exec("cat", path).stdout)
    return found
