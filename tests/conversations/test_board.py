from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Channel, User, Workspace
from conversations import board
from conversations.board import Key
from conversations.models import Conversation
from conversations.selecting import Selection
from conversations.status import Status
from tests import cast

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fill(channel: Channel, count: int, status: Status = Status.TODO, **fields: Any) -> list[Conversation]:
    """Conversations a minute apart, the newest first."""
    return [
        cast.make_conversation(
            channel=channel, status=status, opened_at=NOON - timedelta(minutes=n), title=f"Matter {n}", **fields
        )
        for n in range(count)
    ]


def numbers(column: board.Column) -> list[int]:
    return [row.number for row in column.rows]


def test_each_column_shows_its_conversations_newest_first(workspace: Workspace, channel: Channel) -> None:
    todo = fill(channel, 3)
    closed = fill(channel, 2, Status.CLOSED)
    first, second, third = board.columns(workspace.pk)
    assert [first.label, second.label, third.label] == ["To Do", "In Progress", "Closed"]
    assert numbers(first) == [c.number for c in todo]
    assert numbers(second) == []
    assert numbers(third) == [c.number for c in closed]
    assert [first.count, second.count, third.count] == ["3", "0", "2"]


def test_a_row_carries_the_names_of_account_owner_and_channel(
    workspace: Workspace, channel: Channel, dana: User
) -> None:
    fill(channel, 1)
    [row] = board.columns(workspace.pk)[0].rows
    assert (row.account, row.owner, row.channel) == ("Globex", dana.name, "ext-globex")


def test_a_conversation_without_account_and_owner_has_a_card(workspace: Workspace) -> None:
    fill(cast.make_channel(workspace=workspace, name="lonely"), 1)
    [column, *_] = board.columns(workspace.pk)
    assert column.rows[0].owner is None
    assert "lonely" in column.cards
    assert "No owner" in column.cards


def test_of_one_moment_the_later_conversation_stands_first(workspace: Workspace, channel: Channel) -> None:
    made = [cast.make_conversation(channel=channel, opened_at=NOON) for _ in range(3)]
    assert numbers(board.columns(workspace.pk)[0]) == [c.number for c in reversed(made)]


def test_next_pages_continue_without_gap_or_repetition(
    workspace: Workspace, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    # Two of one moment stand on either side of a page's end.
    expected = [c.number for c in fill(channel, 3)]
    twin = cast.make_conversation(channel=channel, opened_at=NOON - timedelta(minutes=1))
    expected.insert(1, twin.number)
    column, seen = board.columns(workspace.pk)[0], []
    seen += numbers(column)
    while column.next:
        column = board.page(workspace.pk, Selection(), Status.TODO, Key.parse(str(column.next)))
        seen += numbers(column)
    assert seen == expected


def test_a_full_last_page_has_no_next_one(
    workspace: Workspace, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    fill(channel, 2)
    assert board.columns(workspace.pk)[0].next is None


@pytest.mark.parametrize("text", ["", "1", "x_1", "1_x", "-1_1", "1_1_1", "9" * 30 + "_1", "1_" + "9" * 30, "١_١"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Key.parse(text)


def test_columns_are_counted_up_to_a_limit(
    workspace: Workspace, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "COUNTED", 3)
    fill(channel, 3)
    fill(channel, 4, Status.CLOSED)
    counts = board.count(workspace.pk)
    assert counts == {Status.TODO: "3", Status.IN_PROGRESS: "0", Status.CLOSED: "3+"}


def test_filters_by_owner_nobody_and_account(
    workspace: Workspace, channel: Channel, dana: User, omar: User, account: Account
) -> None:
    [danas] = fill(channel, 1)
    [omars] = fill(channel, 1, owner=omar)
    [nobodys] = fill(cast.make_channel(workspace=workspace), 1)

    def shown(chosen: Selection) -> list[int]:
        column = board.columns(workspace.pk, chosen)[0]
        assert column.count == str(len(column.rows))
        return sorted(numbers(column))

    assert shown(Selection()) == [danas.number, omars.number, nobodys.number]
    assert shown(Selection(owners=frozenset({omar.pk}))) == [omars.number]
    assert shown(Selection(owners=frozenset({0}))) == [nobodys.number]
    assert shown(Selection(accounts=frozenset({account.pk}))) == [danas.number, omars.number]
    assert shown(Selection(owners=frozenset({dana.pk}), accounts=frozenset({account.pk}))) == [danas.number]


def test_another_workspaces_conversations_are_nowhere(workspace: Workspace, channel: Channel, stranger: User) -> None:
    [ours] = fill(channel, 1)
    theirs = stranger.workspace_id
    assert all(not column.rows and column.count == "0" for column in board.columns(theirs))
    assert not board.page(theirs, Selection(), Status.TODO, None).rows
    assert not board.rows(theirs, [ours.pk])
    assert "Matter" not in board.draw_changes(theirs, [ours.pk])


def test_the_page_takes_as_many_queries_for_three_hundred_cards_as_for_three(
    client: Client, channel: Channel, account: Account, dana: User
) -> None:
    client.force_login(dana)
    Account.objects.filter(pk=account.pk).update(tier="Enterprise")

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address)
        assert page.content.count(b'class="card"') == min(50, channel.conversations.count() // 3) * 3
        assert not any("OFFSET" in query["sql"] for query in captured)
        return len(captured)

    addresses = ("/board/", "/board/?tag=billing&tier=Enterprise")
    for status in Status:
        fill(channel, 1, status, tags=["billing"])
    few = [queries(address) for address in addresses]
    for status in Status:
        fill(channel, 99, status, tags=["billing"])
    assert [queries(address) for address in addresses] == few


def test_columns_are_walked_along_their_index(workspace: Workspace, channel: Channel, dana: User, omar: User) -> None:
    fill(channel, 100)
    elsewhere = cast.make_channel(workspace=workspace, account=cast.make_account(workspace=workspace), owner=omar)
    for status in Status:
        fill(elsewhere, 100, status)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation")
        # A hundred rows would be read and sorted at once; a hundred thousand would not.
        for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            cursor.execute(f"SET LOCAL {way} = off")
        for chosen, index in (
            (Selection(), "board"),
            (Selection(tags=frozenset({"rare"})), "board"),
            (Selection(owners=frozenset({dana.pk})), "board_of_owner"),
            (Selection(accounts=frozenset({channel.account_id or 0})), "board_of_account"),
        ):
            with CaptureQueriesContext(connection) as captured:
                board.page(workspace.pk, chosen, Status.TODO, Key(NOON, 1))
            cursor.execute(f"EXPLAIN {captured[0]['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert f"Index Only Scan using {index} " in plan


def test_what_people_wrote_is_escaped_on_the_card(workspace: Workspace, channel: Channel) -> None:
    evil = "<script>alert(1)</script>"
    fill(channel, 1, last_message_text=evil, last_message_author=evil, message_count=2)
    cards = board.columns(workspace.pk)[0].cards
    assert evil not in cards
    assert "&lt;script&gt;" in cards


def test_a_card_is_drawn_again_only_when_something_on_it_changed(
    workspace: Workspace, channel: Channel, account: Account
) -> None:
    [conversation] = fill(channel, 1)

    def drawn() -> str:
        return str(board.columns(workspace.pk)[0].cards)

    first = drawn()
    before = board._draw_card.cache_info().misses
    assert drawn() == first
    assert board._draw_card.cache_info().misses == before
    # A new name on the account, which is no change of the conversation.
    Account.objects.filter(pk=account.pk).update(name="Globex Holding")
    assert "Globex Holding" in drawn()
    Conversation.objects.filter(pk=conversation.pk).update(version=7)
    assert 'data-version="7"' in drawn()


def test_changes_carry_cards_what_is_gone_and_the_counts(workspace: Workspace, channel: Channel) -> None:
    one, other = fill(channel, 2)
    drawn = board.draw_changes(workspace.pk, [one.pk, 999_999_999])
    assert f'id="card-{one.pk}"' in drawn
    assert f'id="card-{other.pk}"' not in drawn
    assert '<i data-gone="999999999">' in drawn
    assert '<b data-count="todo">2</b>' in drawn


def test_a_single_message_is_not_told_twice(workspace: Workspace, channel: Channel) -> None:
    fill(channel, 1, last_message_text="Matter 0 It is urgent.", message_count=1)
    cards = board.columns(workspace.pk)[0].cards
    assert cards.count("Matter 0") == 1
    assert "It is urgent." in cards
