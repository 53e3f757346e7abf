"""Which images a release runs, and what pins them: `repository@sha256:…`, on hosts or from their
registries. Images that nothing pins are said to be so."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.core import threads
from config.core.errors import TargetNotReady
from config.core.risk import Finding, Rule
from deployments.models import Release
from deployments.runtimes.compose.host import ComposeHost

_HUB: Final = "docker.io"


@dataclass(frozen=True)
class Platform:
    """`os`, `architecture`: Go's names, as Docker and registries use them."""

    os: str
    architecture: str


@dataclass(frozen=True)
class Found:
    """`pins`: {reference: what pins it}; `loose`: references that neither hosts nor a registry know
    enough of; `absent`: those pinned that some host would have to pull."""

    pins: dict[str, str]
    loose: list[str]
    absent: list[str]


def find(hosts: Sequence[ComposeHost], content: Mapping[str, Any]) -> Found:
    """What a project's images are. Raises TargetNotReady when hosts hold different ones under one
    name."""
    services = (content.get("services") or {}).values()
    found = Found({}, [], [])
    for reference in sorted({service["image"] for service in services if "image" in service}):
        known = threads.each(lambda host: host.digest_of(reference), hosts)  # noqa: B023 - at once
        pin = _pin(hosts, reference, known)
        if pin is None:
            found.loose.append(reference)
            continue
        found.pins[reference] = pin
        if not all(known):
            found.absent.append(reference)
    return found


def _pin(hosts: Sequence[ComposeHost], reference: str, known: list[str | None]) -> str | None:
    distinct = {digest for digest in known if digest}
    if len(distinct) > 1:
        names = ", ".join(host.name for host in hosts)
        raise TargetNotReady(reasons=[f"{names} hold different images as {reference}"])
    pin = distinct.pop() if distinct else None
    if all(known) or (pin and "@" in pin):  # the others can pull exactly what one of them has
        return pin
    if pin or reference.startswith("sha256:"):  # an image of no registry, and not on every host
        return None
    if "@sha256:" in reference:
        return reference
    return _from_registry(hosts, reference)


def _from_registry(hosts: Sequence[ComposeHost], reference: str) -> str | None:
    """What the registry has under that name now, for the platform that all hosts share."""
    found = {Platform(*host.platform()) for host in hosts}
    if len(found) != 1:
        return None
    insecure = takes_plain_http(registry_of(reference), hosts[0].registry_config())
    answer = hosts[0].manifest_of(reference, insecure=insecure)
    digest = digest_for(found.pop(), answer) if answer is not None else None
    return f"{repository_of(reference)}@{digest}" if digest else None


def digest_for(platform: Platform, answer: Any) -> str | None:
    """The one image for the platform in what `docker manifest inspect --verbose` answered."""
    entries = answer if isinstance(answer, list) else [answer]
    described = [entry.get("Descriptor") or {} for entry in entries if isinstance(entry, dict)]
    fitting = {
        str(one["digest"])
        for one in described
        if _platform(one) == platform and str(one.get("digest", "")).startswith("sha256:")
    }
    return fitting.pop() if len(fitting) == 1 else None


def _platform(descriptor: Mapping[str, Any]) -> Platform:
    platform = descriptor.get("platform") or {}
    return Platform(str(platform.get("os")), str(platform.get("architecture")))


def repository_of(reference: str) -> str:
    """The reference without its tag or digest; a registry's port is no tag."""
    name = reference.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def registry_of(reference: str) -> str:
    """Host and port (the rule is Docker's: a first part with a dot, a colon, or localhost)."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first
    return _HUB


def takes_plain_http(registry: str, config: Mapping[str, Any]) -> bool:
    """Whether the host's daemon was told to trust this registry without TLS. `config`: of
    `docker info`, RegistryConfig."""
    known = (config.get("IndexConfigs") or {}).get(registry)
    if known:
        return known.get("Secure") is False
    name = registry.rpartition(":")[0] or registry
    try:
        address = ipaddress.ip_address("127.0.0.1" if name == "localhost" else name)
    except ValueError:
        return False
    networks = config.get("InsecureRegistryCIDRs") or []
    return any(address in ipaddress.ip_network(network) for network in networks)


def shown(
    content: Mapping[str, Any], found: Found, source: Release | None
) -> list[dict[str, str | None]]:
    """[{service, reference, digest}] of the pinned project; a rollback's references are the ones
    its source had."""
    pinned_to = {pin: reference for reference, pin in found.pins.items()}
    named = {image["digest"]: image["reference"] for image in source.images} if source else {}
    result = []
    for name, service in sorted((content.get("services") or {}).items()):
        image = service.get("image")
        reference = named.get(image) or pinned_to.get(image, image)
        digest = image if image in pinned_to else None
        result.append({"service": name, "reference": reference, "digest": digest})
    return result


def check(found: Found) -> dict[str, str]:
    """The preview's word on images."""
    if found.loose:
        told = f"Not on every host, and no registry answered: {', '.join(found.loose)}"
        return {"id": "images", "status": "warn", "message": told}
    told = "Every image is pinned by digest"
    told += f"; to be pulled when applied: {', '.join(found.absent)}" if found.absent else ""
    return {"id": "images", "status": "pass", "message": told}


def findings(found: Found) -> list[Finding]:
    text = "is pinned by nothing: it is what its name means when it is pulled"
    return [Finding(Rule.UNPINNED_IMAGE, f"{reference} {text}") for reference in found.loose]
