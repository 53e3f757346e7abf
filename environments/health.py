"""What is wrong with an environment, and by that whether it is ready or degraded."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from environments.models import Environment, EnvironmentStatus

_IN_USE = (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED)


def note(environment_id: int, source: str, code: str = "", message: str = "") -> None:
    """What `source` ("node:3", "vip", "verify") found last; without a code, that all is well there.

    An environment in use is `degraded` as long as any source says so. One that is being installed,
    failed, or retired keeps its status.
    """
    with transaction.atomic():
        rows = Environment.objects.select_for_update().filter(pk=environment_id)
        environment = rows.first()
        if environment is None:
            return
        before = dict(environment.health)
        health = {name: said for name, said in before.items() if name != source}
        if code:
            known = before.get(source, {})
            same = known.get("code") == code
            since = known["since"] if same else timezone.now().isoformat()
            health[source] = {"code": code, "message": message, "since": since}
        changes: dict[str, object] = {} if health == before else {"health": health}
        status = EnvironmentStatus.DEGRADED if health else EnvironmentStatus.READY
        if environment.status in _IN_USE and environment.status != status:
            changes["status"] = status
        if changes:
            rows.update(**changes)


def begin(environment_id: int) -> None:
    """While it is worked on, it is neither ready nor degraded."""
    rows = Environment.objects.filter(pk=environment_id).exclude(status=EnvironmentStatus.RETIRED)
    rows.update(status=EnvironmentStatus.INSTALLING)


def settle(environment_id: int, status: str) -> None:
    """After an install: a new beginning, whatever was noted before. What is retired stays so."""
    rows = Environment.objects.filter(pk=environment_id).exclude(status=EnvironmentStatus.RETIRED)
    rows.update(status=status, health={})
