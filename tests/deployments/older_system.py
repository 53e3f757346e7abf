"""What the older system left in a database, and the migration of its tickets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connection

from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from deployments.models import Release
from tests.factories.deployments import ReleaseFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory

migration = import_module("deployments.migrations.0008_legacy_tickets")
COLUMNS = ("ticket", "decision", "comment", "requested_by", "approver_id")

CREATED = datetime(2020, 5, 1, 8, tzinfo=UTC)
STARTED, FINISHED = CREATED + timedelta(hours=1), CREATED + timedelta(hours=2)


def release(reference: str = "CHG0012345", status: str = "applied", **fields: Any) -> Release:
    """As the older system left it, in production: no content, no diff, no risk."""
    bare: dict[str, Any] = {"content": "", "given": "", "diff": {}, "risk": {}, "source": "ui"}
    bare["context_hash"] = "c" * 64
    if "target" not in fields:
        bare["target"] = TargetFactory.make(environment=EnvironmentFactory.make(tier="production"))
    made: Release = ReleaseFactory.make(status=status, approval_ticket=reference, **bare | fields)
    Release.objects.filter(pk=made.pk).update(created_at=CREATED)
    made.refresh_from_db()
    return made


def migrated(**fields: Any) -> tuple[Release, ApprovalInboxItem]:
    """A release, and the item that it has after the migration."""
    made = release(**fields)
    forward()
    made.refresh_from_db()
    item = item_of(made)
    assert made.approval_ticket == item.ticket
    return made, item


def forward() -> None:
    migration.forward(apps, SimpleNamespace(connection=connection))


def backward() -> None:
    migration.backward(apps, SimpleNamespace(connection=connection))


def item_of(release: Release) -> ApprovalInboxItem:
    return ApprovalInboxItem.objects.get(subject_type="release", subject_id=release.pk)


def decision_on(release: Release) -> ApprovalInboxAction:
    """The last action."""
    return item_of(release).actions.order_by("pk").reverse()[0]


def everything() -> list[Any]:
    """All that the migration may touch."""
    readable = [field.attname for field in Release._meta.concrete_fields]
    readable = [name for name in readable if name not in ("given", "content")]
    excluded = ApprovalInboxItem.excluded.through.objects
    tables = (ApprovalInboxItem.objects, ApprovalInboxAction.objects, excluded)
    releases = list(Release.objects.order_by("pk").values(*readable))
    return [releases, *(list(rows.order_by("pk").values()) for rows in tables)]


@contextmanager
def table(*columns: str) -> Iterator[None]:
    """The table of approvals, all of text."""
    names = ", ".join(f"{name} varchar(200)" for name in columns or COLUMNS)
    _execute(f"CREATE TABLE deployment_release_approvals ({names})")
    try:
        yield
    finally:
        _execute("DROP TABLE deployment_release_approvals")


def record(**row: Any) -> None:
    """A row of that table."""
    places = ", ".join(["%s"] * len(row))
    into = f"deployment_release_approvals ({', '.join(row)})"
    _execute(f"INSERT INTO {into} VALUES ({places})", list(row.values()))  # noqa: S608 - names of ours


def _execute(sql: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
