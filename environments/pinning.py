"""What the preview of an install promised, under one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from environments.models import EnvironmentInstallTask, EnvironmentStatus, InstallPreview


def context_hash(plan: dict[str, Any]) -> str:
    """The same for a plan that was just made and for one that was read from its row."""
    text = json.dumps(plan, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def identity(node: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a node the one that was previewed."""
    names = ("id", "name", "host", "port", "user", "role", "fingerprint", "credential_id")
    return {name: node[name] for name in names}


def is_intact(preview: InstallPreview) -> bool:
    return context_hash(preview.plan) == preview.context_hash


def has_other_hosts(preview: InstallPreview) -> bool:
    """Whether the environment's hosts are no longer those of the preview, or not to be used."""
    now = [identity(vars(node)) for node in preview.environment.nodes.all()]
    retired = preview.environment.status == EnvironmentStatus.RETIRED
    return retired or now != [identity(node) for node in preview.plan["nodes"]]


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
