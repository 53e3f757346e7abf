"""A resolved Compose project as a value: pinned, compared, looked at for risk. Pure."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from typing import Any, Final

import yaml

from config.core.risk import Finding, RiskLevel

_KINDS: Final = ("services", "networks", "volumes", "configs", "secrets")


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
    summary = dict.fromkeys(("create", "update", "delete", "unchanged"), 0)
    resources = []
    for kind in _KINDS:
        old, new = before.get(kind) or {}, after.get(kind) or {}
        for name in sorted({*old, *new}):
            action = _action(old.get(name, _ABSENT), new.get(name, _ABSENT))
            summary[action] += 1
            if action != "unchanged":
                unified = _unified(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
                resources.append(
                    {
                        "action": action,
                        "kind": kind.removesuffix("s"),
                        "name": name,
                        "namespace": "",
                        "unified": unified,
                    }
                )
    return {"summary": summary, "resources": resources}


def changed_services(diff: Mapping[str, Any]) -> set[str]:
    return {
        resource["name"]
        for resource in diff["resources"]
        if resource["kind"] == "service" and resource["action"] == "update"
    }


def gated(project: Mapping[str, Any], changed: set[str]) -> list[str]:
    """Changed services whose new container can prove itself healthy beside the old one: they have a
    health check, and no data that two containers would write to at once."""
    services: dict[str, Any] = project.get("services", {})
    return sorted(
        name
        for name in changed
        if _health_check(services[name]) and not services[name].get("volumes")
    )


def findings(project: Mapping[str, Any], change: Mapping[str, Any]) -> list[Finding]:
    """What about this project, and this change of it, is a risk."""
    found = [
        Finding(RiskLevel.HIGH, f"Deletes {resource['kind']} {resource['name']}")
        for resource in change["resources"]
        if resource["action"] == "delete"
    ]
    for name, service in project.get("services", {}).items():
        found += _service_findings(name, service)
    return found


def _service_findings(name: str, service: Mapping[str, Any]) -> list[Finding]:
    high, medium = RiskLevel.HIGH, RiskLevel.MEDIUM
    mounts = [v for v in service.get("volumes", []) if v.get("type") == "bind"]
    sources = [str(mount.get("source", "")) for mount in mounts]
    image = str(service.get("image", ""))
    rules = [
        (service.get("privileged"), RiskLevel.CRITICAL, "runs privileged"),
        (any("docker.sock" in s for s in sources), RiskLevel.CRITICAL, "mounts the Docker socket"),
        (bool(mounts), high, f"mounts from the host: {', '.join(sources)}"),
        (service.get("network_mode") == "host", high, "uses the host's network"),
        (service.get("pid") == "host", high, "sees the host's processes"),
        (service.get("cap_add"), high, f"adds capabilities: {service.get('cap_add')}"),
        (service.get("devices"), high, "uses devices of the host"),
        (_floating(image), medium, f"uses a tag that moves: {image}"),
        (not _health_check(service), medium, "has no health check"),
    ]
    return [Finding(level, f"{name} {text}") for applies, level, text in rules if applies]


def _health_check(service: Mapping[str, Any]) -> bool:
    check = service.get("healthcheck") or {}
    return bool(check.get("test")) and not check.get("disable") and check["test"] != ["NONE"]


def _floating(image: str) -> bool:
    if "@sha256:" in image or image.startswith("sha256:"):
        return False
    tag = image.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")


_ABSENT: Final = object()


def _action(old: object, new: object) -> str:
    if old is _ABSENT:
        return "create"
    if new is _ABSENT:
        return "delete"
    return "unchanged" if old == new else "update"


def _unified(name: str, old: object, new: object) -> str:
    lines = difflib.unified_diff(_lines(old), _lines(new), "running", "previewed", n=3)
    return "".join(lines) or f"  {name}\n"


def _lines(value: object) -> list[str]:
    if value is _ABSENT:
        return []
    text = yaml.safe_dump(value, sort_keys=True, allow_unicode=True, default_flow_style=False)
    return text.splitlines(keepends=True)
