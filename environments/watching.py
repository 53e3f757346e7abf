"""Looks after the hosts of environments in use: their facts stay fresh, and what ails one shows."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from config.core import threads
from config.core.errors import DomainError, TargetNotReady
from config.core.timeline import SYSTEM
from environments import health, hosts, runtime
from environments.access import login_of
from environments.models import EnvironmentNode, EnvironmentStatus
from environments.ssh.connection import CommandFailed, Connection

logger = logging.getLogger(__name__)

_AT_A_TIME: Final = 200  # nodes; the others have their turn at the next tick
_AGAIN_AFTER: Final = 5.0  # seconds; one dropped connection is not a degraded environment


def look_after() -> None:
    """Checks the nodes that were not checked for NODE_CHECK, each by one worker alone."""
    before = timezone.now() - timedelta(seconds=settings.NODE_CHECK_SECONDS)
    due = EnvironmentNode.objects.filter(
        Q(checked_at__lt=before) | Q(checked_at=None),
        environment__status__in=(EnvironmentStatus.READY, EnvironmentStatus.DEGRADED),
    )
    nodes = due.select_related("credential", "environment").order_by("checked_at")[:_AT_A_TIME]
    mine = [node for node in nodes if _claimed(node)]
    threads.each(_look_at, mine)


def _claimed(node: EnvironmentNode) -> bool:
    rows = EnvironmentNode.objects.filter(pk=node.pk, checked_at=node.checked_at)
    return rows.update(checked_at=timezone.now()) == 1


def _look_at(node: EnvironmentNode) -> None:
    try:
        ailment = _ailment(node)
        if ailment:
            time.sleep(_AGAIN_AFTER)
            ailment = _ailment(node)
        code, message = ailment or ("", "")
        health.note(node.environment_id, f"node:{node.pk}", code, message)
    except Exception:  # of the others, each has its own check
        logger.exception("node not checked", extra={"node": node.pk})


def _ailment(node: EnvironmentNode) -> tuple[str, str] | None:
    """What is wrong with the node: a code of the contract, and a sentence."""
    try:
        hosts.check(node, actor=SYSTEM)
        with Connection.open(login_of(node)) as connection:
            lack = runtime.lacking(node, connection)
    except DomainError as error:
        return error.code, error.message
    except CommandFailed as error:
        return TargetNotReady.code, f"{node.name}: {error}"
    return (TargetNotReady.code, lack) if lack else None
