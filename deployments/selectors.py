"""Reads of services, targets and releases."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from config.core.errors import NoPreviousRelease, PreviewRequired
from config.core.models import User
from config.core.permissions import visible_to
from deployments.lifecycle import APPLIED, FAILED, STATES, words_for
from deployments.models import DeploymentTarget, Release, Service


def releases() -> QuerySet[Release]:
    """Releases with what their serializer shows, in a fixed number of queries."""
    return Release.objects.select_related(
        "service", "target", "project", "environment", "revision", "requested_by", "previewed_by"
    ).prefetch_related(
        Prefetch("rollbacks", Release.objects.only("status", "rollback_of_id").order_by("-pk"))
    )


def in_state(rows: QuerySet[Release], state: str) -> QuerySet[Release]:
    """Those of `rows` in `state`, whichever word is stored for it; unknown words are failures."""
    if state == FAILED:
        others = [word for other in STATES if other != FAILED for word in words_for(other)]
        return rows.exclude(status__in=others)
    return rows.filter(status__in=words_for(state))


def by_preview_ref(user: User, preview_ref: str) -> Release:
    """Raises PreviewRequired for one that was never issued to anything the caller can see."""
    rows = releases().filter(preview_ref=preview_ref) if preview_ref else Release.objects.none()
    release = visible_to(rows, user, "release_read").first()
    if release is None:
        text = "There is no such preview; preview first." if preview_ref else ""
        raise PreviewRequired(text)
    return release


def last_applied(service: Service, target: DeploymentTarget) -> Release | None:
    """What runs there now; rows of the older system among them, which may lack the time."""
    return _applied(service=service, target=target).first()


def with_last_applied(rows: QuerySet[Release]) -> QuerySet[Release]:
    """`rows`, each with `last_applied`: the id of what `last_applied` finds for its service on its
    target, None where there is none."""
    last = _applied(service=OuterRef("service"), target=OuterRef("target"))
    return rows.annotate(last_applied=Subquery(last.values("pk")[:1]))


def _applied(**of: Any) -> QuerySet[Release]:
    rows = Release.objects.filter(**of, status__in=words_for(APPLIED))
    return rows.order_by(F("applied_at").desc(nulls_last=True), "-pk")


def ran_since(
    previous: Release | None, service: Service, target: DeploymentTarget
) -> QuerySet[Release]:
    """What may have left its mark since `previous` was previewed, that one included, newest first:
    what failed after that, whenever it was made, `previous` knew nothing of."""
    rows = Release.objects.filter(service=service, target=target).exclude(content="")
    broken = Q(status__in=words_for(FAILED), started_at__isnull=False)
    if previous is None:
        return rows.filter(broken)
    return rows.filter(broken & Q(finished_at__gt=previous.created_at) | Q(pk=previous.pk))


def content_before(release: Release) -> Release:
    """The release whose content comes back when `release` is rolled back: what its own content had
    replaced. A rollback's content is that of its source, so that the next one goes further back.

    Raises NoPreviousRelease, also where that is a row of the older system, which kept no content.
    """
    origin = release.source_release or release
    before = origin.previous
    if before is None or not before.content:
        raise NoPreviousRelease
    return before.source_release or before
