"""A resolved Compose project as a value: pinned, compared, looked at for risk. Pure."""

from __future__ import annotations

import copy
import math
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.core.risk import Finding, Rule
from deployments.runtimes.diffs import ABSENT, Change, told
from deployments.runtimes.images import moves

_KINDS: Final = ("services", "networks", "volumes", "configs", "secrets")


# What makes Compose read files of the host, as root, before anybody has approved anything.
_OUTSIDE: Final = ("build", "env_file", "extends", "label_file", "provider")


def outside_references(
    document: Mapping[str, Any], line_of: Callable[[tuple[str | int, ...]], int]
) -> list[dict[str, Any]]:
    """[{path, line, message}] for what a manifest takes from outside of itself."""
    places: list[tuple[str, ...]] = [("include",)] if "include" in document else []
    services = document.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict):
            places += [("services", name, key) for key in _OUTSIDE if key in service]
    return [
        {
            "path": ".".join(place),
            "line": line_of(place),
            "message": f"{place[-1]} is not taken: a manifest has to be complete in itself.",
        }
        for place in places
    ]


def pinned(project: Mapping[str, Any], digests: Mapping[str, str]) -> dict[str, Any]:
    """The project with each image replaced by what `digests` {reference: digest} pins it to."""
    result = copy.deepcopy(dict(project))
    for service in result.get("services", {}).values():
        digest = digests.get(service.get("image", ""))
        if digest:
            service["image"] = digest
        if digest and digest.startswith("sha256:"):
            service["pull_policy"] = "never"  # an id names no registry to pull from
    return result


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """{summary, resources} of the contract, between two projects whose secrets are masked."""
    changes = []
    for kind in _KINDS:
        old, new = before.get(kind) or {}, after.get(kind) or {}
        for name in sorted({*old, *new}):
            sides = old.get(name, ABSENT), new.get(name, ABSENT)
            changes.append(Change(kind.removesuffix("s"), name, *sides))
    return told(changes)


def changed_services(diff: Mapping[str, Any]) -> set[str]:
    return {
        resource["name"]
        for resource in diff["resources"]
        if resource["kind"] == "service" and resource["action"] == "update"
    }


def findings(project: Mapping[str, Any], change: Mapping[str, Any]) -> list[Finding]:
    """What about this project, and this change of it, is a risk."""
    found = [
        Finding(Rule.DELETES, f"Deletes {resource['kind']} {resource['name']}")
        for resource in change["resources"]
        if resource["action"] == "delete"
    ]
    for name, service in project.get("services", {}).items():
        found += _service_findings(name, service, _mounted(service, project))
    return found


def _mounted(service: Mapping[str, Any], project: Mapping[str, Any]) -> list[str]:
    """Paths of the host that a service gets to see: binds, also by way of a named volume, a config
    or a secret."""
    volumes = project.get("volumes") or {}
    found = []
    for mount in service.get("volumes") or []:
        options = (volumes.get(mount.get("source")) or {}).get("driver_opts") or {}
        if mount.get("type") == "bind":
            found.append(str(mount.get("source", "")))
        elif "device" in options:
            found.append(str(options["device"]))
    for kind in ("configs", "secrets"):
        known = project.get(kind) or {}
        for used in service.get(kind) or []:
            source = known.get(used.get("source") if isinstance(used, dict) else used) or {}
            if "file" in source:
                found.append(str(source["file"]))
    return found


# Sockets that give the whole host away, and the directories that they are in.
_SOCKETS: Final = frozenset(
    f"{above}{path}"
    for above in ("", "/var")
    for path in ("/run", "/run/docker.sock", "/run/containerd", "/run/containerd/containerd.sock")
) | {"/", "/var"}
_HOST_SPACES: Final = ("cgroup", "ipc", "network_mode", "pid", "userns_mode", "uts")


def _service_findings(name: str, service: Mapping[str, Any], mounts: list[str]) -> list[Finding]:
    image = str(service.get("image", ""))
    spaces = [key for key in _HOST_SPACES if service.get(key) == "host"]
    others = [k for k in _HOST_SPACES if str(service.get(k)).startswith(("container:", "service:"))]
    socket = service.get("use_api_socket") or any(_absolute(mount) in _SOCKETS for mount in mounts)
    rules = [
        (service.get("privileged"), Rule.PRIVILEGED, "runs privileged"),
        (socket, Rule.DOCKER_SOCKET, "reaches the Docker socket"),
        (mounts, Rule.HOST_MOUNT, f"mounts from the host: {', '.join(mounts)}"),
        (spaces, Rule.HOST_NAMESPACE, f"shares with the host: {', '.join(spaces)}"),
        (others, Rule.SHARED_NAMESPACE, f"shares with another container: {', '.join(others)}"),
        (service.get("volumes_from"), Rule.SHARED_NAMESPACE, "takes another container's volumes"),
        (service.get("cap_add"), Rule.CAPABILITIES, f"adds capabilities: {service.get('cap_add')}"),
        (
            service.get("security_opt"),
            Rule.SECURITY_OPTIONS,
            f"loosens: {service.get('security_opt')}",
        ),
        (service.get("devices"), Rule.DEVICES, "uses devices of the host"),
        (service.get("device_cgroup_rules"), Rule.DEVICES, "opens classes of devices"),
        (moves(image), Rule.MOVING_TAG, f"uses a tag that moves: {image}"),
        (not has_health_check(service), Rule.NO_HEALTH_CHECK, "has no health check"),
    ]
    return [Finding(rule, f"{name} {text}") for applies, rule, text in rules if applies]


def _absolute(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))  # two slashes in front would stay two


def has_health_check(service: Mapping[str, Any]) -> bool:
    """In the manifest; one that only the image has is not known before it runs."""
    check = service.get("healthcheck") or {}
    return bool(check.get("test")) and not check.get("disable") and check["test"] != ["NONE"]


def seconds_to_health(project: Mapping[str, Any]) -> int:
    """How long a new container may take until its health is known, whatever it turns out to be."""
    services = (project.get("services") or {}).values()
    checks = [each["healthcheck"] for each in services if has_health_check(each)]
    return min(_LONGEST, max([_SHORTEST, *(_until_known(check) for check in checks)]))


_SHORTEST: Final = 60
_LONGEST: Final = 900
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_DURATION: Final = re.compile(r"([0-9.]+)(h|ms|us|ns|m|s)")


def _until_known(check: Mapping[str, Any]) -> int:
    """Docker's defaults are 30 s, 30 s and 3 tries."""
    interval, timeout = (_seconds(check.get(key, "30s")) for key in ("interval", "timeout"))
    tries = int(check.get("retries", 3))
    return math.ceil(_seconds(check.get("start_period", "0s")) + tries * (interval + timeout))


def _seconds(duration: str) -> float:
    """Of Go's form, as Compose prints it: 1m30s."""
    parts = _DURATION.findall(str(duration))
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
