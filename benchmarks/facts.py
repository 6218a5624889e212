"""Invents conversations with a year of facts for analytics, in the database itself: a million in a few minutes.

Each is asked once, answered, concluded; some are asked again, or reopened. Between account, channel and owner there are
fixed ties, as in life.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import Workspace
from conversations.analytics.figures import Kind
from conversations.models import Conversation, Fact, Ledger, StaleDay
from conversations.seeding import Stage

TAGS = ["bug", "billing", "how-to", "feature", "outage"]


def invent(stage: Stage, *, conversations: int, days: int) -> None:
    workspace = stage.workspace
    places = [(place.channel.pk, place.channel.account_id, place.channel.owner_id) for place in stage.places]
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_LIVES, {
            "count": conversations, "days": days, "places": len(places), "tags": TAGS,
            "channels": [place[0] for place in places], "accounts": [place[1] for place in places],
            "owners": [place[2] for place in places], "last": workspace.last_number,
        })  # fmt: skip
        _insert_conversations(cursor, workspace)
        for kind, at, began, condition in _FACTS:
            cursor.execute(_insert(kind, at, began, condition), {"workspace": workspace.pk})
        cursor.execute("VACUUM ANALYZE")
    Ledger.objects.create(workspace=workspace, time_zone=workspace.time_zone)
    stale = Fact.objects.filter(workspace=workspace).values_list("day", flat=True).distinct()
    StaleDay.objects.bulk_create([StaleDay(workspace=workspace, day=day) for day in stale])
    Workspace.objects.filter(pk=workspace.pk).update(last_number=workspace.last_number + conversations)


_LIVES = """
    CREATE TABLE lives AS
    SELECT n, opened, place, (%(channels)s::bigint[])[place] channel, (%(accounts)s::bigint[])[place] account,
           (%(owners)s::bigint[])[place] AS owner, opened + first answered, opened + first + rest closed,
           CASE WHEN again < 0.3 THEN opened + first + rest * 0.5 END next_asked,
           CASE WHEN again < 0.3 THEN opened + first + rest * 0.7 END next_answered,
           CASE WHEN again > 0.9 THEN opened + first + rest * 1.5 END reopened,
           CASE WHEN again > 0.9 THEN opened + first + rest * 2 END closed_again,
           CASE WHEN again < 0.5 THEN ARRAY[(%(tags)s::varchar(40)[])[1 + (n %% 5)]] ELSE '{}' END tags,
           first > interval '2 hours' AS late, n + %(last)s AS number
    FROM (
        SELECT n, now() - random() * %(days)s * interval '1 day' opened,
               1 + (n::bigint * 7919 %% %(places)s)::int place,
               exp(random() * 7) * interval '20 seconds' first, exp(random() * 8) * interval '60 seconds' rest,
               random() again
        FROM generate_series(1, %(count)s) n
    ) life
"""
_CONVERSATION = {
    "workspace_id": "%(workspace)s", "number": "number", "channel_id": "channel", "account_id": "account",
    "owner_id": "owner", "title": "'The export is empty'", "tags": "tags", "status_changed_at": "closed",
    "status": "CASE WHEN n %% 500 = 0 THEN 'todo' ELSE 'closed' END", "opened_at": "opened", "closed_at": "closed",
    "waiting_since": "CASE WHEN n %% 500 = 0 THEN closed END", "first_response_at": "answered",
    "last_message_at": "closed", "message_count": "3",
}  # fmt: skip
_FACTS = [
    ("new", "opened", "", ""), ("backlog_in", "opened", "", ""), ("first_response", "answered", "opened", ""),
    ("time_todo", "answered", "opened", ""), ("auto_change", "answered", "", ""), ("auto_change", "closed", "", ""),
    ("time_in_progress", "closed", "answered", ""), ("closed", "closed", "opened", ""), ("touches", "closed", "2", ""),
    ("backlog_out", "closed", "opened", ""), ("target_met", "answered", "", "NOT late"),
    ("target_missed", "answered", "", "late"), ("auto_corrected", "closed", "", "n % 20 = 0"),
    ("next_response", "next_answered", "next_asked", "next_asked IS NOT NULL"),
    ("reopened", "reopened", "", "reopened IS NOT NULL"), ("backlog_in", "reopened", "", "reopened IS NOT NULL"),
    ("closed", "closed_again", "reopened", "reopened IS NOT NULL"),
    ("backlog_out", "closed_again", "reopened", "reopened IS NOT NULL"),
    ("touches", "closed_again", "1", "reopened IS NOT NULL"), ("correction", "closed", "", "n % 100 = 0"),
]  # fmt: skip
"""Kind, when, since when (or a number of replies), and of which conversations."""


def _insert_conversations(cursor: Any, workspace: Workspace) -> None:
    """The columns that aren't given have what a new row would have."""
    fields = [field for field in Conversation._meta.concrete_fields if not field.primary_key and not field.null]
    rest = {str(field.column): field for field in fields if field.column not in _CONVERSATION}
    values = {name: field.get_db_prep_save(field.get_default(), connection) for name, field in rest.items()}
    columns: dict[str, str] = {**_CONVERSATION, **{name: f"%({name})s" for name in rest}}
    cursor.execute(
        f"INSERT INTO conversations_conversation ({', '.join(columns)}) "  # noqa: S608 - written above
        f"SELECT {', '.join(columns.values())} FROM lives ORDER BY n",
        {"workspace": workspace.pk, **values},
    )


def _insert(kind: str, at: str, began: str, condition: str) -> str:
    """All of it is written above: nothing comes from outside."""
    value, working, since = "NULL", "NULL", "NULL::timestamptz"
    if began.isdecimal():
        value = began
    elif began:
        since = began
        if kind != Kind.BACKLOG_OUT:
            value = f"extract(epoch FROM {at} - {began})::int"
            working = f"({value}) / 3"
    chosen = condition.replace("%", "%%") or "true"
    return f"""
        INSERT INTO conversations_fact (
            workspace_id, conversation_id, kind, at, began_at, day, hour, owner_id, account_id, channel_id, tags, value,
            working, is_sample
        )
        SELECT %(workspace)s, conversation.id, '{kind}', {at}, {since}, ({at} AT TIME ZONE 'UTC')::date,
               extract(hour FROM {at} AT TIME ZONE 'UTC'), owner, account, channel, lives.tags,
               {value}, {working}, false
        FROM lives JOIN conversations_conversation conversation USING (number)
        WHERE conversation.workspace_id = %(workspace)s AND {chosen} ORDER BY lives.opened
    """  # noqa: S608
