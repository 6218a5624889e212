"""Whatever state a conversation is in and whatever people wrote: what is drawn is what Slack takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, Priority
from conversations.status import Status
from integrations.models import Installation
from integrations.slack.triage_post import draw, draw_moved
from sandbox.blocks import check_message_blocks
from tests import cast
from tests.integrations.slack.test_triage_post import check

PIECES = st.sampled_from(
    [
        "<!channel>",
        "<@U1>",
        "&",
        "<",
        ">",
        "```",
        "`",
        "*",
        "\n",
        "\r\n",
        "\u202e",
        "👩‍👩‍👧",
        "ש",
        "x" * 997,
        " ",
        "\x01",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=60).map("".join),
    st.builds(lambda piece, count: piece * count, PIECES, st.integers(1, 40_000)).map(lambda text: text[:40_000]),
)
NAMES = TEXTS.map(lambda text: "".join(text.replace("\x00", "").split())[:120] or "?")
TIMES = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.fixture
def conversation(channel: Channel, contact: Contact, dana: User) -> Conversation:
    first = cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=1))
    cast.say("Taking a look", channel=channel, by=dana, thread_ts=first.ts)
    first.conversation.close(by=dana)
    return first.conversation


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_within_slacks_limits(installation: Installation, conversation: Conversation, data: st.DataObject) -> None:
    said, title, name = data.draw(TEXTS), data.draw(NAMES), data.draw(NAMES)
    conversation.messages.update(text=said.replace("\x00", ""), author_name=name)
    conversation.events.update(reason=said.replace("\x00", "")[:300])
    conversation.title = title
    conversation.tags = data.draw(st.lists(NAMES.map(lambda tag: tag[:40]), max_size=20))
    conversation.status, conversation.priority = (
        data.draw(st.sampled_from(Status)),
        data.draw(st.sampled_from(Priority)),
    )
    conversation.waiting_since, conversation.response_due_at = data.draw(TIMES), data.draw(TIMES)
    conversation.snoozed_until = data.draw(TIMES)
    ticket = {"tool": name, "number": name[:64], "url": f"https://globex.example/{name}"[:500], "is_stopped": True}
    conversation.linked = [ticket] * data.draw(st.integers(0, 5))
    for owned in (conversation.account, conversation.channel, conversation.owner):
        if owned:
            owned.name = name
    is_hidden = data.draw(st.booleans())
    for drawing in (
        draw(conversation, installation, is_hidden=is_hidden),
        draw_moved(conversation, [name] * 5, is_hidden=is_hidden),
    ):
        check(drawing)
        check_message_blocks(drawing["blocks"])


def test_a_post_that_moved_to_many_channels_of_long_names(conversation: Conversation) -> None:
    """Escaped, each of these is five times as long."""
    check(draw_moved(conversation, ["&" * 120] * 5))
