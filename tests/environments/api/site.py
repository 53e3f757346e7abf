"""An environment of "hosts" that are this machine, and the calls that install something there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.core.models import Project, User
from environments.install import orchestrator
from environments.models import (
    Environment,
    EnvironmentInstallTask,
    EnvironmentNode,
    InstallStep,
    SSHCredential,
)
from environments.ssh.host_keys import HostKey
from tests.callers import Answer, Api
from tests.environments.ssh.sshd import LocalSSHD
from tests.factories.core import ProjectFactory, member
from tests.factories.environments import CredentialFactory, EnvironmentFactory, NodeFactory

ADDRESSES = ("127.0.0.1", "localhost")  # each is a host of its own to Slipway
PREVIEW = {"bundle": "compose-test", "version": "1.0"}


class Site:
    """Calls are those of the project's admin. `remote`: where the hosts keep what is Slipway's."""

    def __init__(
        self,
        sshd: LocalSSHD,
        remote: Path,
        tier: str = "development",
        addresses: Sequence[str] = ADDRESSES,
    ) -> None:
        self.sshd = sshd
        self.remote = remote
        self.project: Project = ProjectFactory.make()
        self.admin: User = member(self.project, "project_admin")
        self.api = Api(self.admin)
        self.environment: Environment = EnvironmentFactory.make(
            project=self.project, tier=tier, status="draft"
        )
        self.credential: SSHCredential = CredentialFactory.make(
            project=self.project, kind="private_key", password="", private_key=sshd.client_key
        )
        self.nodes = [self.node(address) for address in addresses]

    @property
    def path(self) -> str:
        return f"/environments/{self.environment.pk}"

    def node(self, host: str, *, enrolled: bool = True, **fields: Any) -> EnvironmentNode:
        key = HostKey.parse(self.sshd.public_key("host_ed25519"))
        defaults: dict[str, Any] = {
            "environment": self.environment,
            "host": host,
            "port": self.sshd.port,
            "user": self.sshd.user,
            "credential": self.credential,
            "host_key": key.line if enrolled else "",
            "fingerprint": key.fingerprint if enrolled else "",
        }
        return NodeFactory.make(**defaults | fields)

    def preview(self, **options: Any) -> dict[str, Any]:
        body = PREVIEW | ({"options": options} if options else {})
        made: dict[str, Any] = self.api.post(f"{self.path}/install/preview", body).ok(201)
        return made

    def apply(self, preview_ref: str) -> Answer:
        return self.api.post(f"{self.path}/install/apply", {"preview_ref": preview_ref})

    def queued(self) -> EnvironmentInstallTask:
        """A task that waits for its worker."""
        sent = self.apply(self.preview()["preview_ref"]).ok(202)
        return EnvironmentInstallTask.objects.get(pk=sent["id"])

    def run(self, task: EnvironmentInstallTask) -> EnvironmentInstallTask:
        orchestrator.run(task.pk)
        task.refresh_from_db()
        return task

    def task_path(self, task: EnvironmentInstallTask, verb: str = "") -> str:
        return f"{self.path}/install/tasks/{task.pk}" + (f"/{verb}" if verb else "")

    def steps(self, task: EnvironmentInstallTask, hook: str = "") -> list[InstallStep]:
        found = task.steps.select_related("node", "run").order_by("index")
        return list(found.filter(hook=hook) if hook else found)

    def statuses(self, task: EnvironmentInstallTask) -> dict[str, list[str]]:
        """{hook: a status per node, in the nodes' order}."""
        found: dict[str, list[str]] = {}
        for step in self.steps(task):
            found.setdefault(step.hook, []).append(step.status)
        return found

    def log(self, step: InstallStep) -> str:
        path = f"{self.path}/install/tasks/{step.run_id}/logs"
        text: str = self.api.get(path, step=step.pk).ok()["text"]
        return text

    def out(self, step: InstallStep) -> bytes:
        """What the step wrote, as the host has it."""
        return (self.remote / "runs" / step.job_id / "out").read_bytes()
