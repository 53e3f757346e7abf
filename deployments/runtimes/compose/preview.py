"""What a Compose release would do: resolved by Compose on the hosts, pinned, and compared."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

from config.core import threads
from config.core.errors import TargetNotReady
from config.core.risk import Finding, Rule
from deployments.models import DeploymentTarget, Release, Service
from deployments.runtimes.base import Preview, Request
from deployments.runtimes.compose import dry_run, images, project
from deployments.runtimes.compose.host import ComposeHost
from deployments.runtimes.compose.resolving import resolve
from environments.access import login_of
from environments.models import EnvironmentNode, EnvironmentStatus
from environments.selectors import compose_nodes
from environments.ssh.pool import ConnectionPool

_TAKES_RELEASES = (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED)


def project_name(service: Service, target: DeploymentTarget) -> str:
    """Compose's name for what this service is on this target; the same for every release of it."""
    return f"{service.name.lower()}-{target.pk}"


def preview(request: Request) -> Preview:
    nodes = nodes_of(request.target)
    with ConnectionPool() as pool:
        name = project_name(request.service, request.target)
        hosts = threads.each(
            lambda node: ComposeHost(node.name, name, pool.get(login_of(node))), nodes
        )
        versions = threads.each(ComposeHost.require_compose, hosts)
        content, shown = resolve(hosts[0], request)
        found = images.find(hosts, content)
        content, masked = project.pinned(content, found.pins), project.pinned(shown, found.pins)
        tried = dry_run.check(
            hosts, versions, content, loose=bool(found.loose), secrets=request.secrets
        )
        running = threads.each(ComposeHost.containers, hosts)
    change = project.diff(_last_applied(request.previous), masked)
    findings = project.findings(masked, change) + images.findings(found)
    if request.previous is None:
        text = "The first release of this service on this target"
        findings.append(Finding(Rule.FIRST_RELEASE, text))
    told = f"Compose {', '.join(sorted(set(versions)))} on {len(nodes)} hosts"
    return Preview(
        content=content,
        resolved=yaml.safe_dump(masked, sort_keys=True, allow_unicode=True),
        diff=change,
        fingerprint=_fingerprint(nodes, running),
        images=images.shown(content, found, request.source),
        checks=[
            {"id": "compose", "status": "pass", "message": told},
            images.check(found),
            tried,
        ],
        findings=findings,
    )


def fingerprint(release: Release, pool: ConnectionPool) -> str:
    """Of what runs on the release's target now."""
    nodes = nodes_of(release.target)
    name = project_name(release.service, release.target)
    hosts = threads.each(lambda node: ComposeHost(node.name, name, pool.get(login_of(node))), nodes)
    return _fingerprint(nodes, threads.each(ComposeHost.containers, hosts))


def nodes_of(target: DeploymentTarget) -> list[EnvironmentNode]:
    """The hosts a release goes to. Raises TargetNotReady."""
    nodes = list(compose_nodes(target.environment_id))
    reasons = [f"{node.name} is not enrolled" for node in nodes if not node.host_key]
    if target.environment.status not in _TAKES_RELEASES:
        reasons.append(f"The environment is {target.environment.status}")
    if not nodes:
        reasons.append("The environment has no Compose hosts")
    if reasons:
        raise TargetNotReady(reasons=reasons)
    return nodes


def _last_applied(previous: Release | None) -> dict[str, Any]:
    """What the target has now, as its release recorded it, secrets masked as they were then."""
    if previous is None:
        return {}
    loaded: dict[str, Any] = yaml.safe_load(previous.resolved_manifest) or {}
    return loaded


def _fingerprint(nodes: list[EnvironmentNode], running: list[list[str]]) -> str:
    state = [
        [node.pk, node.host, node.port, node.user, node.fingerprint, containers]
        for node, containers in zip(nodes, running, strict=True)
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
