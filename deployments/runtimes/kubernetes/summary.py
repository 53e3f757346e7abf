"""What a preview says of the objects that were looked at, secrets masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.core.risk import Finding, Rule
from deployments.rendering import hide
from deployments.runtimes.base import Request
from deployments.runtimes.diffs import ABSENT, Change, told
from deployments.runtimes.kubernetes import objects, risks
from deployments.runtimes.kubernetes.comparison import masked
from deployments.runtimes.kubernetes.objects import Object, part
from deployments.runtimes.kubernetes.survey import Look

_SEEN = 120  # seconds: a worker that takes over finds what ended that long ago


def diff(looks: Sequence[Look], secrets: dict[str, str]) -> dict[str, Any]:
    """{summary, resources} of the contract."""

    def shown(found: Object | None) -> object:
        return ABSENT if found is None else hide(masked(found), secrets)

    return told(
        Change(
            look.key.kind,
            look.key.name,
            shown(look.before),
            shown(look.after),
            look.key.namespace,
            look.action,
        )
        for look in looks
    )


def conflicts(looks: Sequence[Look]) -> list[dict[str, Any]]:
    return [
        {"kind": look.key.kind, "name": look.key.name, "namespace": look.key.namespace, **one}
        for look in looks
        for one in look.conflicts
    ]


def images(wanted: Sequence[Object], request: Request) -> list[dict[str, Any]]:
    """[{service, reference, digest}]; the digest where the reference has it. The others are told by
    the cluster once they run."""
    return [
        {
            "service": f"{one['metadata']['name']}/{container.get('name', '')}",
            "reference": hide(str(container.get("image", "")), request.secrets),
            "digest": hide(image, request.secrets) if "@sha256:" in image else None,
        }
        for one in wanted
        for container in objects.containers(one)
        for image in [str(container.get("image", ""))]
    ]


def checks(
    version: str, looks: Sequence[Look], left: Sequence[str], *, blind: bool, force: bool
) -> list[dict[str, str]]:
    asked = sum(not look.unchecked for look in looks)
    found = [_check("server", "pass", f"Kubernetes {version} checked {asked} objects by dry-run")]
    found += [
        _check("server", "warn", f"{look.key} could not be checked: {look.unchecked}")
        for look in looks
        if look.unchecked
    ]
    for look in looks:
        for one in look.conflicts:
            what = "will be taken over" if force else "make applying fail"
            whose = f"fields that {one['manager']} manages {what}"
            text = f"{look.key}: {whose}: {', '.join(one['fields'])}"
            found.append(_check("conflicts", "warn", text))
    found += [
        _check(
            "jobs", "warn", f"{look.key} is cleaned up {ttl} s after its end: it may not be seen"
        )
        for look in looks
        if isinstance(ttl := part(look.result or {}, "spec").get("ttlSecondsAfterFinished"), int)
        and ttl < _SEEN
    ]
    found += [
        _check("server", "warn", f"{look.key} is being deleted: applying waits for nothing there")
        for look in looks
        if part(look.live or {}, "metadata").get("deletionTimestamp")
    ]
    found += [_check("prune", "warn", f"Left on the cluster: {name}") for name in left]
    if blind:
        text = "Pods can't be listed: a rollout that gets stuck can't be explained"
        found.append(_check("diagnosis", "warn", text))
    return found


def _check(name: str, status: str, message: str) -> dict[str, str]:
    return {"id": name, "status": status, "message": message}


def findings(wanted: list[Object], looks: Sequence[Look], request: Request) -> list[Finding]:
    found = risks.findings([hide(one, request.secrets) for one in wanted])
    if request.previous is None:
        found.append(
            Finding(Rule.FIRST_RELEASE, "The first release of this service on this target")
        )
    for look in looks:
        key, home = look.key, request.target.namespace
        rules = [
            (look.action == "delete", Rule.DELETES, f"Deletes {key}"),
            (look.replaced, Rule.REPLACES, f"Deletes {key} and makes it anew"),
            (not key.namespace, Rule.CLUSTER_SCOPED, f"{key} belongs to the whole cluster"),
            (key.namespace not in ("", home), Rule.OTHER_NAMESPACE, f"{key} is outside of {home}"),
            (look.taken_from, Rule.TAKES_FIELDS, f"{key} is {look.taken_from}'s until now"),
            (
                look.conflicts,
                Rule.TAKES_FIELDS if request.force_conflicts else Rule.FIELD_CONFLICT,
                f"{key} has fields of {', '.join(one['manager'] for one in look.conflicts)}",
            ),
        ]
        found += [Finding(rule, text) for applies, rule, text in rules if applies]
    return found
