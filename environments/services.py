"""Writes of environments, their nodes and credentials."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError

from config.core import timeline
from config.core.errors import InvalidTransition, TargetNotReady, ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.timeline import Actor
from environments import hosts, runtime
from environments.access import LONGEST_WAY, login_of
from environments.models import (
    LIVE,
    Bastion,
    Environment,
    EnvironmentNode,
    EnvironmentStatus,
    RuntimeType,
    SSHCredential,
)
from environments.ssh.connection import Connection
from environments.ssh.host_keys import HostKey

Row = TypeVar("Row", bound=Model)
Enrollable = TypeVar("Enrollable", EnvironmentNode, Bastion)


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
    """Changes a node; at another address, or behind another bastion, it is another host, and has
    to be enrolled again."""
    require(actor.person, "environment_manage", node.environment)
    if _differs(node, fields, "host", "port", "bastion"):
        fields |= {"host_key": "", "fingerprint": "", "facts": {}, "reason_code": ""}
    return _change(node, fields)


def remove_node(node: EnvironmentNode, *, actor: Actor) -> None:
    """Raises InvalidTransition once anything was to be done on it: that stays on the record."""
    require(actor.person, "environment_manage", node.environment)
    _delete(node, "Something was done on this host, or is to be: it stays on the record.")


def create_bastion(*, actor: Actor, project: Project, **fields: Any) -> Bastion:
    """Raises ValidationFailed where the way through it would be too long."""
    require(actor.person, "environment_manage", project)
    with transaction.atomic():
        bastion = Bastion.objects.create(project=project, **fields)
        _require_ways(project)
    return bastion


def update_bastion(bastion: Bastion, *, actor: Actor, **fields: Any) -> Bastion:
    """As `update_node`. What is behind it keeps its keys. Raises as `create_bastion`."""
    require(actor.person, "environment_manage", bastion)
    if _differs(bastion, fields, "host", "port", "via"):
        fields |= {"host_key": "", "fingerprint": ""}
    with transaction.atomic():
        _change(bastion, fields)
        _require_ways(bastion.project)
    return bastion


def delete_bastion(bastion: Bastion, *, actor: Actor) -> None:
    """Raises InvalidTransition while something is reached through it."""
    require(actor.person, "environment_manage", bastion)
    _delete(bastion, "Hosts are reached through this bastion: it stays as long as they are.")


def scan(host: EnvironmentNode | Bastion, *, actor: Actor) -> HostKey:
    """The key that the host answers with now. Nothing is trusted or stored."""
    require(actor.person, "environment_manage", host)
    return hosts.scan(host)


def enroll(host: Enrollable, *, actor: Actor, fingerprint: str) -> Enrollable:
    """Pins the host's key, if it has the fingerprint that the caller compared.

    Raises SSHUnreachable, the errors of bastions on the way, or ValidationFailed when the host
    answers with another key.
    """
    require(actor.person, "environment_manage", host)
    key = hosts.scan(host)
    if key.fingerprint != fingerprint:
        text = f"Not enrolled: the host answers with another key, {key.fingerprint}."
        raise ValidationFailed(fields={"fingerprint": [text]})
    before = host.fingerprint
    pinned = {"host_key": key.line, "fingerprint": key.fingerprint}
    if isinstance(host, EnvironmentNode):
        pinned["reason_code"] = ""
    with transaction.atomic():
        _change(host, pinned)
        detail = {"fingerprint": key.fingerprint, "before": before}
        timeline.record("node.enrolled", host, actor=actor, detail=detail)
    return host


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


def _differs(row: Model, fields: dict[str, Any], *names: str) -> bool:
    return any(fields.get(name, getattr(row, name)) != getattr(row, name) for name in names)


def _change(row: Row, fields: dict[str, Any]) -> Row:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    return row


def _require_ways(project: Project) -> None:
    """Looks at all of a project's bastions, held as they are: two changes make a circle as well."""
    rows = Bastion.objects.select_for_update().filter(project=project).order_by("pk")
    before = dict(rows.values_list("pk", "via_id"))
    for last in before:
        bastion: int | None = last
        count = 0
        while bastion is not None and count <= LONGEST_WAY:
            bastion, count = before.get(bastion), count + 1
        if count > LONGEST_WAY:
            text = f"At most {LONGEST_WAY} bastions, one behind the other, and not in a circle."
            raise ValidationFailed(fields={"via_id": [text]})


def _delete(row: EnvironmentNode | Bastion, in_use: str) -> None:
    """Raises InvalidTransition, which says `in_use`, where other rows need this one."""
    try:
        row.delete()
    except (ProtectedError, IntegrityError):
        raise InvalidTransition(in_use, **{"from": "in_use", "to": "deleted"}) from None


def _require_no_install(environment: Environment, to: str) -> None:
    """Raises InvalidTransition where an install will set the state, or nothing ever again."""
    live = environment.tasks.filter(status__in=LIVE).exists()
    if live or environment.status == EnvironmentStatus.RETIRED:
        before = EnvironmentStatus.INSTALLING if live else environment.status
        raise InvalidTransition(**{"from": before, "to": to})


def _lacks_runtime(node: EnvironmentNode) -> str:
    with Connection.open(login_of(node)) as connection:
        return runtime.lacking(node, connection)
