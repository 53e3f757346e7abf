"""Approvals of installs that the older system kept as a reference become tickets of the inbox.

As `deployments.0008` has it for releases; of installs there is no older table of approvals. And
tickets that were there before they had a tier get the one of their environment.
"""

from collections.abc import Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, QuerySet

from approvals import legacy
from approvals.legacy import OldTicket
from approvals.migrations._legacy_tickets import Domain, Old, give_back, take_over

# As they were when this was written: a migration means the same for ever.
STATUSES = {
    "pending_approval": legacy.PENDING,
    "cancelled": legacy.CANCELLED,
    **dict.fromkeys(("queued", "running", "succeeded", "needs_attention"), legacy.APPROVED),
}  # what else there is, has failed
EVENTS = {
    "environment.install_cancelled": legacy.CANCELLED,
    "environment.install_failed": "",  # by its reason
}
ACTIONS = {
    "install": ("install", "Install"),
    "uninstall": ("install", "Uninstall"),
    "verify": ("install", "Verify"),
    "lvs_vip": ("vip", "Set up a virtual address with"),
}
DEFAULT_TIER = "production"  # what the column was added with
BATCH = 1000
FIELDS = {
    "owner_team": F("project__team_id"),
    "tier": F("environment__tier"),
    "environment_name": F("environment__name"),
    "context_hash": F("preview__context_hash"),
    "risk": F("preview__risk"),
    "previewed_by": F("preview__previewed_by_id"),
}
PLAIN = (
    *("pk", "kind", "status", "reason_code", "project_id", "environment_id", "bundle", "version"),
    *("requested_by_id", "source", "correlation_id", "created_at", "started_at", "finished_at"),
)


def fill_tier(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    environments = apps.get_model("environments", "Environment").objects.using(alias)
    others = environments.exclude(tier=DEFAULT_TIER).order_by()
    items = apps.get_model("approvals", "ApprovalInboxItem").objects.using(alias)
    tiers = set(others.values_list("tier", flat=True))
    for tier in sorted(tiers):
        wrong = items.filter(
            tier=DEFAULT_TIER, environment_id__in=others.filter(tier=tier).values("pk")
        )
        while pks := list(wrong.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            items.filter(pk__in=pks).update(tier=tier)


def forward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = tasks(apps, schema_editor.connection.alias)

    def read(references: Mapping[int, str]) -> list[Old]:
        found = rows.filter(pk__in=references).order_by("pk").values(*PLAIN, **FIELDS)
        return [_old(row, references[row["pk"]]) for row in found]

    domain = Domain("environment_install", rows, read, EVENTS)
    take_over(apps, schema_editor.connection, domain)


def backward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    give_back(apps, connection, "environment_install", tasks(apps, connection.alias))


def tasks(apps: Apps, alias: str) -> QuerySet[Any]:
    model: Any = apps.get_model("environments", "EnvironmentInstallTask")
    rows: QuerySet[Any] = model.objects.using(alias).order_by()
    return rows


def decision(row: Mapping[str, Any]) -> str:
    """What a task's status tells of its ticket."""
    known = STATUSES.get(row["status"])
    return known or legacy.refused(row["reason_code"], ran=bool(row["started_at"]))


def _old(row: dict[str, Any], reference: str) -> Old:
    status = decision(row)
    action, verb = ACTIONS.get(row["kind"], ACTIONS["install"])
    ticket = OldTicket(
        reference=reference,
        subject_type="environment_install",
        subject_id=row["pk"],
        action=action,
        title=f"{verb} {row['bundle']} {row['version']} on {row['environment_name']}",
        project_id=row["project_id"],
        team_id=row["owner_team"],
        environment_id=row["environment_id"],
        target_id=None,
        tier=row["tier"],
        risk=row["risk"],
        requested_by_id=row["requested_by_id"],
        source=row["source"],
        correlation_id=row["correlation_id"],
        content_hash=row["context_hash"],
        status=status,
        reason_code=row["reason_code"],
        created_at=row["created_at"],
        decided_at=row["started_at"] if status == legacy.APPROVED else row["finished_at"],
    )
    return Old(ticket, [row["requested_by_id"], row["previewed_by"]])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("environments", "0002_break_glass_and_freezes"),
        ("approvals", "0005_tickets_in_full"),
        ("core", "0003_break_glass"),
    ]
    operations = [
        migrations.RunPython(fill_tier, migrations.RunPython.noop),
        migrations.RunPython(forward, backward),
    ]
