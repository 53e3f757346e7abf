"""What the preview of an install promised, under one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

from approvals.inbox import covers
from environments.models import (
    EnvironmentInstallTask,
    EnvironmentStatus,
    InstallPreview,
    TaskKind,
)

# What a step's row has from the plan.
STEP: Final = ("index", "phase", "hook", "node_id", "timeout", "retries", "idempotent", "script")


def context_hash(plan: dict[str, Any]) -> str:
    """The same for a plan that was just made and for one that was read from its row."""
    text = json.dumps(plan, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def identity(node: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a node the one that was previewed, and the way there."""
    names = ("id", "name", "host", "port", "user", "role", "fingerprint", "credential_id")
    found = {name: node[name] for name in names}
    return found | {"bastion_id": node.get("bastion_id")}  # older previews know of none


def is_intact(preview: InstallPreview) -> bool:
    return context_hash(preview.plan) == preview.context_hash


def is_covered(task: EnvironmentInstallTask) -> bool:
    """Whether what people approved is what the task is about, and its steps are those of the plan;
    where nobody was asked, the first is so."""
    ticket, digest = task.approval_ticket, task.preview.context_hash
    if ticket and not covers(ticket, task.resource_type, task.pk, digest):
        return False
    planned = [step | {"script": step["script"] or ""} for step in task.preview.plan["steps"]]
    steps = task.steps.order_by("index").values(*STEP)
    return list(steps) == [{name: step[name] for name in STEP} for step in planned]


def has_other_hosts(preview: InstallPreview) -> bool:
    """Whether the environment's hosts are no longer those of the preview, or not to be used. A
    virtual address is a matter of the hosts that were picked for it."""
    retired = preview.environment.status == EnvironmentStatus.RETIRED
    planned = preview.plan.get("nodes")  # the older system's may lack them
    if retired or planned is None:
        return True
    picked = {node["id"] for node in planned} if preview.kind == TaskKind.LVS_VIP else None
    nodes = preview.environment.nodes.all()
    now = [identity(vars(node)) for node in nodes if picked is None or node.pk in picked]
    return now != [identity(node) for node in planned]


def changed(content: Mapping[int, str]) -> dict[int, list[str]]:
    """Of tasks and the digests that people were asked about, those that are about something else
    now, by the names of `preview_mismatch`."""
    tasks = EnvironmentInstallTask.objects.filter(pk__in=content)
    tasks = tasks.select_related("preview__environment")
    found = {}
    for task in tasks.prefetch_related("preview__environment__nodes"):
        names = ["content"] if content[task.pk] != task.preview.context_hash else []
        if has_other_hosts(task.preview):
            names.append("target_changed")
        if names:
            found[task.pk] = names
    return found
