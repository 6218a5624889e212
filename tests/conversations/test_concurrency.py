"""What happens at the same moment: real threads on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from accounts.models import Account, Channel, Contact, User, Workspace
from conversations.intake import Incoming
from conversations.models import Conversation, ConversationEvent, EventKind, Message
from conversations.services import change_account_owner, receive_message, receive_messages
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
START = 1_700_000_000
QUESTION = "The export is empty since this morning, can you have a look?"


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Each call in a thread of its own, all started at the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_simultaneous_messages_in_one_channel_make_one_conversation(channel: Channel, contact: Contact) -> None:
    say = partial(receive_message, channel=channel, text=QUESTION, author=contact)
    messages = at_once([partial(say, ts=f"{START + i}.000000") for i in range(8)])
    assert len({message.conversation_id for message in messages}) == 1
    conversation = Conversation.objects.get()
    assert (conversation.message_count, conversation.messages.count()) == (8, 8)
    assert conversation.last_message_at == messages[-1].sent_at


def test_the_same_message_ten_times_at_once_is_stored_once(channel: Channel, contact: Contact) -> None:
    say = partial(receive_message, channel=channel, ts=f"{START}.000000", text=QUESTION, author=contact)
    messages = at_once([say] * 10)
    assert {message.pk for message in messages} == {Message.objects.get().pk}
    assert Conversation.objects.get().message_count == 1
    assert ConversationEvent.objects.count() == 2


def test_channels_in_parallel_take_different_numbers(workspace: Workspace, account: Account, contact: Contact) -> None:
    channels = [cast.make_channel(workspace=workspace, account=account) for _ in range(4)]
    batch = [Incoming(f"{START + i * 2_000_000}.000000", QUESTION, contact) for i in range(5)]
    at_once([partial(receive_messages, channel=one, batch=batch) for one in channels])
    assert sorted(Conversation.objects.values_list("number", flat=True)) == list(range(1, 21))
    workspace.refresh_from_db()
    assert workspace.last_number == 20


def test_two_people_closing_at_once_close_it_once(channel: Channel, dana: User, omar: User) -> None:
    conversation = cast.make_conversation(channel=channel)
    at_once([partial(Conversation.objects.get(pk=conversation.pk).close, by=user) for user in (dana, omar) * 3])
    conversation.refresh_from_db()
    assert conversation.version == 2
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


def test_messages_clicks_and_a_change_of_owner_get_by_without_a_deadlock(
    channel: Channel, account: Account, contact: Contact, dana: User, omar: User
) -> None:
    first = receive_message(channel=channel, ts=f"{START}.000000", text=QUESTION, author=contact)
    conversation = first.conversation
    calls: list[Callable[[], object]] = []
    for i in range(1, 5):
        calls += [
            partial(receive_message, channel=channel, ts=f"{START + i}.000000", text=QUESTION, author=contact),
            # Not closed: what is closed keeps its owner, also when it is opened again.
            partial(Conversation.objects.get(pk=conversation.pk).start if i % 2 else conversation.reopen, by=dana),
            partial(change_account_owner, account=account, owner=omar if i % 2 else dana, by=dana),
        ]
    at_once(calls)
    conversation.refresh_from_db()
    account.refresh_from_db()
    assert conversation.messages.count() == conversation.message_count
    assert sum(Conversation.objects.values_list("message_count", flat=True)) == 5
    unclosed = Conversation.objects.unclosed()
    assert {one.owner_id for one in unclosed} <= {account.owner_id}
