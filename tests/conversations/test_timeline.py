"""A conversation as it is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Contact, User
from conversations import timeline
from conversations.models import Conversation, Message, Priority
from conversations.services import delete_message, edit_message
from tests import cast
from triage.deadlines import refresh_open
from triage.models import ResponseTarget
from triage.reminders import remind


@pytest.fixture
def message(channel: Channel, contact: Contact) -> Message:
    return cast.say("The <i>export</i> is empty", channel=channel, by=contact, ago=timedelta(hours=1))


def edit(message: Message, text: str) -> None:
    assert message.channel
    edit_message(channel=message.channel, ts=str(message.ts), text=text, edited_at=timezone.now())


def page(client: Client, user: User, message: Message) -> str:
    client.force_login(user)
    return client.get(message.conversation.get_absolute_url()).content.decode()


def test_an_edit_is_told_with_the_former_wording(client: Client, dana: User, message: Message) -> None:
    edit(message, "The import is empty")
    edit(message, "The report is empty")
    shown = page(client, dana, message)
    assert "Hank Scorpio edited this message" in shown
    assert shown.index("The report is empty") < shown.index("The import is empty") < shown.index("The &lt;i&gt;export")


def test_a_deleted_message_tells_nothing_of_its_edits(client: Client, dana: User, message: Message) -> None:
    edit(message, "The import is empty")
    assert message.channel
    delete_message(channel=message.channel, ts=str(message.ts), deleted_at=timezone.now())
    shown = page(client, dana, message)
    assert "This message was deleted" in shown
    assert "edited this message" not in shown
    assert "export" not in shown
    assert "import is empty" not in shown


def test_marks_are_shown_as_they_were_made(client: Client, dana: User, channel: Channel, contact: Contact) -> None:
    message = cast.say("*now*", channel=channel, by=contact)
    Message.objects.filter(pk=message.pk).update(html="<strong>now</strong>")
    assert '<div class="message-text"><strong>now</strong></div>' in page(client, dana, message)


def test_files_are_had_through_us_or_where_they_lie(
    client: Client, dana: User, channel: Channel, contact: Contact
) -> None:
    files: list[dict[str, object]] = [
        {"id": "F1", "name": "a.txt", "url": "https://files.slack.com/a"},
        {"id": "F/2", "name": "a.png", "url": "https://files.slack.com/b", "thumb": "https://files.slack.com/c"},
        {"id": "F3", "name": "Plan", "permalink": "https://drive.example/plan"},
        {"id": "F4", "name": "Odd", "permalink": "javascript:alert(1)"},
    ]
    message = cast.say("Look", channel=channel, by=contact, files=files)
    shown = page(client, dana, message)
    assert f'href="/files/{message.pk}/F1/"' in shown
    assert f'src="/files/{message.pk}/F%2F2/?thumb"' in shown
    assert 'href="https://drive.example/plan"' in shown
    assert "files.slack.com" not in shown
    assert "javascript:" not in shown


def test_edits_cost_a_query_only_where_there_are_any(
    message: Message, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    conversation = message.conversation
    with django_assert_num_queries(2):
        timeline.read(conversation)
    edit(message, "The import is empty")
    with django_assert_num_queries(3):
        timeline.read(conversation)


def test_priority_tags_snoozing_and_reminders_are_told(
    client: Client, dana: User, omar: User, message: Message
) -> None:
    conversation = message.conversation
    conversation.prioritise(Priority.URGENT, by=dana)
    conversation.tag(["billing", "<b>vip</b>"], by=dana)
    conversation.snooze(timezone.now() + timedelta(days=1), by=omar)
    conversation.wake(by=omar)
    target = ResponseTarget.objects.create(
        workspace=dana.workspace, minutes=70, warn_minutes=20, escalate_minutes=20, escalate_to=omar
    )
    for minutes in (70, 50, 20):
        ResponseTarget.objects.filter(pk=target.pk).update(minutes=minutes)
        refresh_open(dana.workspace_id)
        remind()
    Conversation.objects.filter(pk=conversation.pk).update(owner=None)
    told = [
        (entry.sentence, bool(entry.until), entry.reason)
        for entry in timeline.read(conversation).entries
        if not entry.message and entry.kind != "opened"
    ]
    assert told == [
        ("Dana Reyes made its priority Urgent", False, ""),
        ("Dana Reyes tagged it <b>vip</b> and billing", False, ""),
        ("Omar Haddad snoozed it until", True, ""),
        ("Omar Haddad brought it back", False, ""),
        ("An answer was soon due,", True, "Dana Reyes was reminded"),
        ("An answer was due", True, "Dana Reyes was reminded"),
        ("No answer, due", True, "Dana Reyes and Omar Haddad were reminded"),
    ]
    shown = page(client, dana, message)
    assert "tagged it &lt;b&gt;vip&lt;/b&gt; and billing" in shown
    assert "An answer was due <time" in shown
    assert "Dana Reyes and Omar Haddad were reminded" in shown
