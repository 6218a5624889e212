"""Search: the words of every message and conversation, kept by triggers.

`search_plain` is the one place that says what two texts have in common: small letters, without accents and signs, each
Chinese or Japanese character a word of its own. `search_words` keeps each word as it is, for phrases and beginnings,
and by its English stem. Both are used for what is written and for what is asked.
"""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SIGNS = r"""!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~"""
PLAIN = """
CREATE FUNCTION search_plain(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT translate(
        CASE WHEN octet_length(said) = length(said) THEN lower(said) ELSE
            regexp_replace(
                translate(
                    replace(replace(replace(
                        normalize(regexp_replace(lower(normalize(said, NFKD){collation}),
                            '[\\u0300-\\u036f]', '', 'g'), NFC),
                        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
                    'øłđı', 'oldi'),
                '([\\u0080-\\u00bf\\u2000-\\u206f\\u3000-\\u303f])|([\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff])',
                ' \\2 ', 'g')
        END,
        '{signs}', repeat(' ', length('{signs}'))
    )
$function$
"""
SQL = """
CREATE TEXT SEARCH DICTIONARY search_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION search_stem (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION search_stem ALTER MAPPING FOR asciiword, word, numword WITH search_stem;

-- In plpgsql, which reckons `plain` once: an SQL function would be written out where it is used, with it twice.
CREATE FUNCTION search_words(said text, weight "char") RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE plain text := search_plain(left(said, 40000));
BEGIN
    RETURN setweight(to_tsvector('simple', plain) || to_tsvector('search_stem', plain), weight);
END $$;
CREATE FUNCTION search_message_words(said text, author text, files jsonb) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT search_words(said, 'C') || search_words(CASE WHEN files = '[]' THEN author ELSE concat_ws(' ', author,
        (SELECT string_agg(file ->> 'name', ' ') FROM jsonb_array_elements(
            CASE jsonb_typeof(files) WHEN 'array' THEN files ELSE '[]' END) file)) END, 'D')
$$;
CREATE FUNCTION search_conversation_words(title text, summary text, topic text, tags text[], account bigint,
    channel bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT search_words(title, 'A') || search_words(concat_ws(' ', summary, topic, array_to_string(tags, ' '),
        (SELECT name FROM accounts_account WHERE id = account),
        (SELECT name FROM accounts_channel WHERE id = channel)), 'B')
$$;

CREATE FUNCTION search_add_messages() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO conversations_searchtext (workspace_id, conversation_id, message_id, words)
    SELECT added.workspace_id, added.conversation_id, added.id, search_message_words(text, author_name, files)
    FROM added WHERE deleted_at IS NULL
    ON CONFLICT (message_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION search_change_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        DELETE FROM conversations_searchtext WHERE message_id = NEW.id;
    ELSIF OLD.text IS NOT DISTINCT FROM NEW.text AND OLD.author_name = NEW.author_name AND OLD.files = NEW.files
            AND OLD.deleted_at IS NULL THEN
        UPDATE conversations_searchtext SET conversation_id = NEW.conversation_id WHERE message_id = NEW.id;
    ELSE
        INSERT INTO conversations_searchtext (workspace_id, conversation_id, message_id, words)
        VALUES (NEW.workspace_id, NEW.conversation_id, NEW.id,
            search_message_words(NEW.text, NEW.author_name, NEW.files))
        ON CONFLICT (message_id) DO UPDATE SET conversation_id = EXCLUDED.conversation_id, words = EXCLUDED.words;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION search_forget_messages() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM conversations_searchtext s USING gone WHERE s.message_id = gone.id;
    RETURN NULL;
END $$;

CREATE FUNCTION search_add_conversations() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO conversations_searchtext (workspace_id, conversation_id, words)
    SELECT workspace_id, id, search_conversation_words(title, summary, topic, tags, account_id, channel_id)
    FROM added
    ON CONFLICT (conversation_id) WHERE message_id IS NULL DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION search_change_conversation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO conversations_searchtext (workspace_id, conversation_id, words)
    VALUES (NEW.workspace_id, NEW.id,
        search_conversation_words(NEW.title, NEW.summary, NEW.topic, NEW.tags, NEW.account_id, NEW.channel_id))
    ON CONFLICT (conversation_id) WHERE message_id IS NULL DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END $$;
CREATE FUNCTION search_forget_conversations() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM conversations_searchtext s USING gone WHERE s.conversation_id = gone.id;
    RETURN NULL;
END $$;
CREATE FUNCTION search_rename_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE conversations_searchtext s SET words =
        search_conversation_words(c.title, c.summary, c.topic, c.tags, c.account_id, c.channel_id)
    FROM conversations_conversation c
    WHERE c.account_id = NEW.id AND s.conversation_id = c.id AND s.message_id IS NULL;
    RETURN NULL;
END $$;
CREATE FUNCTION search_rename_channel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE conversations_searchtext s SET words =
        search_conversation_words(c.title, c.summary, c.topic, c.tags, c.account_id, c.channel_id)
    FROM conversations_conversation c
    WHERE c.channel_id = NEW.id AND s.conversation_id = c.id AND s.message_id IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER search_added AFTER INSERT ON conversations_message REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION search_add_messages();
CREATE TRIGGER search_changed AFTER UPDATE OF text, author_name, files, conversation_id, deleted_at
    ON conversations_message FOR EACH ROW
    WHEN ((OLD.text, OLD.author_name, OLD.files, OLD.conversation_id, OLD.deleted_at)
        IS DISTINCT FROM (NEW.text, NEW.author_name, NEW.files, NEW.conversation_id, NEW.deleted_at))
    EXECUTE FUNCTION search_change_message();
CREATE TRIGGER search_forgotten AFTER DELETE ON conversations_message REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION search_forget_messages();
CREATE TRIGGER search_added AFTER INSERT ON conversations_conversation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION search_add_conversations();
CREATE TRIGGER search_changed AFTER UPDATE OF title, summary, topic, tags, account_id, channel_id
    ON conversations_conversation FOR EACH ROW
    WHEN ((OLD.title, OLD.summary, OLD.topic, OLD.tags, OLD.account_id, OLD.channel_id)
        IS DISTINCT FROM (NEW.title, NEW.summary, NEW.topic, NEW.tags, NEW.account_id, NEW.channel_id))
    EXECUTE FUNCTION search_change_conversation();
CREATE TRIGGER search_forgotten AFTER DELETE ON conversations_conversation REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION search_forget_conversations();
CREATE TRIGGER search_renamed AFTER UPDATE OF name ON accounts_account FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION search_rename_account();
CREATE TRIGGER search_renamed AFTER UPDATE OF name ON accounts_channel FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION search_rename_channel();

CREATE INDEX search_account_words ON accounts_account
    USING gin (to_tsvector('simple', search_plain(name || ' ' || array_to_string_plain(domains))));
CREATE INDEX search_contact_words ON accounts_contact
    USING gin (to_tsvector('simple', search_plain(name || ' ' || email)));
"""
# Not PostgreSQL's own array_to_string, which is no function for an index: for other types it depends on settings.
ARRAY = """
CREATE FUNCTION array_to_string_plain(words text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_string(words, ' ')
$$;
"""
UNDO = """
DROP INDEX search_account_words, search_contact_words;
DROP TRIGGER search_renamed ON accounts_account;
DROP TRIGGER search_renamed ON accounts_channel;
DROP TRIGGER search_added ON conversations_message;
DROP TRIGGER search_changed ON conversations_message;
DROP TRIGGER search_forgotten ON conversations_message;
DROP TRIGGER search_added ON conversations_conversation;
DROP TRIGGER search_changed ON conversations_conversation;
DROP TRIGGER search_forgotten ON conversations_conversation;
DROP FUNCTION search_add_messages, search_change_message, search_forget_messages, search_add_conversations,
    search_change_conversation, search_forget_conversations, search_rename_account, search_rename_channel,
    search_message_words, search_conversation_words, search_words, search_plain,
    array_to_string_plain;
DROP TEXT SEARCH CONFIGURATION search_stem;
DROP TEXT SEARCH DICTIONARY search_stem;
"""


def make(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """`lower` knows other letters than a to z only with a collation that does. Where the database's own is C, as in
    the embedded one, that is PostgreSQL 17's own one."""
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN lower('É') = 'é' THEN '' "
            "WHEN EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'pg_c_utf8') THEN ' COLLATE pg_c_utf8' "
            "ELSE '' END"
        )
        collation = cursor.fetchone()[0]
        cursor.execute(PLAIN.format(collation=collation, signs=SIGNS))
        cursor.execute(ARRAY)
        cursor.execute(SQL)


def unmake(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(UNDO)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_contact_details"), ("conversations", "0010_tallies_by_owner")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="search_texts",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="search_text",
                        to="conversations.message",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("message", None)), fields=("conversation",), name="search_text_own_once"
                    )
                ],
            },
        ),
        migrations.RunPython(make, unmake),
    ]
