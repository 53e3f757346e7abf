"""The words of the older system's releases become states of the contract's table.

It commits a batch at a time, so that a table of a million rows is never locked for long, and can
be run again where it was interrupted. The former words stay in `legacy_status`; going back restores
them, but for rows that have moved on since. The timeline gets no events: nothing happened to these
releases, they are only called by other names.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, F, Q, QuerySet, Value, When

# As they were when this was written: a migration means the same for ever.
STATES = ("preview", "pending_approval", "approved", "applying", "applied", "failed", "rollback")
HISTORICAL = {
    "succeeded": "applied",
    "success": "applied",
    "rolled_back": "rollback",
    "deploying": "applying",
    "executing": "applying",
    "rejected": "failed",
    "cancelled": "failed",
    "error": "failed",
    "draft": "preview",
    "pending": "pending_approval",
}
UNKNOWN = "legacy_status_unknown"
BATCH = 1000
_REASON = F("reason_code")  # as it is


def forward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    words = [When(status=word, then=Value(state)) for word, state in HISTORICAL.items()]
    known = Q(status__in=HISTORICAL)
    _in_batches(
        releases(apps, schema_editor).exclude(status__in=STATES),
        legacy_status=F("status"),
        status=Case(*words, default=Value("failed")),
        reason_code=Case(When(~known & Q(reason_code=""), then=Value(UNKNOWN)), default=_REASON),
    )


def backward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    unmoved = Q()
    for state in set(HISTORICAL.values()):
        words = [word for word, meaning in HISTORICAL.items() if meaning == state]
        unmoved |= Q(status=state, legacy_status__in=words)
    unknown = Q(status="failed") & ~Q(legacy_status__in=["", *HISTORICAL])
    _in_batches(
        releases(apps, schema_editor).filter(unmoved | unknown),
        status=F("legacy_status"),
        legacy_status=Value(""),
        reason_code=Case(When(unknown & Q(reason_code=UNKNOWN), then=Value("")), default=_REASON),
    )


def releases(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("deployments", "Release").objects.all()
    return rows.using(schema_editor.connection.alias)


def _in_batches(rows: QuerySet[Any], **changes: Any) -> None:
    last = 0
    while pks := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=pks).update(**changes)
        last = pks[-1]


class AddFieldOnce(migrations.AddField):
    """AddField that can be run again: what has committed its column may have been interrupted."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, table)
        if self.name not in {column.name for column in columns}:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("deployments", "0003_clusters_and_strategies")]
    operations = [
        AddFieldOnce(
            model_name="release",
            name="legacy_status",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=20
            ),
        ),
        migrations.RunPython(forward, backward),
        migrations.RunSQL(  # what ended in a window of time: metrics
            "CREATE INDEX IF NOT EXISTS release_ended"
            " ON deployment_releases (finished_at, applied_at)",
            "DROP INDEX IF EXISTS release_ended",
            state_operations=[
                migrations.AddIndex(
                    "release",
                    models.Index(fields=["finished_at", "applied_at"], name="release_ended"),
                )
            ],
        ),
    ]
