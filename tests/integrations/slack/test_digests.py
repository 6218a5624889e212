"""One digest a day, at its hour in the teammate's own time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Channel, User
from conversations.models import Conversation
from conversations.status import Status
from integrations.digests import make_digests
from integrations.models import Delivery, Installation
from tests import cast

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def conversation(installation: Installation, channel: Channel, dana: User) -> Conversation:
    User.objects.update(time_zone="Europe/Berlin", digest_at=time(8, 30))
    return cast.make_conversation(
        channel=channel, title="Why <!here>?", opened_at=MONDAY - timedelta(hours=20), owner=dana
    )


def test_it_comes_once_a_day_and_says_who_waits(conversation: Conversation, channel: Channel, dana: User) -> None:
    friday = MONDAY - timedelta(days=3)
    cast.make_conversation(channel=channel, status=Status.CLOSED, opened_at=friday, owner=dana)
    assert [make_digests(now=MONDAY) for _ in range(2)] == [1, 0]
    delivery = Delivery.objects.get()
    assert delivery.place == dana.external_id
    text = delivery.request["text"]
    assert "You have *1* open conversation" in text
    assert "#1 Why &lt;!here&gt;?" in text
    assert "1 closed since the last working day" in text
    assert make_digests(now=MONDAY + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"digest_at": None},
        {"digest_at": time(9, 30)},
        {"time_zone": "America/New_York"},
        {"is_active": False},
        {"external_id": None},
        {"away_until": MONDAY + timedelta(days=2)},
    ],
)
def test_not_before_its_hour_nor_to_who_wants_none(
    conversation: Conversation, dana: User, change: dict[str, object]
) -> None:
    User.objects.filter(pk=dana.pk).update(**change)
    assert make_digests(now=MONDAY) == 0


def test_a_weekend_and_an_empty_desk_are_left_alone(conversation: Conversation, dana: User) -> None:
    assert make_digests(now=MONDAY - timedelta(days=1)) == 0
    Conversation.objects.update(status=Status.CLOSED, closed_at=MONDAY - timedelta(days=9))
    assert make_digests(now=MONDAY) == 0
