"""One run of a release: take the target, see that it is what was previewed, apply, conclude."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from config.core import leases, timeline
from config.core.errors import DomainError, InvalidTransition, PreviewMismatch
from config.core.leases import Lease, LeaseLost
from config.core.timeline import SYSTEM, Actor
from deployments import policy, selectors
from deployments.diagnostics import report
from deployments.lifecycle import (
    APPLIED,
    APPLYING,
    APPROVED,
    FAILED,
    RELEASE,
    ROLLBACK,
    canonical,
)
from deployments.models import DeploymentTarget, Kind, Release
from deployments.pinning import has_moved, is_covered, is_intact
from deployments.runtimes.base import Outcome
from deployments.runtimes.registry import runtime_for

logger = logging.getLogger(__name__)


def run(release_id: int) -> bool:
    """Runs an approved release, or goes on with one whose worker is gone. Repeatable; does nothing
    when somebody else has it, its target is taken, or it is over. True when it came to its end
    here, and its target is free."""
    with leases.held(Release, release_id) as lease:
        if lease is None:
            return False
        release = selectors.releases().get(pk=release_id)
        try:
            if release.status == APPROVED and not _begin(release, lease):
                return False
            if release.status == APPLYING:
                _conclude(release, lease, _apply(release, lease))
                return True
        except (LeaseLost, InvalidTransition):
            logger.warning("run given up: another worker has it", extra={"release": release_id})
    return False


def _begin(release: Release, lease: Lease) -> bool:
    """Takes the target's lock and the first transition, both or neither. False when the target is
    taken, or changes are frozen: it stays approved, and the reconciler comes back to it."""
    if release.start_after is None or release.start_after > timezone.now():
        return False
    if freeze := policy.holding(release):
        _tell_waiting(release, "frozen", f"Frozen: {freeze.reason}")
        return False
    with transaction.atomic():
        free = DeploymentTarget.objects.filter(pk=release.target_id, active_release=None)
        if not free.update(active_release=release, active_since=timezone.now()):
            _tell_waiting(release, "queued", "Waits for another release on its target")
            return False
        RELEASE.move(
            release,
            APPLYING,
            "release.applying",
            actor=SYSTEM,
            fence=lease.fence,
            started_at=timezone.now(),
            progress={"phase": "start", "percent": 5, "message": "Checking the target"},
        )
    return True


def _tell_waiting(release: Release, phase: str, message: str) -> None:
    progress = {"phase": phase, "percent": 0, "message": message}
    Release.objects.filter(pk=release.pk, status=APPROVED).update(progress=progress)


def _apply(release: Release, lease: Lease) -> Outcome:
    runtime = runtime_for(release.runtime_type)
    try:
        if not release.steps.exists():  # else it has begun to change the target
            policy.require_still_allowed(release)
            if not is_intact(release):
                raise PreviewMismatch(mismatch=["content"])
            if not is_covered(release):
                raise PreviewMismatch(mismatch=["approval"])
            if has_moved(release) or runtime.fingerprint(release) != release.fingerprint:
                raise PreviewMismatch(mismatch=["target_changed"])
        return runtime.apply(release, lease)
    except DomainError as error:
        lease.check()
        untouched = not release.steps.exists()
        return Outcome(error.code, _explained(release, error), restored=untouched)
    except (LeaseLost, OperationalError, InterfaceError):
        raise  # somebody else goes on with it, or we do when the database is back
    except Exception:
        # A bug, or a host that answers nonsense: to do it again would not help.
        logger.exception("release run broke off", extra={"release": release.pk})
        untouched = not release.steps.exists()
        explained = _explained(release, NeedsAttention())
        return Outcome("needs_attention", explained, restored=untouched)


class NeedsAttention(DomainError):
    """Never answered by an endpoint: the reason of a run whose end nobody can vouch for."""

    code = "needs_attention"
    default_message = "The run broke off: look at the hosts, and at the worker's log."


def _explained(release: Release, error: DomainError) -> dict[str, Any]:
    return report(
        runtime_type=release.runtime_type,
        stage="start",
        summary=(error.code, error.message, error.default_message),
        raw={"data": error.data},
    )


def _conclude(release: Release, lease: Lease, outcome: Outcome) -> None:
    now = timezone.now()
    actor = _canceller(release) if outcome.reason_code == "cancelled" else SYSTEM
    ending: dict[str, Any] = {"fence": lease.fence, "finished_at": now, "actor": actor}
    target = DeploymentTarget.objects.filter(pk=release.target_id, active_release=release)
    with transaction.atomic():
        if not outcome.reason_code:
            images = release.images if outcome.images is None else outcome.images
            RELEASE.move(
                release,
                APPLIED,
                "release.applied",
                applied_at=_after(release.previous, now),
                progress=_DONE,
                images=images,
                **ending,
            )
            target.update(active_release=None, active_since=None, last_release=release)
        else:
            action = "release.cancelled" if outcome.reason_code == "cancelled" else "release.failed"
            RELEASE.move(
                release,
                FAILED,
                action,
                detail={"reason_code": outcome.reason_code},
                reason_code=outcome.reason_code,
                diagnostics_json=outcome.diagnostics,
                rollback_due=_is_rolled_back(release, outcome),
                **ending,
            )
            target.update(active_release=None, active_since=None)
        if release.kind == Kind.ROLLBACK and release.rollback_of:
            _tell_undone(release, release.rollback_of, outcome)


def _after(previous: Release | None, now: datetime) -> datetime:
    """What was applied last is found by its time: the worker's clock may be behind another's."""
    before = previous.applied_at if previous else None
    return max(before, now) if before else now


def _canceller(release: Release) -> Actor:
    """Who asked for the run's end; they did so on the row, after it was read here."""
    row = Release.objects.select_related("cancelled_by").get(pk=release.pk)
    return Actor(row.cancelled_by, row.source) if row.cancelled_by else SYSTEM


def _is_rolled_back(release: Release, outcome: Outcome) -> bool:
    """Whether a failed release is to be rolled back by itself: where its target says so, it left
    its mark, and there is something to go back to. Not what somebody cancelled: they decide."""
    return (
        release.target.auto_rollback
        and release.kind == Kind.DEPLOY
        and outcome.reason_code != "cancelled"
        and not outcome.restored
        and release.previous_id is not None
    )


def _tell_undone(release: Release, undone: Release, outcome: Outcome) -> None:
    detail = {"by_release": release.pk, "reason": release.reason}
    if outcome.reason_code:
        detail["reason_code"] = outcome.reason_code
        timeline.record("release.rollback_failed", undone, actor=SYSTEM, detail=detail)
    elif canonical(undone.status) in (APPLIED, FAILED):
        RELEASE.move(undone, ROLLBACK, "release.rollback_completed", actor=SYSTEM, detail=detail)


_DONE = {"phase": "done", "percent": 100, "message": "Applied"}
