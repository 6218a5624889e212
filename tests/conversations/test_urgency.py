"""Without a model: a priority only where the customer's own words leave no doubt."""

from __future__ import annotations

import pytest

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from conversations.urgency import cued_priority, raised
from tests import cast


@pytest.mark.parametrize(
    "text",
    [
        "Production is down!", "our checkout is completely down since 9", "We have a major outage", "SEV-1: no logins",
        "P1 incident on our side", "this looks like a data breach", "die Produktion steht", "本番環境が停止しています",
    ],
)  # fmt: skip
def test_a_standstill_is_urgent(text: str) -> None:
    assert cued_priority(text) == "urgent"


@pytest.mark.parametrize("text", ["This is urgent", "pls fix asap", "Das ist dringend!", "至急お願いします"])
def test_haste_is_high(text: str) -> None:
    assert cued_priority(text) == "high"


@pytest.mark.parametrize(
    "text",
    [
        "Not urgent, but the logo is off", "It isn't very urgent", "nothing urgent", "What happens if the API is down?",
        "when production is down, whom do we call?", "The drop-down is broken", "we went down the list", "how do I "
        "download it?", "the p1 disk", "nicht dringend", "The insurgents", "x " * 1_000 + "urgent",
    ],
)  # fmt: skip
def test_anything_else_says_nothing(text: str) -> None:
    assert cued_priority(text) == ""


def test_it_only_rises() -> None:
    assert raised("", "urgent please") == "high"
    assert raised("high", "production is down") == "urgent"
    assert raised("urgent", "please, asap") == "urgent"
    assert raised("low", "hello") == "low"


def test_a_customers_words_suggest_a_priority_and_ours_do_not(channel: Channel, contact: Contact, dana: User) -> None:
    said = cast.say("Production is down", channel=channel, by=contact)
    assert Conversation.objects.get(messages=said).suggested_priority == "urgent"
    other = cast.make_channel(workspace=channel.workspace)
    question = cast.say("Can I rename a field?", channel=other, by=contact)
    cast.say("Is that urgent?", channel=other, by=dana, thread_ts=question.ts)
    assert Conversation.objects.get(messages=question).suggested_priority == ""
    cast.say("It is urgent, yes", channel=other, by=contact, thread_ts=question.ts)
    assert Conversation.objects.get(messages=question).suggested_priority == "high"
