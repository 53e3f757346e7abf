"""Approvals that the older system kept as a reference become tickets of the inbox.

Each release whose `approval_ticket` is not a ticket of its own gets an item, with the decision and
the comment as far as anybody kept them: the older system's own table of approvals, where this
database has it, else the timeline. The reference stays in the item's `legacy_reference`, and
`approval_ticket` leads to the item. Going back restores the references.

A thousand rows at a time, each batch a transaction; it can be run again at any time. The timeline
gets no events: nothing happened to these releases.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, QuerySet

from approvals import legacy
from approvals.legacy import OldTicket, Said
from approvals.migrations._legacy_tickets import Domain, Old, existing, give_back, is_id, take_over

# As they were when this was written: a migration means the same for ever.
STATES = {
    "preview": legacy.CANCELLED,
    "draft": legacy.CANCELLED,
    "pending_approval": legacy.PENDING,
    "pending": legacy.PENDING,
    **dict.fromkeys(("approved", "applying", "deploying", "executing"), legacy.APPROVED),
    **dict.fromkeys(("applied", "succeeded", "success"), legacy.APPROVED),
    **dict.fromkeys(("rollback", "rolled_back"), legacy.APPROVED),
}  # what else there is, has failed
PREVIEWS = ("preview", "draft")
EVENTS = {
    "release.approved": legacy.APPROVED,
    "release.rejected": legacy.REJECTED,
    "release.cancelled": legacy.CANCELLED,
    "release.failed": "",  # by its reason
}
NOT_SENT = "It was a preview when the older system ended: nobody had been asked."
APPROVALS = "deployment_release_approvals"
COLUMNS = ("ticket", "decision", "comment", "requested_by", "approver_id")
FIELDS = {
    "owner_team": F("project__team_id"),
    "tier": F("environment__tier"),
    "service_name": F("service__name"),
    "target_name": F("target__name"),
    "number": F("revision__number"),
    "author": F("revision__created_by_id"),
    "requester": F("requested_by__username"),
}
PLAIN = (
    *("pk", "kind", "status", "legacy_status", "reason_code", "project_id", "environment_id"),
    *("target_id", "risk", "requested_by_id", "previewed_by_id", "source", "correlation_id"),
    *("context_hash", "created_at", "started_at", "applied_at", "finished_at"),
)


def forward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    kept = _OldTable(apps, connection)
    rows = releases(apps, connection.alias)

    def read(references: Mapping[int, str]) -> list[Old]:
        told = kept.of(set(references.values()))
        found = rows.filter(pk__in=references).order_by("pk").values(*PLAIN, **FIELDS)
        return [_old(row, references[row["pk"]], told) for row in found]

    take_over(apps, connection, Domain("release", rows, read, EVENTS))


def backward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    give_back(apps, connection, "release", releases(apps, connection.alias))


def releases(apps: Apps, alias: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("deployments", "Release").objects.using(alias).order_by()
    return rows


def decision(row: Mapping[str, Any]) -> str:
    """What a release's state tells of its ticket."""
    if known := STATES.get(row["status"]):
        return known
    words, reason = {row["status"], row["legacy_status"]}, row["reason_code"]
    if reason == "approval_rejected" or "rejected" in words:
        return legacy.REJECTED
    if "cancelled" in words and reason not in legacy.REASONS:
        return legacy.CANCELLED
    return legacy.refused(reason, ran=bool(row["started_at"] or row["applied_at"]))


def _old(row: dict[str, Any], reference: str, told: Mapping[str, list[dict[str, Any]]]) -> Old:
    status, unsent = decision(row), row["status"] in PREVIEWS
    began = row["started_at"] or row["applied_at"]
    ticket = OldTicket(
        reference=reference,
        subject_type="release",
        subject_id=row["pk"],
        action="rollback" if row["kind"] == "rollback" else "apply",
        title=_title(row),
        project_id=row["project_id"],
        team_id=row["owner_team"],
        environment_id=row["environment_id"],
        target_id=row["target_id"],
        tier=row["tier"],
        risk=row["risk"],
        requested_by_id=row["requested_by_id"],
        source=row["source"],
        correlation_id=row["correlation_id"],
        # A preview can still be sent, and is asked for then: that ticket is another one.
        content_hash="" if unsent else row["context_hash"],
        status=status,
        reason_code=row["reason_code"],
        created_at=row["created_at"],
        decided_at=began if status == legacy.APPROVED else row["finished_at"],
        remark=NOT_SENT if unsent else legacy.NOT_KEPT,
    )
    same = {str(row["requested_by_id"]), row["requester"]}
    said = [
        Said(
            each["decision"],
            each["comment"],
            each["actor_id"],
            each["who"],
            "" if each["requested_by"] in same else each["requested_by"],
        )
        for each in told.get(reference, [])
    ]
    involved = [row["requested_by_id"], row["previewed_by_id"]]
    return Old(ticket, involved, [row["author"]], said)


def _title(row: Mapping[str, Any]) -> str:
    what, number = row["service_name"], f"r{row['number']}"
    where = f"on {row['target_name']}"
    if row["kind"] == "rollback":
        return f"Roll back {what} to {number} {where}"
    return f"Release {what} {number} {where}"


class _OldTable:
    """The older system's approvals, where its table is in this database: nobody knows more of it
    than the names of its columns."""

    def __init__(self, apps: Apps, connection: Any) -> None:
        self.connection = connection
        self.users = apps.get_model("core", "User").objects.using(connection.alias)
        with connection.cursor() as cursor:
            names: set[str] = set()
            if APPROVALS in connection.introspection.table_names(cursor):
                table = connection.introspection.get_table_description(cursor, APPROVALS)
                names = {column.name for column in table}
        self.columns = [name for name in COLUMNS if name in names]
        self.order = " ORDER BY id" if "id" in names else ""

    def of(self, tickets: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """Its records of these tickets, in order."""
        if not {"ticket", "decision"} <= set(self.columns):
            return {}
        columns, places = ", ".join(self.columns), ", ".join(["%s"] * len(tickets))
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {APPROVALS} WHERE ticket IN ({places}){self.order}",  # noqa: S608 - names from above
                [*tickets],
            )
            records = [dict(zip(self.columns, row, strict=True)) for row in cursor.fetchall()]
        users = existing(self.users, {record.get("approver_id") for record in records})
        found = defaultdict(list)
        for record in records:
            found[record["ticket"]].append(_told(record, users))
        return found


def _told(record: Mapping[str, Any], users: Collection[int]) -> dict[str, Any]:
    texts = {name: str(record.get(name) or "").strip() for name in COLUMNS}
    approver = texts["approver_id"]
    known = is_id(approver) and int(approver) in users
    return {
        "decision": texts["decision"].lower(),
        "comment": str(record.get("comment") or ""),
        "requested_by": texts["requested_by"],
        "actor_id": int(approver) if known else None,
        "who": "" if known else approver,
    }


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("deployments", "0007_break_glass"),
        ("environments", "0003_legacy_tickets"),
        ("approvals", "0005_tickets_in_full"),
        ("core", "0003_break_glass"),
    ]
    operations = [migrations.RunPython(forward, backward)]
