"""Why a Compose release failed: its containers as the hosts see them, worst first."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from config.core import logs, threads
from config.core.errors import SSHError
from config.core.secrets import Redactor
from deployments.diagnostics import LOG_LINES, finished, report
from deployments.hints import hint_for
from deployments.models import ReleaseLog, ReleaseStep
from deployments.runtimes.compose.host import ComposeHost
from environments.models import EnvironmentNode

_WORST_FIRST: Final = (
    "unhealthy",
    "exited",
    "dead",
    "restarting",
    "created",
    "starting",
    "running",
    "healthy",
)


def diagnose(
    nodes: Sequence[EnvironmentNode],
    connect: Callable[[EnvironmentNode], ComposeHost],
    steps: Sequence[ReleaseStep],
    failed: ReleaseStep,
    redactor: Redactor,
) -> dict[str, Any]:
    """The contract's diagnostics object, nothing secret in it. A host that can't be asked is one of
    its resources: what happened there must not keep the others from being restored."""
    output = _output(failed)
    asked = threads.each(partial(_containers, connect), nodes)
    found = [resource for host in asked for resource in host]
    found.sort(key=lambda resource: _rank(resource["status"]))
    code, hint = hint_for("\n".join([output, *(r["status"] for r in found)]))
    lines = [line for line in output.strip().splitlines() if line]
    made = report(
        runtime_type="compose",
        stage=failed.hook,
        summary=(code, lines[-1] if lines else failed.reason_code, hint),
        resources=found,
        steps=steps,
        raw={"output": lines[-LOG_LINES:]},
    )
    return finished(made, redactor)


def _containers(
    connect: Callable[[EnvironmentNode], ComposeHost], node: EnvironmentNode
) -> list[dict[str, Any]]:
    try:
        host = connect(node)
        ours = shlex.quote(f"label=com.docker.compose.project={host.project}")
        listed = host.connection.run(f"docker ps -aq --no-trunc --filter {ours}").words
        return [_resource(host, container) for container in listed]
    except (SSHError, ValueError, KeyError) as error:  # silent, or no answer that Docker gives
        code = error.code if isinstance(error, SSHError) else "unreadable"
        return [_unreachable(node, code, str(error))]


def _resource(host: ComposeHost, container: str) -> dict[str, Any]:
    answer = host.connection.run(
        f"docker inspect --format '{{{{json .}}}}' {shlex.quote(container)}"
    )
    if answer.exit_code:
        return _described(host, container, "gone", "", "", [], [])
    inspected = json.loads(answer.stdout)
    state = inspected["State"]
    health = state.get("Health") or {}
    tail = host.connection.run(
        f"docker logs --tail {LOG_LINES} {shlex.quote(container)} 2>&1"
    ).stdout
    probes = [
        f"exit {probe['ExitCode']}: {(probe.get('Output') or '').strip()}"
        for probe in health.get("Log") or []
    ]
    reason = "OOMKilled" if state.get("OOMKilled") else f"exit code {state.get('ExitCode', 0)}"
    return _described(
        host,
        inspected["Name"].removeprefix("/"),
        health.get("Status") or state["Status"],
        reason if state["Status"] != "running" else "",
        state.get("Error", "") or (probes[-1] if probes else ""),
        probes[-5:],
        tail.decode(errors="replace").splitlines()[-LOG_LINES:],
    )


def _unreachable(node: EnvironmentNode, code: str, message: str) -> dict[str, Any]:
    return {
        "kind": "host",
        "name": node.name,
        "namespace": "",
        "node": node.name,
        "status": "unreachable",
        "reason": code,
        "message": message,
        "events": [],
        "log_tail": [],
    }


def _described(
    host: ComposeHost,
    name: str,
    status: str,
    reason: str,
    message: str,
    events: list[str],
    tail: list[str],
) -> dict[str, Any]:
    return {
        "kind": "container",
        "name": name,
        "namespace": host.project,
        "node": host.name,
        "status": status,
        "reason": reason,
        "message": message,
        "events": events,
        "log_tail": tail,
    }


def _rank(status: str) -> int:
    return _WORST_FIRST.index(status) if status in _WORST_FIRST else -1


def _output(step: ReleaseStep) -> str:
    start = max(0, step.log_bytes - 16_384)
    return logs.read_bytes(ReleaseLog, step.pk, start).decode(errors="replace")
