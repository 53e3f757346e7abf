"""One decision on many tickets: each for itself, in its own transaction."""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError

from approvals import deciding
from approvals.inbox import by_ticket
from config.core.errors import DependencyUnavailable, DomainError
from config.core.timeline import Actor

logger = logging.getLogger(__name__)
_BROKEN = {"code": "internal_error", "message": "Slipway failed; see its log.", "data": {}}


def decide(
    tickets: list[str], *, actor: Actor, decision: str, comment: str
) -> list[dict[str, Any]]:
    """`decision`: `approve` or `reject`. For each ticket, in the order sent and once:
    {`ticket`, `ok`, `status`: of the ticket now, where it is known, `error`: {code, message, data}
    or None}."""
    return [_one(ticket, actor, decision, comment) for ticket in dict.fromkeys(tickets)]


def _one(ticket: str, actor: Actor, decision: str, comment: str) -> dict[str, Any]:
    act = deciding.approve if decision == "approve" else deciding.reject
    try:
        item = act(by_ticket(actor.person, ticket), actor=actor, comment=comment)
    except DomainError as error:
        return _refused(ticket, error)
    except (OperationalError, InterfaceError):
        return _refused(ticket, DependencyUnavailable())
    except Exception:
        # What was decided before is decided: its answer must not be lost.
        logger.exception("ticket not decided", extra={"ticket": ticket})
        return {"ticket": ticket, "ok": False, "status": None, "error": _BROKEN}
    return {"ticket": ticket, "ok": True, "status": item.status, "error": None}


def _refused(ticket: str, error: DomainError) -> dict[str, Any]:
    told = {"code": error.code, "message": error.message, "data": error.data}
    return {"ticket": ticket, "ok": False, "status": error.data.get("status"), "error": told}
