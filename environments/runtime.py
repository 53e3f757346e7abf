"""Whether a host's runtime answers."""

from __future__ import annotations

from typing import Final

from environments.models import EnvironmentNode, NodeRole
from environments.ssh.connection import Connection

_KUBELET: Final = "systemctl is-active --quiet kubelet"
_COMPOSE: Final = "docker compose version --short && docker info >/dev/null"


def lacking(node: EnvironmentNode, connection: Connection) -> str:
    """A sentence on what should answer on the node and doesn't; "" when all is well."""
    match node.role:
        case NodeRole.COMPOSE:
            answer = connection.run(_COMPOSE)
            version = answer.stdout.decode(errors="replace").strip()
            if answer.exit_code or not version.lstrip("v").startswith(("2", "3", "4", "5")):
                return f"{node.name}: no Docker Engine with Compose v2 answers"
        case NodeRole.CONTROL_PLANE | NodeRole.WORKER:
            if connection.run(_KUBELET).exit_code:
                return f"{node.name}: the kubelet does not run"
    return ""
