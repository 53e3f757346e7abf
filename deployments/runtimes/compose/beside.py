"""Which services can be replaced without a gap: the new container beside the old one. Pure.

A container gets its service's name on the networks as soon as it starts, as with every service that
Compose scales: a proxy in front either looks at health, or tries the next address when one refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deployments.runtimes.compose.project import changed_services, has_health_check

Services = Mapping[str, Mapping[str, Any]]

# What only one container at a time can have, and ways to live in another one's space.
_ONLY_ONCE: Final = ("devices", "mac_address", "volumes_from")
_NAMESPACES: Final = ("cgroup", "ipc", "network_mode", "pid", "uts")
_OF_OTHERS: Final = ("host", "container:", "service:")


@dataclass(frozen=True)
class Move:
    """One service's turn in a switch. `beside`: its `count` containers start next to the old ones;
    else Compose recreates it in place, early, because what comes beside depends on it."""

    service: str
    beside: bool
    count: int = 1

    def __str__(self) -> str:
        return f"{'beside' if self.beside else 'up'}:{self.count}:{self.service}"


def moves(project: Mapping[str, Any], change: Mapping[str, Any]) -> list[Move]:
    """What is switched before Compose converges the rest, in the order that dependencies ask for.

    `change`: the diff between what runs and `project`.
    """
    services: Services = project.get("services") or {}
    moving = changed_services(change) | _named(change, "service", "create")
    able = {
        name
        for name in _can_be_tried(services, change)
        if _can_serve_twice(name, services) and not _waits_for_a_job(name, services, moving)
    }
    found: dict[str, Move] = {}
    for name in sorted(able):
        for each in _dependencies_first(name, services):
            if each in able or each in moving:
                found[each] = Move(each, each in able, replicas(services[each]))
    return list(found.values())


def gated(project: Mapping[str, Any], change: Mapping[str, Any]) -> list[str]:
    """Changed services that can't be replaced beside the old one, but whose new container can prove
    itself healthy there, without ports and names, before it takes the old one's place."""
    beside = {move.service for move in moves(project, change) if move.beside}
    return sorted(_can_be_tried(project.get("services") or {}, change) - beside)


def replicas(service: Mapping[str, Any]) -> int:
    """How many containers of it Compose keeps."""
    count = service.get("scale", (service.get("deploy") or {}).get("replicas"))
    return 1 if count is None else int(count)


def _can_be_tried(services: Services, change: Mapping[str, Any]) -> set[str]:
    """Changed services of which two containers, one of them unknown to anybody, do no harm."""
    shaken = _named(change, "network", "update", "delete")
    return {
        name
        for name in changed_services(change)
        if has_health_check(service := services[name])
        and not shaken & _networks(service)
        and not any(service.get(key) for key in _ONLY_ONCE)
        and not any(str(service.get(key) or "").startswith(_OF_OTHERS) for key in _NAMESPACES)
        and not any(_fixed_address(network) for network in _attachments(service))
        and all(_shareable(mount) for mount in service.get("volumes") or [])
    }


def _can_serve_twice(name: str, services: Services) -> bool:
    service = services[name]
    return (
        replicas(service) > 0
        and not service.get("container_name")
        and not service.get("pre_stop")  # Compose's own hook, when Compose stops it
        and all(_ports_for(2 * replicas(service), port) for port in service.get("ports") or [])
        and not any(_tied_to(name, other) for key, other in services.items() if key != name)
    )


def _ports_for(containers: int, port: Mapping[str, Any]) -> bool:
    """No host port, any, or a range with one for each of so many."""
    published = str(port.get("published") or "0")
    first, _, last = published.partition("-")
    if published == "0":
        return True
    return int(last or first) - int(first) + 1 >= containers


def _shareable(mount: Mapping[str, Any]) -> bool:
    """Not data that two containers would write at once, or that a new one would not find."""
    return bool(mount.get("read_only")) or mount.get("type") == "tmpfs"


def _tied_to(name: str, other: Mapping[str, Any]) -> bool:
    shared = any(other.get(key) == f"service:{name}" for key in _NAMESPACES)
    taken = [str(entry).partition(":")[0] for entry in other.get("volumes_from") or []]
    linked = [str(entry).partition(":")[0] for entry in other.get("links") or []]
    restarted = (_needs(other).get(name) or {}).get("restart")
    return bool(shared or restarted or name in taken or name in linked)


def _attachments(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    networks = service.get("networks")
    return [one or {} for one in networks.values()] if isinstance(networks, dict) else []


def _fixed_address(attachment: Mapping[str, Any]) -> bool:
    return any(attachment.get(key) for key in ("ipv4_address", "ipv6_address", "mac_address"))


def _networks(service: Mapping[str, Any]) -> set[str]:
    return set(service.get("networks") or ("default",))


def _named(change: Mapping[str, Any], kind: str, *actions: str) -> set[str]:
    return {
        resource["name"]
        for resource in change["resources"]
        if resource["kind"] == kind and resource["action"] in actions
    }


def _needs(service: Mapping[str, Any]) -> Mapping[str, Any]:
    needs = service.get("depends_on") or {}
    return needs if isinstance(needs, dict) else dict.fromkeys(needs)


def _waits_for_a_job(name: str, services: Services, moving: set[str]) -> bool:
    """Something it needs has to run to its end first: Compose knows how to wait for that."""
    return any(
        needed in moving and (how or {}).get("condition") == "service_completed_successfully"
        for each in _dependencies_first(name, services)
        for needed, how in _needs(services[each]).items()
    )


def _dependencies_first(name: str, services: Services) -> Iterable[str]:
    """The service and all it depends on, each after what it needs. Compose refuses cycles."""
    found: dict[str, None] = {}

    def visit(each: str) -> None:
        for needed in sorted(_needs(services[each])):
            if needed in services and needed not in found:
                visit(needed)
        found[each] = None

    visit(name)
    return found
