"""The menus and buttons under a post: each reaches its verb, and says in words why it could not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Automatic, Conversation, EventKind
from conversations.status import Status
from integrations.models import Delivery, Installation, Link, LinkKind
from integrations.slack.post.controls import SNOOZES
from integrations.slack.post_actions import _end as end_of
from tests import cast
from tests.cast import OUR_TEAM
from tests.integrations.slack.envelopes import Json, work


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=1)).conversation


@pytest.fixture
def post(installation: Installation, conversation: Conversation) -> Link:
    triage = cast.make_triage_channel(workspace=installation.workspace)
    return Link.objects.create(
        workspace=installation.workspace, installation=installation, conversation=conversation,
        kind=LinkKind.TRIAGE_POST, place=triage.channel.external_id, external_id="1700000000.000100",
    )  # fmt: skip


def press(post: Link, user: User, action_id: str, **chosen: object) -> str:
    """The outcome."""
    click: Json = {
        "type": "block_actions",
        "team": {"id": OUR_TEAM},
        "user": {"id": user.external_id, "team_id": OUR_TEAM},
        "container": {"type": "message", "channel_id": post.place, "message_ts": post.external_id},
        "actions": [{"action_id": action_id, "action_ts": cast.make_ts(), **chosen}],
        "trigger_id": cast.make_ts(),
    }
    (outcome,) = work(click)
    return outcome


def option(value: str) -> Json:
    return {"text": {"type": "plain_text", "text": "?"}, "value": value}


def whispered() -> list[Json]:
    """What was said to whoever acted, to them alone."""
    requests = [delivery.request for delivery in Delivery.objects.filter(kind="dialog").order_by("pk")]
    assert all(request["method"] == "chat.postEphemeral" for request in requests)
    return [request["arguments"] for request in requests]


@pytest.mark.parametrize(("value", "label"), [("in_progress", "In Progress"), ("closed", "Closed")])
def test_the_status_menu(post: Link, conversation: Conversation, omar: User, value: str, label: str) -> None:
    assert press(post, omar, "status", selected_option=option(value)) == f"moved to {label}"
    conversation.refresh_from_db()
    assert (conversation.status, conversation.status_by_person) == (value, True)


def test_assigning(post: Link, conversation: Conversation, omar: User, dana: User) -> None:
    assert press(post, omar, "assign_me") == "assigned"
    conversation.refresh_from_db()
    assert conversation.owner == omar
    assert press(post, omar, "assign", selected_user=dana.external_id) == "assigned"
    conversation.refresh_from_db()
    assert conversation.owner == dana
    assert conversation.events.filter(kind=EventKind.OWNER_CHANGED, by_user=omar).count() == 2


@pytest.mark.parametrize("who", ["a customer", "one who left", "a stranger", "nobody"])
def test_only_active_teammates_can_own(post: Link, conversation: Conversation, omar: User, who: str) -> None:
    before, mine = conversation.owner, conversation.workspace
    ids = {
        "a customer": cast.make_contact(workspace=mine).external_id,
        "one who left": cast.make_teammate(workspace=mine, name="Lee", is_active=False).external_id,
        "a stranger": cast.make_teammate(workspace=cast.make_workspace(name="Initech")).external_id,
    }
    assert press(post, omar, "assign", selected_user=ids.get(who)).startswith("refused: Only an active teammate")
    conversation.refresh_from_db()
    assert conversation.owner == before
    (told,) = whispered()
    assert (told["user"], told["channel"]) == (omar.external_id, post.place)
    assert told["text"] == "Only an active teammate can be the owner: nothing was changed."


def test_snoozing_and_waking(post: Link, conversation: Conversation, omar: User) -> None:
    assert press(post, omar, "snooze", selected_option=option("3h")) == "snoozed"
    conversation.refresh_from_db()
    assert conversation.snoozed_until
    assert abs(conversation.snoozed_until - timezone.now() - timedelta(hours=3)) < timedelta(minutes=1)
    assert press(post, omar, "wake") == "woken"
    conversation.refresh_from_db()
    assert conversation.snoozed_until is None


@pytest.mark.parametrize(
    ("chosen", "end"),
    [
        ("1h", datetime(2026, 10, 24, 22, 30, tzinfo=UTC)),
        ("3h", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # It is Saturday, and in Berlin the clocks go back that night: nine o'clock there is eight in UTC.
        ("tomorrow", datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        ("next week", datetime(2026, 10, 26, 8, 0, tzinfo=UTC)),
    ],
)
def test_when_a_snooze_ends(chosen: str, end: datetime) -> None:
    assert chosen in SNOOZES
    saturday = datetime(2026, 10, 24, 21, 30, tzinfo=UTC)
    assert end_of(chosen, saturday, ZoneInfo("Europe/Berlin")) == end


def test_next_week_is_next_monday_also_on_a_monday() -> None:
    monday = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert end_of("next week", monday, ZoneInfo("UTC")) == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action_id", "chosen"),
    [
        ("status", {"selected_option": option("gone")}),
        ("status", {"selected_option": None}),
        ("snooze", {"selected_option": option("2026-12-01")}),
        ("snooze", {}),
        ("assign", {"selected_user": None}),
        ("undo", {"value": "²"}),
        ("undo", {"value": "99999999"}),
    ],
)
def test_what_no_menu_of_ours_holds(
    post: Link, conversation: Conversation, omar: User, action_id: str, chosen: Json
) -> None:
    version = conversation.version
    assert press(post, omar, action_id, **chosen).startswith("refused: ")
    conversation.refresh_from_db()
    assert conversation.version == version
    assert len(whispered()) == 1


@pytest.mark.parametrize("before", [Status.TODO, Status.IN_PROGRESS])
def test_undo_goes_back_to_the_status_before(
    post: Link, conversation: Conversation, omar: User, dana: User, before: Status
) -> None:
    conversation.set_status(before, by=dana)
    press(post, omar, "acknowledge")
    closing = conversation.events.filter(kind=EventKind.STATUS_CHANGED).latest("pk")
    assert (closing.by_user, closing.reason) == (omar, "Acknowledged in Slack")
    assert press(post, dana, "undo", value=str(closing.pk)) == "taken back"
    conversation.refresh_from_db()
    assert conversation.status == before


def test_undo_of_what_a_reply_closed(post: Link, conversation: Conversation, omar: User) -> None:
    ts = conversation.messages.get().ts
    cast.say("I just confirmed with the team, it is fixed.", channel=conversation.channel, by=omar, thread_ts=ts)
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED
    closing = conversation.events.get(kind=EventKind.STATUS_CHANGED)
    assert press(post, omar, "undo", value=str(closing.pk)) == "taken back"
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


@pytest.mark.parametrize("newer", ["a message", "another change"])
def test_undo_is_refused_once_something_newer_happened(
    post: Link, conversation: Conversation, omar: User, contact: Contact, newer: str
) -> None:
    press(post, omar, "acknowledge")
    closing = conversation.events.get(kind=EventKind.STATUS_CHANGED)
    if newer == "a message":
        ts = conversation.messages.get().ts
        cast.say("thanks!", channel=conversation.channel, by=contact, thread_ts=ts)
    else:
        conversation.start(by=Automatic("rule", "Why not")).start(by=omar)
        conversation.close(by=omar)
    assert press(post, omar, "undo", value=str(closing.pk)) == (
        "refused: Something newer has happened since: change the status by hand."
    )
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED


def test_an_event_of_another_conversation_can_not_be_taken_back(
    post: Link, conversation: Conversation, omar: User
) -> None:
    other = cast.make_conversation(channel=conversation.channel)
    other.close(by=omar)
    theirs = other.events.get(kind=EventKind.STATUS_CHANGED)
    assert press(post, omar, "undo", value=str(theirs.pk)) == "refused: There is nothing to take back."
    other.refresh_from_db()
    assert other.status == Status.CLOSED


def test_reopen(post: Link, conversation: Conversation, omar: User) -> None:
    conversation.close(by=omar)
    assert press(post, omar, "reopen") == "reopened"
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


@pytest.mark.parametrize("action_id", ["acknowledge", "status", "assign_me", "snooze", "undo"])
def test_a_stale_post_of_a_merged_conversation(
    post: Link, conversation: Conversation, omar: User, action_id: str
) -> None:
    into = cast.make_conversation(channel=conversation.channel)
    Conversation.objects.filter(pk=conversation.pk).update(merged_into=into)
    assert press(post, omar, action_id) == f"refused: #{conversation.number} is part of #{into.number} now."
    assert not conversation.events.filter(by_user=omar).exists()
    (told,) = whispered()
    assert told["text"] == f"#{conversation.number} is part of #{into.number} now."
