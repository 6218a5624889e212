"""What a board's address chooses, and what it leaves out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Account, Channel, Contact, User, Workspace
from conversations import board
from conversations.models import Conversation
from conversations.seeing import mark_seen
from conversations.selecting import Selection, without
from conversations.status import Status
from tests import cast


def shown(query: str, reader: User) -> list[str]:
    """The titles on the board, in any column."""
    selection = Selection.read(QueryDict(query), reader)
    return sorted(row.title for column in board.columns(reader.workspace_id, selection) for row in column.rows)


def make(channel: Channel, title: str, **fields: Any) -> Conversation:
    return cast.make_conversation(channel=channel, title=title, **{"waiting_since": None, **fields})


@pytest.fixture
def many(workspace: Workspace, channel: Channel, account: Account, dana: User, omar: User) -> dict[str, Conversation]:
    """One conversation for each thing that can be chosen by."""
    Account.objects.filter(pk=account.pk).update(tier="Enterprise")
    other = cast.make_channel(workspace=workspace, account=None, owner=None, name="lonely")
    now = timezone.now()
    return {
        title: make(place, title, **fields)
        for title, place, fields in (
            ("danas", channel, {"owner": dana}),
            ("omars", channel, {"owner": omar, "priority": "urgent"}),
            ("lonely", other, {"tags": ["billing", "Größe"]}),
            ("waiting", other, {"waiting_since": now - timedelta(minutes=90)}),
            ("late", other, {"waiting_since": now - timedelta(minutes=10), "status": Status.IN_PROGRESS}),
            ("snoozed", channel, {"snoozed_until": now + timedelta(hours=1), "owner": dana}),
            ("merged", channel, {"merged_into": make(channel, "target", status=Status.CLOSED)}),
        )
    }


def test_each_part_chooses(many: dict[str, Conversation], dana: User, omar: User, account: Account) -> None:
    channel = many["lonely"].channel_id
    for query, expected in {
        "": ["danas", "late", "lonely", "omars", "target", "waiting"],
        "owner=mine": ["danas", "target"],
        f"owner={omar.pk}": ["omars"],
        f"owner={omar.pk}&owner=nobody": ["late", "lonely", "omars", "waiting"],
        "account=none": ["late", "lonely", "waiting"],
        f"account={account.pk}&owner=mine": ["danas", "target"],
        f"channel={channel}&tag=billing": ["lonely"],
        "tag=Größe": ["lonely"],
        "tag=billing&tag=other": ["lonely"],
        "priority=urgent": ["omars"],
        "priority=urgent&priority=normal&owner=mine": ["danas", "target"],
        "tier=Enterprise": ["danas", "omars", "target"],
        "tier=enterprise": [],
        "waiting=60": ["waiting"],
        "waiting=0": ["late", "waiting"],
        "snoozed=1": ["snoozed"],
        f"owner={10**17}": [],
    }.items():
        assert shown(query, dana) == expected, query


def test_a_stranger_finds_nothing_of_ours(many: dict[str, Conversation], dana: User) -> None:
    stranger = cast.make_teammate(workspace=cast.make_workspace(name="Other"), name="Eve")
    for query in ("", f"owner={dana.pk}", "tag=billing", "waiting=0", "unread=1", "tier=Enterprise", "q=lonely"):
        assert shown(query, stranger) == []


def test_what_can_not_be_read_is_said_and_left_out(dana: User) -> None:
    selection = Selection.read(QueryDict("owner=x&owner=mine&waiting=-1&unread=yes&priority=high&priority=&q="), dana)
    assert selection == Selection(owners=frozenset({dana.pk}), priorities=frozenset({"high"}))
    assert selection.query == "owner=mine&priority=high"
    assert [problem.partition("”")[0] for problem in selection.problems] == ["“owner=x", "“waiting=-1", "“unread=yes"]
    assert not Selection.read(QueryDict("column=todo&after=1_2"), dana)


def test_a_query_that_was_read_reads_the_same_again(dana: User) -> None:
    query = "owner=mine&owner=nobody&tag=a%26b&tag=%C3%A4&waiting=30&unread=1&snoozed=1&q=two+words"
    selection = Selection.read(QueryDict(query), dana)
    assert selection.query == query
    assert Selection.read(QueryDict(selection.query), dana) == selection
    assert without(query, "tag", "a&b") == query.replace("tag=a%26b&", "")


def test_unread_is_what_others_said_since_i_looked(
    workspace: Workspace, channel: Channel, contact: Contact, dana: User, omar: User
) -> None:
    past = timezone.now() - timedelta(hours=2)
    User.objects.update(read_before_at=past)
    dana.refresh_from_db()
    conversation = cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=1)).conversation
    ids = [conversation.pk]
    assert board.unread_of(dana, ids) == {conversation.pk}
    assert len(shown("unread=1", dana)) == 1
    mark_seen(dana, conversation)
    assert board.unread_of(dana, ids) == frozenset()
    assert shown("unread=1", dana) == []
    assert board.unread_of(omar, ids) == frozenset()  # whom the fixture has just made
    conversation.add_note("I look", by=dana)
    assert board.unread_of(dana, ids) == frozenset()
    conversation.add_note("Me too", by=omar)
    assert board.unread_of(dana, ids) == {conversation.pk}
    User.objects.filter(pk=dana.pk).update(read_before_at=timezone.now())
    dana.refresh_from_db()
    assert board.unread_of(dana, ids) == frozenset()


def test_words_are_looked_up_by_the_search(channel: Channel, contact: Contact, dana: User) -> None:
    cast.say("The export is empty", channel=channel, by=contact)
    assert len(shown("q=export", dana)) == 1
    assert len(shown("q=owner:me", dana)) == 1
    assert shown("q=invoice", dana) == []
    assert shown("q=-export", dana) == []


def test_indexes_serve_the_parts(workspace: Workspace, channel: Channel, dana: User) -> None:
    for number in range(60):
        make(channel, f"{number}")
    make(channel, "urgent", priority="urgent", tags=["rare"], waiting_since=timezone.now())
    quiet = cast.make_channel(workspace=workspace)
    make(quiet, "one")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation")
        # So few rows would be read and sorted at once; a hundred thousand would not.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        for query, index in {
            f"channel={quiet.pk}": "board_of_channel",
            "priority=urgent": "board_of_priority",
            "waiting=0": "board_of_waiting",
        }.items():
            where = Selection.read(QueryDict(query), dana).where(workspace.pk)
            cursor.execute(
                f"EXPLAIN SELECT 1 FROM conversations_conversation c WHERE {where.text} AND c.status = 'todo'"  # noqa: S608
                " ORDER BY c.last_message_at DESC, c.id DESC LIMIT 51",
                list[Any](where.values),
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert index in plan, plan
