"""What a Compose release would do: resolved by Compose on the hosts, pinned, and compared."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

from config.core import threads
from config.core.errors import ManifestInvalid, TargetNotReady
from config.core.risk import Finding, Rule
from deployments.models import DeploymentTarget, Release, Service
from deployments.rendering import hide
from deployments.runtimes.base import Preview, Request
from deployments.runtimes.compose import project
from deployments.runtimes.compose.host import ComposeHost
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
        hosts = [ComposeHost(node.name, name, pool.get(login_of(node))) for node in nodes]
        versions = threads.each(ComposeHost.require_compose, hosts)
        content, shown = _resolve(hosts[0], request)
        digests = _digests(hosts, content)
        running = threads.each(ComposeHost.containers, hosts)
    pins = {reference: digest for reference, digest in digests.items() if digest}
    content, masked = project.pinned(content, pins), project.pinned(shown, pins)
    change = project.diff(_last_applied(request.previous), masked)
    found = project.findings(masked, change)
    if request.previous is None:
        found.append(
            Finding(Rule.FIRST_RELEASE, "The first release of this service on this target")
        )
    checks = [
        _check(
            "compose", "pass", f"Compose {', '.join(sorted(set(versions)))} on {len(nodes)} hosts"
        )
    ]
    checks += _image_checks(digests)
    return Preview(
        content=content,
        resolved=yaml.safe_dump(masked, sort_keys=True, allow_unicode=True),
        diff=change,
        fingerprint=_fingerprint(nodes, running),
        images=_images(content, digests, request),
        checks=checks,
        findings=found,
    )


def fingerprint(release: Release) -> str:
    nodes = nodes_of(release.target)
    name = project_name(release.service, release.target)
    with ConnectionPool() as pool:
        hosts = [ComposeHost(node.name, name, pool.get(login_of(node))) for node in nodes]
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


def _resolve(host: ComposeHost, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the hosts get, and the same as it may be shown.

    Compose takes values apart (a command into words, `NAME=value` into a map), so what is shown is
    the masked manifest resolved as well. Where the masks don't fit, a port's, say, they are put in
    afterwards.
    """
    if request.source and request.content:
        return request.content, yaml.safe_load(request.source.resolved_manifest)
    document, masked = _single_document(request)
    try:
        content = host.resolve(document)
    except ManifestInvalid as error:
        told = hide({"text": error.message, **error.data}, request.secrets)
        raise ManifestInvalid(told.pop("text"), **told) from None
    try:
        shown = host.resolve(masked) if request.secrets else content
    except ManifestInvalid:
        shown = content
    return content, hide(shown, request.secrets)


def _single_document(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest and its masked twin. Raises ManifestInvalid, also for what reaches outside."""
    rendered = request.rendered
    first = rendered.documents[0] if rendered else None
    if rendered is None or len(rendered.documents) != 1 or not isinstance(first, dict):
        message = "A Compose file is one YAML mapping."
        raise ManifestInvalid(message, errors=[{"path": "manifest", "line": 1, "message": message}])
    if errors := project.outside_references(first, rendered.line_of):
        raise ManifestInvalid(errors[0]["message"], errors=errors)
    return first, rendered.masked[0]


def _digests(hosts: list[ComposeHost], content: dict[str, Any]) -> dict[str, str | None]:
    """{reference: what pins it}, None where no host has it yet. Raises TargetNotReady when hosts
    hold different images under one name."""
    references = sorted({s["image"] for s in content.get("services", {}).values() if "image" in s})
    found: dict[str, str | None] = {}
    for reference in references:
        known = threads.each(lambda host: host.digest_of(reference), hosts)  # noqa: B023 - called at once
        distinct = {digest for digest in known if digest}
        if len(distinct) > 1:
            names = ", ".join(host.name for host in hosts)
            raise TargetNotReady(reasons=[f"{names} hold different images as {reference}"])
        found[reference] = distinct.pop() if all(known) else None
    return found


def _images(
    content: dict[str, Any], digests: dict[str, str | None], request: Request
) -> list[dict[str, Any]]:
    """[{service, reference, digest}]; a rollback's references are the ones its source had."""
    pinned_to = {digest: reference for reference, digest in digests.items() if digest}
    named = {}
    if request.source:
        named = {image["digest"]: image["reference"] for image in request.source.images}
    return [
        {
            "service": name,
            "reference": named.get(service.get("image"))
            or pinned_to.get(service.get("image"), service.get("image")),
            "digest": service.get("image") if service.get("image") in pinned_to else None,
        }
        for name, service in sorted(content.get("services", {}).items())
    ]


def _image_checks(digests: dict[str, str | None]) -> list[dict[str, str]]:
    missing = [reference for reference, digest in digests.items() if not digest]
    if not missing:
        return [_check("images", "pass", "Every image is on every host, and pinned by digest")]
    text = f"Not on every host, will be pulled when applied: {', '.join(missing)}"
    return [_check("images", "warn", text)]


def _check(name: str, status: str, message: str) -> dict[str, str]:
    return {"id": name, "status": status, "message": message}


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
