"""A project on a running server, and what its people do there: through the public API alone."""

from __future__ import annotations

import secrets
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.demo.api import API, until
from tests.demo.scenario import OVER
from tests.demo.server import Server
from tests.e2e import roots
from tests.lab import Host

# Whatever has a job of the run in its environment, however it was started.
_LEFT_OVER = """
for environ in /proc/[0-9]*/environ; do
    tr '\\0' '\\n' <"$environ" 2>/dev/null | grep -q "^SLIPWAY_JOB=.*/$1-" && echo "$environ"
done
true
"""
ENDED = ("applied", "failed", "rollback")


@dataclass(frozen=True)
class Site:
    server: Server
    api: API
    project: int
    credential: int
    hosts: list[Host]
    root: Path

    @classmethod
    def open(cls, server: Server, api: API, hosts: list[Host], root: Path) -> Site:
        name = unique("site")
        project = api.post("/projects", name=name, slug=name)["id"]
        key = hosts[0].key_path.read_text()
        return cls(server, api, project, add_credential(api, project, key), hosts, root)

    def environment(
        self,
        *hosts: Host,
        tier: str = "development",
        user: str = "root",
        credential: int = 0,
    ) -> int:
        """Its hosts enrolled; in development without approvals."""
        made: int = self.api.post(
            "/environments",
            name=unique("env"),
            project_id=self.project,
            tier=tier,
            runtime_type="compose",
        )["id"]
        for host in hosts:
            node = self.api.post(
                f"/environments/{made}/nodes",
                name=host.name,
                host=host.address,
                port=host.port,
                user=user,
                role="compose",
                credential_id=credential or self.credential,
            )["id"]
            self.api.post(f"/environments/{made}/nodes/{node}/enroll", fingerprint=host.fingerprint)
        return made

    def nodes(self, environment: int) -> list[Any]:
        rows: list[Any] = self.api.get(f"/environments/{environment}/nodes")["results"]
        return rows

    def preview(
        self,
        environment: int,
        bundle: str = roots.NAME,
        *,
        kind: str = "install",
        on_failure: str = "stop",
        **options: Any,
    ) -> Any:
        rows = self.api.get("/environments/bundles")
        version = next(row["version"] for row in rows if row["name"] == bundle)
        return self.api.post(
            f"/environments/{environment}/install/preview",
            bundle=bundle,
            version=version,
            options=options,
            kind=kind,
            on_failure=on_failure,
        )

    def start(self, environment: int, preview: Any) -> Task:
        base = f"/environments/{environment}/install"
        made = self.api.post(f"{base}/apply", preview_ref=preview["preview_ref"])
        return Task(self.api, f"{base}/tasks/{made['id']}", made["id"])

    def install(self, environment: int, bundle: str = roots.NAME, **options: Any) -> Task:
        return self.start(environment, self.preview(environment, bundle, **options))

    def service(self, name: str = "web") -> int:
        made: int = self.api.post(
            "/deploy/services", name=unique(name), project_id=self.project, runtime_type="compose"
        )["id"]
        return made

    def target(self, environment: int) -> int:
        made: int = self.api.post(
            "/deploy/targets",
            name=unique("target"),
            project_id=self.project,
            runtime_type="compose",
            environment_id=environment,
        )["id"]
        return made


@dataclass(frozen=True)
class Task:
    """An install task under way."""

    api: API
    path: str
    id: int

    def look(self) -> Any:
        return self.api.get(self.path)

    def step(self, hook: str, host: Host) -> Any:
        return next(
            step
            for step in self.look()["steps"]
            if step["hook"] == hook and step["node"]["name"] == host.name
        )

    def printing(self, hook: str, host: Host, seconds: float = 60) -> None:
        """Waits until the step has begun to print."""
        until(lambda: self.step(hook, host), lambda step: step["log_bytes"] > 80, seconds=seconds)

    def ended(self, seconds: float = 90) -> Any:
        return until(self.look, lambda task: task["status"] in OVER, seconds=seconds)

    def succeeded(self, seconds: float = 90) -> Any:
        task = self.ended(seconds)
        assert task["status"] == "succeeded", self.explain(task)
        return task

    def cancel(self) -> None:
        self.api.post(f"{self.path}/cancel")

    def retry(self) -> None:
        self.api.post(f"{self.path}/retry")

    def left_over(self, host: Host) -> int:
        """How many of its processes live on the host, whatever session they are of."""
        return len(host.exec("sh", "-c", _LEFT_OVER, "sh", self.run).stdout.splitlines())

    def log(self, step: Any) -> bytes:
        return download(self.api, f"{self.path}/logs/download?step={step['id']}")

    def events(self) -> list[Any]:
        return self.api.all(f"/events?resource_type=environment_install&resource_id={self.id}")

    @cached_property
    def run(self) -> str:
        """What its jobs' names on the hosts begin with."""
        correlation: str = self.events()[0]["correlation_id"]
        return correlation.replace("-", "")

    def run_directory(self, step: Any) -> str:
        """Where the step runs, or ran, on its host."""
        index = [each["id"] for each in self.look()["steps"]].index(step["id"])
        return f"/var/lib/slipway/runs/{self.run}-{index}-{step['attempt']}"

    def explain(self, task: Any) -> str:
        steps = [
            (s["hook"], s["status"], s["reason_code"], self.log(s)[-300:]) for s in task["steps"]
        ]
        return f"{task['status']} {task['reason_code']}: {steps}"


def add_credential(api: API, project: int, private_key: str) -> int:
    made: int = api.post(
        "/environments/credentials",
        name=unique("key"),
        project_id=project,
        kind="private_key",
        private_key=private_key,
    )["id"]
    return made


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def download(api: API, path: str) -> bytes:
    request = urllib.request.Request(f"{api.url}/api/v1{path}")  # noqa: S310 - our own address
    request.add_header("Authorization", f"Token {api.token}")
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - as above
        content: bytes = response.read()
    return content
