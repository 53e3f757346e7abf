"""Titles are searched by their words, in the order of the list; and what the summary counts by."""

from collections.abc import Iterable
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import connections, migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from approvals import words

BATCH = 10_000
TABLE = "approval_inbox_item_words"
# As approvals.0006 made it: nothing looks for parts of words any more.
TITLES = """
CREATE INDEX inbox_title ON approval_inbox_items USING gin (UPPER(title) gin_trgm_ops)
    WITH (fastupdate = off)
"""


def remember_titles(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    items, texts, found = (
        apps.get_model("approvals", name).objects.using(connection.alias)
        for name in ("ApprovalInboxItem", "TitleWord", "ItemWord")
    )
    is_postgresql = connection.vendor == "postgresql"
    write = _copy if is_postgresql else _insert
    if is_postgresql:
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey")
    known: dict[str, int] = {}
    last = 0
    while titles := items.filter(pk__gt=last).order_by("pk").values_list("pk", "title")[:BATCH]:
        of = {pk: words.words_of(title) for pk, title in titles}
        new = sorted(set().union(*of.values()) - known.keys())
        known |= {word.text: word.pk for word in _made(texts, new)}
        write(found, ((known[text], pk) for pk, texts_of in of.items() for text in texts_of))
        last = max(of)
    if is_postgresql:
        schema_editor.execute(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (word_id, item_id)")


def _made(texts: Any, new: list[str]) -> list[Any]:
    made: list[Any] = texts.bulk_create(texts.model(text=text) for text in new)
    return made


def _insert(found: Any, rows: Iterable[tuple[int, int]]) -> None:
    found.bulk_create(found.model(word_id=word, item_id=item) for word, item in rows)


def _copy(found: Any, rows: Iterable[tuple[int, int]]) -> None:
    """Of a million tickets minutes sooner than by INSERT."""
    rows_of = f"COPY {TABLE} (word_id, item_id) FROM STDIN"
    with connections[found.db].cursor() as cursor, cursor.copy(rows_of) as copy:
        copy.write("".join(f"{word}\t{item}\n" for word, item in rows))


def index_titles(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TITLES, params=None)


def forget_titles(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX inbox_title", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0007_bounds_of_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(forget_titles, index_titles),
        migrations.RemoveIndex(model_name="approvalinboxitem", name="inbox_broke_glass"),
        migrations.AddIndex(
            model_name="approvalinboxitem",
            index=models.Index(
                condition=models.Q(("broke_glass", True)),
                fields=["-id", "project", "environment_id", "target_id"],
                name="inbox_broke_glass",
            ),
        ),
        migrations.AddIndex(
            model_name="approvalinboxitem",
            index=models.Index(
                fields=["environment_id", "status"], name="inbox_environment_status"
            ),
        ),
        migrations.AddIndex(
            model_name="approvalinboxitem",
            index=models.Index(fields=["target_id", "status"], name="inbox_target_status"),
        ),
        migrations.CreateModel(
            name="TitleWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=64, unique=True)),
            ],
            options={"db_table": "approval_inbox_words"},
        ),
        migrations.CreateModel(
            name="ItemWord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "word_id",
                        "item_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "word",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.titleword",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="approvals.approvalinboxitem",
                    ),
                ),
            ],
            options={"db_table": "approval_inbox_item_words"},
        ),
        # Constraints and indexes are sooner made for all rows than kept with each.
        migrations.RunPython(remember_titles, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="itemword",
            name="word",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.titleword",
            ),
        ),
        migrations.AlterField(
            model_name="itemword",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="words",
                to="approvals.approvalinboxitem",
            ),
        ),
        migrations.AddIndex(
            model_name="itemword",
            index=models.Index(fields=["item", "word"], name="inbox_item_word"),
        ),
    ]
