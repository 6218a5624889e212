"""The words of what was there before, in batches, each its own transaction: may be interrupted and run again. The index
comes last, which is quicker than filling it row by row."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

BATCH = 20_000
FILL = {
    "conversations_message": """
        INSERT INTO conversations_searchtext (workspace_id, conversation_id, message_id, words)
        SELECT workspace_id, conversation_id, id, search_message_words(text, author_name, files)
        FROM conversations_message
        WHERE id >= %s AND id < %s AND deleted_at IS NULL ON CONFLICT DO NOTHING
    """,
    "conversations_conversation": """
        INSERT INTO conversations_searchtext (workspace_id, conversation_id, words)
        SELECT workspace_id, id, search_conversation_words(title, summary, topic, tags, account_id, channel_id)
        FROM conversations_conversation
        WHERE id >= %s AND id < %s ON CONFLICT DO NOTHING
    """,
}


def fill(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        for table, insert in FILL.items():
            cursor.execute(f"SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM {table}")  # noqa: S608 - ours
            first, last = cursor.fetchone()
            for start in range(first, last + 1, BATCH):
                cursor.execute(insert, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0011_search")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("searchtext", GinIndex(fields=["words"], name="search_text_words")),
        migrations.AddIndex(
            "conversation",
            models.Index(F("workspace"), F("last_message_at").desc(), F("id").desc(), name="conversation_recent"),
        ),
    ]
