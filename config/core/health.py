"""Is what Slipway needs there: asked by load balancers and by people."""

from __future__ import annotations

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError


def readiness() -> dict[str, bool]:
    """{`database`, `migrations`, `broker`: whether it answers, or is up to date}."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return {"database": False, "migrations": False, "broker": _broker_answers()}
    return {"database": True, "migrations": not pending, "broker": _broker_answers()}


def _broker_answers() -> bool:
    broker = current_app.connection_for_write()
    try:
        broker.ensure_connection(max_retries=1, timeout=2)
    except (OSError, OperationalError):
        return False
    finally:
        broker.release()
    return True
