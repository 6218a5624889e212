"""New conversations go to who is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.absence import standing_in
from accounts.models import Channel, Contact, User, Workspace
from conversations.models import ConversationEvent, EventKind
from tests import cast

DAY = timedelta(days=1)


def away(user: User, stand_in: User | None, *, from_days: int = -1, until_days: int = 1) -> User:
    user.away_from, user.away_until = timezone.now() + from_days * DAY, timezone.now() + until_days * DAY
    user.stand_in = stand_in
    user.save()
    return user


@pytest.mark.parametrize(("from_days", "until_days", "is_omar"), [(-1, 1, True), (1, 2, False), (-2, -1, False)])
def test_only_while_away(dana: User, omar: User, from_days: int, until_days: int, is_omar: bool) -> None:
    away(dana, omar, from_days=from_days, until_days=until_days)
    stand_in, reason = standing_in(dana, timezone.now())
    assert (stand_in == omar) is is_omar
    assert ("Omar Haddad stands in" in reason) is is_omar


def test_a_stand_in_who_is_away_too_is_passed_over(dana: User, omar: User, workspace: Workspace) -> None:
    mia = cast.make_teammate(workspace=workspace, name="Mia Wong")
    away(dana, away(omar, mia))
    assert standing_in(dana, timezone.now())[0] == mia


def test_when_all_are_away_it_stays(dana: User, omar: User) -> None:
    away(dana, omar)
    away(omar, dana)
    assert standing_in(dana, timezone.now()) == (dana, "")


def test_who_left_is_stood_in_for(dana: User, omar: User) -> None:
    dana.stand_in, dana.is_active = omar, False
    assert standing_in(dana, timezone.now()) == (omar, "Dana Reyes is not active: Omar Haddad stands in")


def test_a_new_conversation_goes_there_and_says_why(channel: Channel, contact: Contact, dana: User, omar: User) -> None:
    before = cast.say("How do I export this?", channel=channel, by=contact).conversation
    away(dana, omar)
    cast.say("And as PDF?", channel=channel, by=contact, thread_ts=before.messages.get().ts)
    conversation = cast.say("Where is my invoice?", channel=channel, by=contact, thread_ts=cast.make_ts()).conversation
    before.refresh_from_db()
    conversation.refresh_from_db()
    assert (before.owner, conversation.owner) == (dana, omar)
    event = ConversationEvent.objects.get(conversation=conversation, kind=EventKind.OWNER_CHANGED)
    handed = {"from": "Dana Reyes", "to": "Omar Haddad", "from_id": dana.pk, "to_id": omar.pk}
    assert (event.by_rule, event.data) == ("stand_in", handed)
    assert "is away until" in event.reason
