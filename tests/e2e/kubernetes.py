"""Environments of Kubernetes on lab hosts: made, installed and taken apart through the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.bundles.build import build
from tests.demo.server import ROOT
from tests.e2e.site import Site, Task, unique
from tests.kube.kubeadm_standins.calls import Answering
from tests.kube.kubeadm_standins.control import Control
from tests.kube.kubeadm_standins.programs import bring
from tests.lab import Host

BUNDLE = "kubeadm"
VERSION = "1.0"


@dataclass(frozen=True)
class Nodes:
    """Hosts by their role in one environment; `control` is what the stand-ins on them know."""

    site: Site
    control: Control
    environment: int
    hosts: Mapping[Host, str]

    @classmethod
    def make(cls, site: Site, control: Control, roles: Mapping[Host, str]) -> Nodes:
        api = site.api
        made = api.post(
            "/environments",
            name=unique("kubernetes"),
            project_id=site.project,
            tier="development",
            runtime_type="k8s",
        )["id"]
        for host, role in roles.items():
            node = api.post(
                f"/environments/{made}/nodes",
                name=host.name,
                host=host.address,
                port=host.port,
                user="root",
                role=role,
                credential_id=site.credential,
            )["id"]
            path = f"/environments/{made}/nodes/{node}/enroll"
            api.post(path, fingerprint=host.fingerprint)
        return cls(site, control, made, roles)

    def preview(self, kind: str = "install", **options: Any) -> Any:
        endpoint = self.control.api.server.removeprefix("https://")
        return self.site.api.post(
            f"/environments/{self.environment}/install/preview",
            kind=kind,
            bundle=BUNDLE,
            version=VERSION,
            options={"control_plane_endpoint": endpoint, **options},
        )

    def start(self, kind: str = "install", **options: Any) -> Task:
        return self.site.start(self.environment, self.preview(kind, **options))

    def retry(self, task: Task) -> None:
        self.site.api.post(f"{task.path}/retry")

    @property
    def status(self) -> str:
        return str(self.site.api.get(f"/environments/{self.environment}")["status"])

    def clusters(self) -> list[Any]:
        return self.site.api.all(f"/clusters?project={self.site.project}")


def build_root(root: Path, answering: Answering, *, runtime: tuple[Path, ...] = ()) -> Path:
    """The bundle in `root`, of stand-ins; with the packages `runtime`, of a real containerd."""
    brought = bring(root.parent / unique("brought"), answering.text_of, runtime=runtime)
    build(BUNDLE, root=root, source=ROOT / "script", source_dir=brought, say=lambda _: None)
    return root


def attempts(task: Any) -> dict[tuple[str, str], int]:
    """By hook and node."""
    return {(step["hook"], step["node"]["name"]): step["attempt"] for step in task["steps"]}
