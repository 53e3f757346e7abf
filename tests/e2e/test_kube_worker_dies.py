"""kill -9 of the worker that watches a rollout: another goes on, and nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.api import until
from tests.demo.server import Server
from tests.deployments.kubernetes.site import config, deployment, job
from tests.e2e import processes
from tests.e2e.conftest import QUICK
from tests.kube import controllers
from tests.kube.cluster import StandIn


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "slipway", tmp_path / "no-bundles", QUICK)
    server.admin("correct horse battery staple")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_rollout_is_taken_over(server: Server, stand_in: StandIn) -> None:
    api = server.api
    target = _target(server, stand_in)
    preview = api.post("/deploy/releases/preview", **target)
    sent = api.post("/deploy/releases/apply", preview_ref=preview["preview_ref"])
    path = f"/deploy/releases/{sent['release_id']}"

    def look() -> dict[str, Any]:
        found: dict[str, Any] = api.get(path)
        return found

    until(look, lambda found: found["progress"].get("phase") == "workloads", seconds=30)
    worker = processes.worker_of(server.process.pid)
    processes.kill(worker, *processes.children(worker))
    with controllers.running(stand_in):
        ended = until(look, lambda found: found["finished_at"], seconds=45)
    assert ended["lifecycle_state"] == "applied", ended["diagnostics_json"]
    steps = api.get(f"{path}/steps")
    assert [(step["hook"], step["status"]) for step in steps] == [
        ("config", "succeeded"),
        ("workloads", "succeeded"),
        ("jobs", "succeeded"),
    ]
    applied = [
        asked
        for asked in stand_in.asked
        if asked[0] == "PATCH" and asked[1].endswith("/jobs/migrate")
    ]
    assert len(applied) == 3  # of the preview, of the check before the run, and for good: once
    actions = [event["action"] for event in api.all(f"{path}/timeline")]
    assert actions.count("release.applying") == 1
    assert actions.count("release.applied") == 1


def _target(server: Server, cluster: StandIn) -> dict[str, int]:
    api = server.api
    project = api.post("/projects", name="Shop", slug="shop")["id"]
    about: dict[str, Any] = {"project_id": project, "runtime_type": "k8s"}
    environment = api.post("/environments", name="staging", tier="development", **about)
    made = api.post(
        "/clusters/import", name="main", project_id=project, kubeconfig=cluster.kubeconfig
    )
    service = api.post("/deploy/services", name="shop", **about)
    manifest = "\n---\n".join(json.dumps(one) for one in (config(), deployment(), job()))
    api.post(f"/deploy/services/{service['id']}/revisions", manifest=manifest)
    target = api.post(
        "/deploy/targets",
        name="staging",
        environment_id=environment["id"],
        cluster_id=made["id"],
        namespace=cluster.namespace(),
        **about,
    )
    return {"service_id": service["id"], "target_id": target["id"]}
