"""Writes of the freezes, and the door that they keep shut."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from approvals import freezing
from approvals.models import FreezeWindow
from approvals.policies import require_author
from config.core import timeline
from config.core.errors import FreezeActive, ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.timeline import Actor


def require_open(
    project: Project,
    tier: str,
    *,
    actor: Actor,
    override_reason: str = "",
    at: datetime | None = None,
) -> FreezeWindow | None:
    """The gate before every change of a project in a tier: passes when no freeze holds, now or `at`
    the moment for which the change is planned.

    With `override_reason` it also passes through a freeze, for who has `project_manage` on the
    project, whoever the freeze is of; that is `break_glass.used` in the project's timeline. Call it
    in the transaction that starts the change, so that both are kept or neither is. A reason given
    where nothing is frozen records nothing; one of spaces is none.

    Answers the freeze that was overridden (of several, the one ending last), or None. Raises
    FreezeActive, and PermissionDenied to who gives a reason without the right.
    """
    at, reason = at or timezone.now(), override_reason.strip()
    freeze = freezing.active(project.pk, tier, at)
    if freeze is None:
        return None
    told = _told(freeze, at)
    if not reason:
        raise FreezeActive(freeze=told)
    require(actor.person, "project_manage", project)
    detail = {"freeze": told, "tier": tier, "reason": reason}
    timeline.record("break_glass.used", project, actor=actor, detail=detail)
    return freeze


def save_freeze(freeze: FreezeWindow, *, actor: Actor) -> FreezeWindow:
    """Creates or changes a freeze; whose it is to do so is as for policies. Raises
    ValidationFailed, PermissionDenied."""
    for state in (FreezeWindow.objects.filter(pk=freeze.pk).first(), freeze):
        if state is not None:
            require_author(state, actor)
    try:
        freeze.full_clean()
    except ValidationError as error:
        raise ValidationFailed(fields=error.message_dict) from None
    with transaction.atomic():
        freeze.save()
        _changed(freeze, actor)
    return freeze


def delete_freeze(freeze: FreezeWindow, *, actor: Actor) -> None:
    require_author(freeze, actor)
    with transaction.atomic():
        _changed(freeze, actor, deleted=True)
        freeze.delete()


def _changed(freeze: FreezeWindow, actor: Actor, **detail: Any) -> None:
    for name in ("tier", "reason", "enabled", "starts_at", "ends_at", "weekly"):
        detail[name] = getattr(freeze, name)
    timeline.record("freeze.changed", freeze, actor=actor, detail=detail)


def _told(freeze: FreezeWindow, at: datetime) -> dict[str, Any]:
    """{`id`, `reason`, `ends_at`: in UTC, or null, as `freezing.ends_at`}."""
    end = freezing.ends_at(freeze, at)
    text = end.astimezone(UTC).isoformat().replace("+00:00", "Z") if end else None
    return {"id": freeze.pk, "reason": freeze.reason, "ends_at": text}
