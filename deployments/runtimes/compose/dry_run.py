"""Compose's own dry run of a project on every host, before anybody approves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from config.core import threads
from config.core.errors import TargetNotReady
from deployments.rendering import hide
from deployments.runtimes.compose import container_files
from deployments.runtimes.compose.host import ComposeHost

_SINCE: Final = (2, 20)  # Compose of these versions and later can


def check(
    hosts: Sequence[ComposeHost],
    versions: Sequence[str],
    content: Mapping[str, Any],
    *,
    loose: bool,
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """The preview's check. `versions`: of Compose on each host; `loose`: some image can't be had
    now, so that Compose would look for it in vain; `secrets`: {text: mask}.

    Raises TargetNotReady with what Compose says on each host where it could not create the project.
    """
    old = [host.name for host, had in zip(hosts, versions, strict=True) if not _can(had)]
    if old:
        return _said("warn", f"Not tried: Compose is older than 2.20 on {', '.join(old)}")
    if loose:
        return _said("warn", "Not tried: there are images that no host has and no registry offers")
    project = container_files.without_files(content)
    answers = threads.each(lambda host: host.dry_run(project), hosts)
    pairs = zip(hosts, answers, strict=True)
    refused = [f"{host.name}: {said}" for host, said in pairs if said]
    if refused:
        reasons = hide(refused, secrets)
        raise TargetNotReady(f"Compose could not: {reasons[0]}", reasons=reasons)
    return _said("pass", f"Compose could create it on {len(hosts)} hosts")


def _can(version: str) -> bool:
    numbers = [part for part in version.split(".")[:2] if part.isdigit()]
    return len(numbers) == 2 and (int(numbers[0]), int(numbers[1])) >= _SINCE


def _said(status: str, message: str) -> dict[str, str]:
    return {"id": "dry_run", "status": status, "message": message}
