"""What Slipway asks of hosts outside of any run: their facts, and what they hold already."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from config.core import threads, timeline
from config.core.errors import DomainError, SSHError, SSHHostKeyMismatch, TargetNotReady
from config.core.timeline import Actor
from environments.access import login_of
from environments.models import EnvironmentNode
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.facts import gather


def check(node: EnvironmentNode, *, actor: Actor) -> dict[str, Any]:
    """Connects and stores the host's facts. Raises the SSH errors, and stores their codes."""
    facts: dict[str, Any] = check_all([node], actor=actor)[0]["facts"]
    return facts


def check_all(
    nodes: Sequence[EnvironmentNode], *, actor: Actor, look_in: str = ""
) -> list[dict[str, Any]]:
    """Checks all nodes at once: a list of {facts, present: names in the directory `look_in`}.

    Raises the first node's error, with every node's in `data.nodes`: {name: code}.
    """

    def look(node: EnvironmentNode) -> dict[str, Any] | DomainError:
        try:
            with Connection.open(login_of(node)) as connection:
                facts = asdict(gather(connection))
                present = _names(connection, look_in) if look_in else []
        except CommandFailed as error:
            _note(node, facts=node.facts, reason_code=TargetNotReady.code)
            return TargetNotReady(reasons=[f"{node.name}: {error}"])
        except SSHError as error:
            _note(node, facts=node.facts, reason_code=error.code)
            if isinstance(error, SSHHostKeyMismatch):
                timeline.record("node.host_key_changed", node, actor=actor, detail=error.data)
            return error
        _note(node, facts=facts, reason_code="")
        return {"facts": facts, "present": present}

    found = threads.each(look, nodes)
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
