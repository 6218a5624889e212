"""Reading what happened in conversations, for the reckoning. Five queries, however many conversations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User, Workspace
from conversations.analytics.reckoning import Handed, Heard, History, Moved
from conversations.correction_report import REVERSED_WITHIN, STATUS_RULES
from conversations.models import Conversation, ConversationEvent, Correction, EventKind
from conversations.replies import is_pleasantry
from conversations.status import Status

READ = [EventKind.STATUS_CHANGED, EventKind.MESSAGE_ADDED, EventKind.OWNER_CHANGED]


@dataclass(frozen=True, slots=True)
class Subject:
    """A conversation with what happened in it, and by what its figures are found."""

    pk: int
    account: int | None
    channel: int
    tags: tuple[str, ...]
    tier: str
    priority: str
    is_sample: bool
    history: History


def read_subjects(workspace: Workspace, ids: Collection[int]) -> Iterator[Subject]:
    """Those of the conversations that are still there."""
    rows = Conversation.objects.filter(workspace=workspace, pk__in=ids).values(
        "pk", "opened_at", "status", "owner_id", "account_id", "channel_id", "tags", "priority",
        "merged_into_id", "is_unsorted", "account__tier", "channel__is_sample",
    )  # fmt: skip
    heard, sent = _read_messages(ids)
    events = _read_events(ids)
    corrections = defaultdict[int, list[datetime]](list)
    standing = Correction.objects.filter(target__in=ids, undone_at=None).order_by("pk")
    for pk, at in standing.values_list("target_id", "created_at"):
        corrections[pk].append(at)
    people = _people(workspace)
    for row in rows:
        pk = row["pk"]
        history = History(
            opened_at=row["opened_at"], status=Status(row["status"]), owner=row["owner_id"],
            is_counted=not row["is_unsorted"] and row["merged_into_id"] is None,
            heard=heard[pk], moved=_moves(events[pk], sent), corrections=corrections[pk],
            handed=_chain(events[pk], row["owner_id"], people),
        )  # fmt: skip
        yield Subject(
            pk, row["account_id"], row["channel_id"], tuple(row["tags"]), row["account__tier"] or "", row["priority"],
            row["channel__is_sample"], history,
        )  # fmt: skip


def _read_messages(ids: Collection[int]) -> tuple[dict[int, list[Heard]], dict[int, datetime]]:
    """By conversation, and by message when it was sent. Notes apart; what was deleted had been said."""
    heard, sent = defaultdict[int, list[Heard]](list), dict[int, datetime]()
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, [list(ids)])
        for pk, conversation, at, inbound, asks, text, has_files in cursor.fetchall():
            # Of messages from before this was recorded it is read from the text.
            asks_now = inbound and asks is None and (has_files or not is_pleasantry(text))
            heard[conversation].append(Heard(at, inbound, bool(asks or asks_now)))
            sent[pk] = at
    return heard, sent


def _read_events(ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """In the order in which they were recorded, which is the order of the changes: each was made under a lock."""
    found = defaultdict[int, list[dict[str, Any]]](list)
    events = ConversationEvent.objects.filter(conversation__in=ids, kind__in=READ).order_by("pk")
    for event in events.values(
        "conversation_id", "kind", "happened_at", "created_at", "message_id", "by_user_id", "by_rule", "data"
    ):
        found[event["conversation_id"]].append({**event})
    return found


def _moves(events: list[dict[str, Any]], sent: dict[int, datetime]) -> list[Moved]:
    told = [event for event in events if event["kind"] != EventKind.OWNER_CHANGED]
    moves = []
    for place, event in enumerate(told):
        if event["kind"] != EventKind.STATUS_CHANGED:
            continue
        data, is_automatic = event["data"], event["by_rule"] in STATUS_RULES
        knows = sent.get(event["message_id"]) or event["happened_at"]
        if "seen" in data and event["message_id"] is None:
            knows = datetime.fromisoformat(data["seen"])
        following = told[place + 1] if place + 1 < len(told) else None
        is_corrected = is_automatic and following is not None and _puts_right(event, following)
        moves.append(
            Moved(event["happened_at"], Status(data["to"]), knows, event["by_rule"], is_automatic, is_corrected)
        )
    return moves


def _puts_right(event: dict[str, Any], following: dict[str, Any]) -> bool:
    """As on the page of corrections: what came next is a person's change, soon."""
    if following["kind"] != EventKind.STATUS_CHANGED or following["by_user_id"] is None:
        return False
    taken_up = (event["data"]["to"], following["data"]["to"]) == (Status.TODO, Status.IN_PROGRESS)
    return not taken_up and following["created_at"] - event["created_at"] <= REVERSED_WITHIN


def _chain(events: list[dict[str, Any]], owner: int | None, people: dict[str, int]) -> list[Handed]:
    """Who owned it one after the other, ending with who does now."""
    changes = [event for event in events if event["kind"] == EventKind.OWNER_CHANGED]
    handed: list[Handed] = []
    for place, event in enumerate(changes):
        before = handed[-1].after if handed else _person(event["data"], "from", people)
        after = owner if place == len(changes) - 1 else _person(event["data"], "to", people)
        at = max(event["happened_at"], handed[-1].at) if handed else event["happened_at"]
        handed.append(Handed(at, before, after))
    return handed


def _person(data: dict[str, Any], side: str, people: dict[str, int]) -> int | None:
    """By id; where only the name was recorded, whoever alone bears it."""
    if f"{side}_id" in data:
        pk: int | None = data[f"{side}_id"]
        return pk
    return people.get(data.get(side) or "")


def _people(workspace: Workspace) -> dict[str, int]:
    users = list(User.objects.filter(workspace=workspace).values_list("name", "pk"))
    times = Counter(name for name, _ in users)
    return {name: pk for name, pk in users if times[name] == 1}


_MESSAGES = """
    SELECT message.id, message.conversation_id, message.sent_at, message.kind = 'inbound',
           (event.data -> 'asks')::boolean,
           CASE WHEN event.data ? 'asks' OR message.kind <> 'inbound' THEN '' ELSE message.text END,
           message.files <> '[]'
    FROM conversations_message message
    LEFT JOIN LATERAL (
        SELECT data FROM conversations_conversationevent
        WHERE message_id = message.id AND kind = 'message_added' ORDER BY id LIMIT 1
    ) event ON true
    WHERE message.conversation_id = ANY(%s) AND message.kind <> 'note'
    ORDER BY message.sent_at, message.id
"""
