"""Events twice, late and in any order, calls refused: nothing lost, nothing twice, nothing shown that isn't so.

The same with 5,000 events: `make bench ARGS=storm`.
"""

from __future__ import annotations

import pytest

from accounts.models import Grouping, Workspace
from benchmarks.storms import APP, CHANNELS, TRIAGE, Storm, faults, traffic, wrong_posts
from conversations.models import Message
from integrations.models import InboundEvent
from tests.test_main_path import DANA, House, assert_nothing_reached_customers, house

__all__ = ["house"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_storm(house: House) -> None:
    Workspace.objects.update(grouping=Grouping.QUIET_PERIOD)
    for channel in CHANNELS:
        house.slack.api("invite", channel=channel, user=APP, by=DANA)
    house.slack.api("misbehave", **faults(delay_seconds=2, shuffle_seconds=1))
    storm = Storm(house.slack.api, events=250, matters=2)
    storm.rage()
    log = house.settle()

    assert storm.made["said"] > 120
    assert min(storm.made["edited"], storm.made["deleted"]) > 10
    assert storm.differences() == []
    assert Message.objects.filter(channel__external_id__in=CHANNELS).count() == storm.made["said"]
    delivered = [attempt for one in log["deliveries"] for attempt in one["attempts"]]
    assert len(delivered) > InboundEvent.objects.count() >= 250
    assert wrong_posts(house.slack.messages(TRIAGE)) == []
    seen = traffic(log["calls"])
    assert seen.refused
    assert seen.excesses == []
    assert_nothing_reached_customers(log)
