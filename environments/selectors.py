"""Reads of environments."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from config.core.errors import NotFound
from environments.bundles import manifest
from environments.bundles.model import Bundle
from environments.models import EnvironmentInstallTask, EnvironmentNode, NodeRole, StepStatus


def tasks() -> QuerySet[EnvironmentInstallTask]:
    """Install tasks with what their serializer shows, in a fixed number of queries."""
    done = Count("steps", filter=Q(steps__status=StepStatus.SUCCEEDED))
    return (
        EnvironmentInstallTask.objects.annotate(done=done, total=Count("steps"))
        .select_related("requested_by", "environment", "preview")
        .prefetch_related("steps__node", "steps__run")
    )


def bundles() -> list[Bundle]:
    """The bundles of the root, or none where no bundle was built yet. Raises BundleInvalid."""
    if not (settings.BUNDLE_ROOT / "manifests" / "index.yaml").is_file():
        return []
    return manifest.load(settings.BUNDLE_ROOT)


def bundle(name: str, version: str) -> Bundle:
    for found in bundles():
        if (found.name, found.version) == (name, version):
            return found
    raise NotFound(f"There is no bundle {name} {version}.")


def compose_nodes(environment_id: int) -> QuerySet[EnvironmentNode]:
    """The hosts that carry an environment's Compose projects, in the order they were added."""
    nodes = EnvironmentNode.objects.select_related("credential", "environment")
    return nodes.filter(environment_id=environment_id, role=NodeRole.COMPOSE)
