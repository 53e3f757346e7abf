"""What Slipway asks of hosts outside of any run: their facts, and what they hold already."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.core import threads, timeline
from config.core.errors import DomainError, SSHError, SSHHostKeyMismatch, TargetNotReady
from config.core.models import TimelineEvent
from config.core.timeline import Actor
from environments.access import login_of, login_through, way_to
from environments.models import Bastion, EnvironmentNode
from environments.ssh import scanning
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.facts import gather
from environments.ssh.host_keys import HostKey
from environments.ssh.pool import ConnectionPool


def scan(host: EnvironmentNode | Bastion) -> HostKey:
    """The key that it answers with now. Raises SSHUnreachable, and the errors of bastions."""
    before = host.bastion if isinstance(host, EnvironmentNode) else host.via
    return scanning.scan(host.host, host.port, via=login_through(before))


def check(node: EnvironmentNode, *, actor: Actor) -> dict[str, Any]:
    """Connects and stores the host's facts. Raises the SSH errors, and stores their codes."""
    facts: dict[str, Any] = check_all([node], actor=actor)[0]["facts"]
    return facts


def check_all(
    nodes: Sequence[EnvironmentNode], *, actor: Actor, look_in: str = ""
) -> list[dict[str, Any]]:
    """Checks all nodes at once: a list of {facts, present: names in the directory `look_in`}.

    Those behind one bastion share the connection to it. Raises the first node's error, with every
    node's in `data.nodes`: {name: code}.
    """

    def look(node: EnvironmentNode) -> dict[str, Any] | DomainError:
        try:
            connection = pool.get(login_of(node))
            facts = asdict(gather(connection))
            present = _names(connection, look_in) if look_in else []
        except CommandFailed as error:
            _note(node, facts=node.facts, reason_code=TargetNotReady.code)
            return TargetNotReady(reasons=[f"{node.name}: {error}"])
        except SSHError as error:
            _note(node, facts=node.facts, reason_code=error.code)
            return error
        _note(node, facts=facts, reason_code="")
        return {"facts": facts, "present": present}

    had = [node.reason_code for node in nodes]
    with ConnectionPool() as pool:
        found = threads.each(look, nodes)
    for node, reason_code, result in zip(nodes, had, found, strict=True):
        if isinstance(result, SSHHostKeyMismatch):
            _tell_of_key(node, result, was_fine=not reason_code, actor=actor)
    errors = {n.name: r for n, r in zip(nodes, found, strict=True) if isinstance(r, DomainError)}
    for name, error in errors.items():
        error.message = f"{name}: {error.message}"
        error.data["nodes"] = {name: error.code for name, error in errors.items()}
        raise error
    return [result for result in found if not isinstance(result, DomainError)]


def _names(connection: Connection, directory: str) -> list[str]:
    listed = connection.run(f"ls -1 {shlex.quote(directory)}")
    return listed.stdout.decode(errors="replace").split()


def _note(node: EnvironmentNode, *, facts: dict[str, Any], reason_code: str) -> None:
    node.facts, node.reason_code, node.checked_at = facts, reason_code, timezone.now()
    node.save(update_fields=["facts", "reason_code", "checked_at"])


def _tell_of_key(
    node: EnvironmentNode, error: SSHHostKeyMismatch, *, was_fine: bool, actor: Actor
) -> None:
    """Records that the node's key changed, or that of a bastion on the way to it: once, until the
    host is enrolled again, offers yet another key, or (`was_fine`) had been all right since."""
    way: list[EnvironmentNode | Bastion] = [*way_to(node.bastion), node]
    subject = way[len(error.data.get("via", ()))]
    keys = {name: error.data.get(name) for name in ("expected", "offered")}
    with transaction.atomic():
        # Whoever else looks at this host waits here, and then finds the event.
        type(subject)._default_manager.select_for_update().get(pk=subject.pk)
        told = TimelineEvent.objects.filter(
            resource_type=subject.resource_type,
            resource_id=subject.pk,
            action__in=("node.enrolled", "node.host_key_changed"),
        )
        last = told.order_by("-seq").first()
        same = last is not None and keys == {name: last.detail.get(name) for name in keys}
        if not same or (was_fine and subject is node):
            timeline.record("node.host_key_changed", subject, actor=actor, detail=error.data)
