"""A preview of 50 Kubernetes objects, against `kubectl diff --server-side`: the same objects, the
same cluster, in turns.

Ours is the whole request, from the API's caller to the stored preview.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import yaml

from tests.benchmarks import Row, Unavailable
from tests.demo.api import API, until
from tests.demo.server import Server
from tests.kube.real import RealCluster

ROUNDS: Final = 7
GOAL: Final = 1.0
OBJECTS: Final = 50


def main() -> list[Row]:
    """One row: half of the objects changed since they were applied."""
    named = os.environ.get("SLIPWAY_TEST_KUBECONFIG")
    if not named:
        raise Unavailable("no cluster: SLIPWAY_TEST_KUBECONFIG names no kubeconfig")
    if shutil.which("kubectl") is None:
        raise Unavailable("kubectl is not installed")
    cluster = RealCluster(Path(named))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kube-preview-")))
        stack.callback(cluster.clean)
        namespace = cluster.namespace("bench")
        server = Server(folder / "slipway", folder / "no-bundles")
        api = server.admin("correct horse battery staple")
        server.start()
        stack.callback(server.stop)
        ids = _prepared(api, cluster, namespace)
        config = folder / "kubeconfig"
        config.write_text(cluster.kubeconfig)
        kubectl = ["kubectl", f"--kubeconfig={config}", f"--namespace={namespace}"]
        return [_compared(api, ids, kubectl)]


def _prepared(api: API, cluster: RealCluster, namespace: str) -> dict[str, int]:
    """The ids to preview with; the first revision's objects are on the cluster."""
    project = api.post("/projects", name="Bench", slug="bench")["id"]
    environment = api.post(
        "/environments", name="bench", project_id=project, tier="development", runtime_type="k8s"
    )
    made = api.post(
        "/clusters/import", name="bench", project_id=project, kubeconfig=cluster.kubeconfig
    )
    service = api.post("/deploy/services", name="shop", project_id=project, runtime_type="k8s")
    target = api.post(
        "/deploy/targets",
        name="bench",
        project_id=project,
        runtime_type="k8s",
        environment_id=environment["id"],
        cluster_id=made["id"],
        namespace=namespace,
    )
    ids = {"service_id": service["id"], "target_id": target["id"]}
    _revise(api, ids, 1)
    preview = api.post("/deploy/releases/preview", **ids)
    run = api.post("/deploy/releases/apply", preview_ref=preview["preview_ref"])
    path = f"/deploy/releases/{run['release_id']}"
    ended = until(lambda: api.get(path), lambda found: found["finished_at"], seconds=120)
    if ended["lifecycle_state"] != "applied":
        raise RuntimeError(f"{ended['reason_code']}: {ended['diagnostics_json']}")
    _revise(api, ids, 2)
    return ids


def _revise(api: API, ids: dict[str, int], number: int) -> None:
    api.post(f"/deploy/services/{ids['service_id']}/revisions", manifest=manifest(number))


def _compared(api: API, ids: dict[str, int], kubectl: list[str]) -> Row:
    text = manifest(2).encode()

    def diff() -> None:
        command = [*kubectl, "diff", "--server-side", "--field-manager=slipway", "-f", "-"]
        found = subprocess.run(command, input=text, capture_output=True, check=False)
        if found.returncode != 1:  # 1: there are differences
            raise RuntimeError(found.stderr.decode())

    def preview() -> None:
        shown = api.post("/deploy/releases/preview", **ids)
        if shown["diff"]["summary"] != {
            "create": 0,
            "update": OBJECTS // 2,
            "delete": 0,
            "unchanged": OBJECTS // 2,
        }:
            raise RuntimeError(str(shown["diff"]["summary"]))

    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_timed(diff))
        ours.append(_timed(preview))
    work = f"preview of {OBJECTS} Kubernetes objects"
    return Row(work, statistics.median(ours), statistics.median(theirs), GOAL)


def manifest(number: int) -> str:
    """50 objects, mostly without pods; every other one differs from revision to revision."""
    return yaml.safe_dump_all([_object(index, number) for index in range(OBJECTS)])


def _object(index: int, number: int) -> dict[str, Any]:
    value = str(number) if index % 2 else "0"
    name = f"part-{index}"
    meta = {"name": name, "labels": {"app": name}}
    match index % 5:
        case 0 | 1:
            return {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": meta,
                "data": {f"key-{line}": f"{value} of {line}" for line in range(40)},
            }
        case 2:
            ports = [{"port": 80, "protocol": "TCP", "name": f"v{value}"}]
            return {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": meta,
                "spec": {"selector": {"app": name}, "ports": ports},
            }
        case 3:
            data = {"password": f"not a secret {value}"}
            return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data}
    container = {"name": "app", "image": "registry.example.net/app:1"}
    container["env"] = [{"name": "VALUE", "value": value}]  # type: ignore[assignment]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**meta, "annotations": {"slipway/health": "ignore"}},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container]},
            },
        },
    }


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
