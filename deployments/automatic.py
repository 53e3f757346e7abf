"""The rollback that nobody asks for: of a release that failed where its target says so.

The wish is on the failed release's row (`rollback_due`), written with its failure; whoever makes
the rollback takes the wish back in the same transaction, so that there is one, however often this
runs.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.core import timeline
from config.core.errors import DomainError, PreviewMismatch
from config.core.models import Source
from config.core.timeline import SYSTEM, Actor
from deployments import selectors
from deployments.models import Release
from deployments.preview import preview_rollback
from deployments.requesting import request

logger = logging.getLogger(__name__)
REASON = "Automatic: the release failed."
PATIENCE = timedelta(minutes=10)


def roll_back(release_id: int) -> int | None:
    """The rollback of a failed release, if it is due: its id once it may be run, else None. It is
    under the policy for rollbacks like any other, in the name of who asked for what failed.

    A rollback that can't be made is told in the timeline, and not tried again; but where nothing
    could be reached, which may be why the release failed, for as long as `PATIENCE`.
    """
    release = selectors.releases().get(pk=release_id)
    if not release.rollback_due:
        return None
    actor = Actor(release.requested_by, Source.SYSTEM)
    try:
        _require_nothing_since(release)
        made = preview_rollback(release, actor=actor, reason=REASON)
    except DomainError as error:
        ended = release.finished_at
        if error.http_status == 502 and ended and timezone.now() - ended < PATIENCE:
            return None  # the reconciler comes back to it
        logger.warning("no automatic rollback", extra={"release": release_id, "code": error.code})
        with transaction.atomic():
            if _taken(release):
                detail = {"reason": REASON, "reason_code": error.code, "message": error.message}
                timeline.record("release.rollback_failed", release, actor=SYSTEM, detail=detail)
        return None
    with transaction.atomic():
        runs = _taken(release) and request(made, actor)
    return made.pk if runs else None


def _require_nothing_since(release: Release) -> None:
    """Raises PreviewMismatch where a later release was applied: to go back would undo that one."""
    now = selectors.last_applied(release.service, release.target)
    if now is None or now.pk != release.previous_id:
        raise PreviewMismatch(
            "Another release has been applied since.", mismatch=["target_changed"]
        )


def _taken(release: Release) -> bool:
    rows = Release.objects.filter(pk=release.pk, rollback_due=True)
    return rows.update(rollback_due=False) == 1
