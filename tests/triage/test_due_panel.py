"""When an answer is due, and why, on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Contact, User, Workspace
from conversations import board
from conversations.models import Conversation
from conversations.status import Status
from tests import cast
from triage.deadlines import refresh_open
from triage.models import Calendar, ResponseTarget
from triage.target_words import lasting

HOUR = timedelta(hours=1)


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    """Hank has waited for an hour."""
    return cast.say("How do I export this?", channel=channel, by=contact, ago=HOUR).conversation


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def test_the_page_says_why_it_is_due_when_it_is(
    signed_in: Client, workspace: Workspace, conversation: Conversation
) -> None:
    address = conversation.get_absolute_url()
    assert "response target</a> fits: nobody is reminded" in signed_in.get(address).content.decode()
    since = conversation.waiting_since
    assert since is not None
    always = {str(day): [["00:00", "24:00"]] for day in range(7)}
    holidays = {since.date().isoformat(): "Founders’ <Day>"}
    calendar = Calendar.objects.create(workspace=workspace, name="Office", hours=always, holidays=holidays)
    target = ResponseTarget.objects.create(workspace=workspace, minutes=90, calendar=calendar)
    refresh_open(workspace.pk)
    page = signed_in.get(address).content.decode()
    assert "<b>Paused</b>: holiday: Founders’ &lt;Day&gt;" in page
    assert "<b>Running</b>" in page
    assert "Within 1 h 30 min for everybody" in page
    assert 'data-style="due"' in page
    calendar.delete()
    assert "29 min of working time left" in signed_in.get(address).content.decode()
    ResponseTarget.objects.filter(pk=target.pk).update(minutes=45)
    assert "overdue by 15 min of working time" in signed_in.get(address).content.decode()
    conversation.close(by=workspace.users.get())
    assert "Answer due" not in signed_in.get(address).content.decode()


def test_a_card_shows_when_its_answer_is_due(
    workspace: Workspace, channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    due_at = timezone.now() + HOUR
    cast.make_conversation(channel=channel, response_due_at=due_at)
    cast.make_conversation(channel=channel, title="Waits")
    cast.make_conversation(channel=channel, status=Status.CLOSED, response_due_at=due_at)
    with django_assert_num_queries(2):
        todo, _, closed = (str(column.cards) for column in board.columns(workspace.pk))
    assert f'badge-due"><time datetime="{due_at.isoformat(timespec="seconds")}" data-style="due">due ' in todo
    assert todo.count("badge-due") == 1
    assert todo.count('data-style="waiting"') == 1
    assert "badge-due" not in closed


def test_lengths_in_words() -> None:
    assert [lasting(minutes) for minutes in (0, 45, 60, 90, 1500)] == ["0 min", "45 min", "1 h", "1 h 30 min", "25 h"]
