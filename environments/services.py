"""Writes of environments, their nodes and credentials."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from config.core import timeline
from config.core.errors import InvalidTransition, TargetNotReady, ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.timeline import Actor
from environments import hosts, runtime
from environments.access import login_of
from environments.models import (
    LIVE,
    Environment,
    EnvironmentNode,
    EnvironmentStatus,
    RuntimeType,
    SSHCredential,
)
from environments.ssh.connection import Connection
from environments.ssh.host_keys import HostKey
from environments.ssh.scanning import scan as scan_host


def create_environment(*, actor: Actor, project: Project, **fields: Any) -> Environment:
    require(actor.person, "environment_manage", project)
    return Environment.objects.create(project=project, **fields)


def update_environment(environment: Environment, *, actor: Actor, name: str) -> Environment:
    require(actor.person, "environment_manage", environment)
    environment.name = name
    environment.save(update_fields=["name"])
    return environment


def retire_environment(environment: Environment, *, actor: Actor) -> None:
    """What ran there stays on the record, so an environment is retired, not deleted."""
    require(actor.person, "environment_manage", environment)
    _require_no_install(environment, EnvironmentStatus.RETIRED)
    environment.status = EnvironmentStatus.RETIRED
    environment.save(update_fields=["status"])


def create_credential(*, actor: Actor, project: Project, **fields: Any) -> SSHCredential:
    require(actor.person, "environment_manage", project)
    return SSHCredential.objects.create(project=project, **fields)


def add_node(environment: Environment, *, actor: Actor, **fields: Any) -> EnvironmentNode:
    require(actor.person, "environment_manage", environment)
    return EnvironmentNode.objects.create(environment=environment, **fields)


def update_node(node: EnvironmentNode, *, actor: Actor, **fields: Any) -> EnvironmentNode:
    """Changes a node; at another address it is another host, and has to be enrolled again."""
    require(actor.person, "environment_manage", node.environment)
    moved = any(
        fields.get(name, getattr(node, name)) != getattr(node, name) for name in ("host", "port")
    )
    if moved:
        fields |= {"host_key": "", "fingerprint": "", "facts": {}, "reason_code": ""}
    for name, value in fields.items():
        setattr(node, name, value)
    node.save(update_fields=list(fields))
    return node


def scan(node: EnvironmentNode, *, actor: Actor) -> HostKey:
    """The key that the host answers with now. Nothing is trusted or stored."""
    require(actor.person, "environment_manage", node.environment)
    return scan_host(node.host, node.port)


def enroll(node: EnvironmentNode, *, actor: Actor, fingerprint: str) -> EnvironmentNode:
    """Pins the host's key, if it has the fingerprint that the caller compared.

    Raises SSHUnreachable, or ValidationFailed when the host answers with another key.
    """
    require(actor.person, "environment_manage", node.environment)
    key = scan_host(node.host, node.port)
    if key.fingerprint != fingerprint:
        text = f"Not enrolled: the host answers with another key, {key.fingerprint}."
        raise ValidationFailed(fields={"fingerprint": [text]})
    before = node.fingerprint
    with transaction.atomic():
        node.host_key, node.fingerprint, node.reason_code = key.line, key.fingerprint, ""
        node.save(update_fields=["host_key", "fingerprint", "reason_code"])
        detail = {"fingerprint": key.fingerprint, "before": before}
        timeline.record("node.enrolled", node, actor=actor, detail=detail)
    return node


def check(node: EnvironmentNode, *, actor: Actor) -> dict[str, Any]:
    require(actor.person, "environment_manage", node.environment)
    return hosts.check(node, actor=actor)


def adopt(environment: Environment, *, actor: Actor) -> Environment:
    """For hosts that have the runtime already: checks it on every node, then the environment is
    ready. Raises TargetNotReady with a sentence per node that lacks it."""
    require(actor.person, "environment_manage", environment)
    _require_no_install(environment, EnvironmentStatus.READY)
    nodes = list(environment.nodes.select_related("credential", "environment"))
    if not nodes or environment.runtime_type != RuntimeType.COMPOSE:
        raise TargetNotReady(reasons=["Only Compose environments with nodes can be adopted."])
    hosts.check_all(nodes, actor=actor)
    reasons = [text for node in nodes if (text := _lacks_runtime(node))]
    if reasons:
        raise TargetNotReady(reasons=reasons)
    environment.status = EnvironmentStatus.READY
    environment.save(update_fields=["status"])
    return environment


def _require_no_install(environment: Environment, to: str) -> None:
    """Raises InvalidTransition where an install will set the state, or nothing ever again."""
    live = environment.tasks.filter(status__in=LIVE).exists()
    if live or environment.status == EnvironmentStatus.RETIRED:
        before = EnvironmentStatus.INSTALLING if live else environment.status
        raise InvalidTransition(**{"from": before, "to": to})


def _lacks_runtime(node: EnvironmentNode) -> str:
    with Connection.open(login_of(node)) as connection:
        return runtime.lacking(node, connection)
