"""Reads of services, targets and releases."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from config.core.errors import NoPreviousRelease, PreviewRequired
from config.core.models import User
from config.core.permissions import visible_to
from deployments.lifecycle import APPLIED
from deployments.models import DeploymentTarget, Release, Service


def releases() -> QuerySet[Release]:
    """Releases with what their serializer shows, in a fixed number of queries."""
    return Release.objects.select_related(
        "service", "target", "project", "environment", "revision", "requested_by", "previewed_by"
    ).prefetch_related(
        Prefetch("rollbacks", Release.objects.only("status", "rollback_of_id").order_by("-pk"))
    )


def by_preview_ref(user: User, preview_ref: str) -> Release:
    """Raises PreviewRequired for one that was never issued to anything the caller can see."""
    rows = releases().filter(preview_ref=preview_ref) if preview_ref else Release.objects.none()
    release = visible_to(rows, user, "release_read").first()
    if release is None:
        text = "There is no such preview; preview first." if preview_ref else ""
        raise PreviewRequired(text)
    return release


def last_applied(service: Service, target: DeploymentTarget) -> Release | None:
    """What runs there now."""
    rows = Release.objects.filter(service=service, target=target, status=APPLIED)
    return rows.order_by("-applied_at", "-pk").first()


def content_before(release: Release) -> Release:
    """The release whose content comes back when `release` is rolled back: what its own content had
    replaced. A rollback's content is that of its source, so that the next one goes further back.

    Raises NoPreviousRelease.
    """
    origin = release.source_release or release
    before = origin.previous
    if before is None:
        raise NoPreviousRelease
    return before.source_release or before
