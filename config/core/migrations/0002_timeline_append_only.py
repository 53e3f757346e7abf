"""The database itself refuses to change or delete an event."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = """
CREATE FUNCTION core_timelineevent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only';
END $$;
CREATE TRIGGER core_timelineevent_append_only BEFORE UPDATE OR DELETE ON core_timelineevent
    FOR EACH ROW EXECUTE FUNCTION core_timelineevent_refuse();
"""
SQLITE = (
    """CREATE TRIGGER core_timelineevent_no_update BEFORE UPDATE ON core_timelineevent
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER core_timelineevent_no_delete BEFORE DELETE ON core_timelineevent
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)


def guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement, params=None)


def unguard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER core_timelineevent_append_only ON core_timelineevent; "
            "DROP FUNCTION core_timelineevent_refuse();",
            params=None,
        )
    else:
        schema_editor.execute("DROP TRIGGER core_timelineevent_no_update", params=None)
        schema_editor.execute("DROP TRIGGER core_timelineevent_no_delete", params=None)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
