"""What a teammate does with one message, from its menu in Slack."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

from accounts.models import Channel, ChannelKind, Contact, Side, User
from accounts.overrides import count_as
from conversations.models import Conversation, Message
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation, Link, LinkKind
from integrations.outbox import deliver, publish
from integrations.slack import pacing
from integrations.slack.shortcut_drawing import draw_choice, draw_thread_choice
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, said, work
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess

GLOBEX, TRIAGE = "C0EXTGLOBX", "C0TRIAGE01"


@pytest.fixture
def message(installation: Installation, channel: Channel, contact: Contact) -> Message:
    cast.say("The export is empty again", channel=channel, by=contact)
    return cast.say("And who may see invoices?", channel=channel, by=contact)


@pytest.fixture
def internal(installation: Installation) -> Channel:
    return cast.make_channel(workspace=installation.workspace, kind=ChannelKind.INTERNAL, name="support-talk")


def who(user: User | Contact, team: str = OUR_TEAM) -> Json:
    return {"id": user.external_id, "team_id": team}


def shortcut(callback_id: str, user: Json, *, channel: str, ts: str, **more: Any) -> Json:
    return {
        "type": "message_action", "callback_id": callback_id, "team": {"id": OUR_TEAM}, "user": user,
        "channel": {"id": channel}, "message_ts": ts, "message": {"ts": ts}, "trigger_id": cast.make_ts(),
        "response_url": "http://127.0.0.1:9/response/1", **more,
    }  # fmt: skip


def on(message: Message, callback_id: str, user: Json) -> Json:
    assert message.channel is not None
    return shortcut(callback_id, user, channel=message.channel.external_id, ts=message.ts or "")


def submission(view: Json, user: Json, *, chosen: str = "", number: str = "") -> Json:
    values = {
        "conversation": {"conversation": {"selected_option": {"value": chosen} if chosen else None}},
        "number": {"number": {"value": number or None}},
    }
    return {
        "type": "view_submission", "team": {"id": OUR_TEAM}, "user": user, "trigger_id": cast.make_ts(),
        "view": view | {"state": {"values": values}},
    }  # fmt: skip


def opened() -> Json:
    view: Json = Delivery.objects.filter(request__method="views.open").latest("pk").request["arguments"]["view"]
    return view


def told() -> str:
    """What its user alone was told last."""
    answers = Q(kind=DeliveryKind.ANSWER) | Q(request__method="chat.postEphemeral")
    request = Delivery.objects.filter(answers).latest("pk").request
    body: Json = request.get("body") or request["arguments"]
    return str(body["text"])


# Who ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("callback_id", ["add_to_conversation", "start_conversation", "link_internal_thread"])
def test_others_can_choose_nothing(
    message: Message, dana: User, contact: Contact, stranger: User, callback_id: str
) -> None:
    assert message.channel is not None
    count_as(channel=message.channel, external_id=contact.external_id, side=Side.US, by=dana)
    for user in (who(contact, THEIR_TEAM), {"id": contact.external_id}, who(dana, THEIR_TEAM), who(stranger), {}):
        assert work(on(message, callback_id, user)) == ["chosen by somebody who is no teammate: nothing done"]
    assert not Delivery.objects.exists()
    assert Conversation.objects.count() == 1


def test_others_can_submit_nothing(message: Message, dana: User, contact: Contact) -> None:
    work(on(message, "start_conversation", who(dana)))
    message.refresh_from_db()
    target = Conversation.objects.exclude(pk=message.conversation_id).get()
    work(on(message, "add_to_conversation", who(dana)))
    outcomes = work(submission(opened(), who(contact, THEIR_TEAM), chosen=str(target.number)))
    assert outcomes == ["submitted by somebody who is no teammate: nothing done"]
    assert Message.objects.get(pk=message.pk).conversation_id == message.conversation_id


# A conversation of its own, or another one ────────────────────────────────────────────────────────────


def test_a_message_becomes_a_conversation_and_goes_back(message: Message, dana: User) -> None:
    first = message.conversation
    starting = on(message, "start_conversation", who(dana))
    (outcome, again) = work(starting, starting)
    message.refresh_from_db()
    assert outcome == again == f"started #{message.conversation.number}"
    assert Conversation.objects.count() == 2, "redelivered, it acts once"
    assert told().startswith("A conversation of its own: <")
    work(on(message, "add_to_conversation", who(dana)))
    options = opened()["blocks"][0]["element"]["options"]
    assert [option["value"] for option in options] == [str(first.number)], "not the one that it is in"
    assert work(submission(opened(), who(dana), chosen=str(first.number))) == ["done"]
    message.refresh_from_db()
    assert message.conversation == first
    assert told().startswith("Added to <")


def test_where_nothing_can_be_done_it_says_why(message: Message, internal: Channel, dana: User) -> None:
    work(on(message, "add_to_conversation", who(dana)))
    assert told().startswith("There is no other conversation")
    for callback_id in ("add_to_conversation", "start_conversation"):
        work(shortcut(callback_id, who(dana), channel=internal.external_id, ts="1.2"))
        assert told() == "This is for messages in customers’ channels."
    assert message.channel is not None
    work(shortcut("start_conversation", who(dana), channel=message.channel.external_id, ts="1.2"))
    assert told() == "Pylon has not captured this message."
    work(shortcut("start_conversation", who(dana), channel="C_UNKNOWN", ts="1.2"))
    assert told() == "Pylon is not in this channel."
    assert work(on(message, "other", who(dana))) == ["no shortcut of ours: other"]


def test_a_message_goes_into_no_other_channels_or_workspaces_conversation(
    message: Message, dana: User, stranger: User
) -> None:
    work(on(message, "start_conversation", who(dana)))
    elsewhere = cast.make_conversation(channel=cast.make_channel(workspace=dana.workspace))
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=stranger.workspace), number=4711)
    work(on(message, "add_to_conversation", who(dana)))
    (outcome,) = work(submission(opened(), who(dana), chosen=str(elsewhere.number)))
    assert "is of another channel" in outcome
    (outcome,) = work(submission(opened(), who(dana), chosen=str(theirs.number)))
    assert outcome == "not done: Choose a conversation."


# An internal thread ──────────────────────────────────────────────────────────────────────────────────


def linked(installation: Installation, channel: Channel, conversation: Conversation, user: User) -> str:
    ts = cast.make_ts()
    work(shortcut("link_internal_thread", who(user), channel=channel.external_id, ts=ts))
    assert work(submission(opened(), who(user), number=f"#{conversation.number}")) == ["done"]
    return ts


def test_what_is_written_in_a_linked_thread_is_a_note(
    message: Message, internal: Channel, installation: Installation, omar: User, contact: Contact
) -> None:
    conversation = message.conversation
    ts = linked(installation, internal, conversation, omar)
    place = {"channel": internal.external_id, "team": OUR_TEAM}
    reply = said("It is the new exporter", user=omar.external_id or "", thread_ts=ts, **place)
    theirs = said("?", user=contact.external_id, thread_ts=ts, **place | {"team": THEIR_TEAM})
    talk = said("Lunch?", user=omar.external_id or "", **place)
    outcomes = work(envelope(reply), envelope(reply), envelope(theirs), envelope(talk))
    assert outcomes[:2] == ["note", "note"]
    assert outcomes[2:] == ["not a teammate's: no note", "not a customer's channel, but internal"]
    (note,) = conversation.messages.filter(kind="note")
    assert (note.text, note.author_user) == ("It is the new exporter", omar)


def test_linking_anew_moves_the_thread(
    message: Message, internal: Channel, installation: Installation, omar: User
) -> None:
    other = cast.make_conversation(channel=message.conversation.channel)
    linked(installation, internal, message.conversation, omar)
    second = linked(installation, internal, message.conversation, omar)
    assert Link.objects.get().external_id == second, "one thread of a channel"
    work(shortcut("link_internal_thread", who(omar), channel=internal.external_id, ts="9.9",
                  message={"ts": "9.9", "thread_ts": second}))  # fmt: skip
    work(submission(opened(), who(omar), chosen=str(other.number)))
    assert Link.objects.get().conversation == other


def test_no_thread_is_linked_where_customers_read(
    message: Message, internal: Channel, installation: Installation, omar: User
) -> None:
    work(on(message, "link_internal_thread", who(omar)))
    assert told().startswith("Choose a thread in an internal channel")
    work(shortcut("link_internal_thread", who(omar), channel=internal.external_id, ts="1.2"))
    internal.is_shared = True
    internal.save()
    (outcome,) = work(submission(opened(), who(omar), number=str(message.conversation.number)))
    assert "is not a channel of ours alone" in outcome
    assert not Link.objects.exists()


def test_a_posts_thread_stays_the_posts(
    message: Message, internal: Channel, installation: Installation, omar: User
) -> None:
    Link.objects.create(
        workspace=installation.workspace, installation=installation, conversation=message.conversation,
        kind=LinkKind.TRIAGE_POST, place=internal.external_id, external_id="1.2",
    )  # fmt: skip
    work(shortcut("link_internal_thread", who(omar), channel=internal.external_id, ts="1.2"))
    (outcome,) = work(submission(opened(), who(omar), number=str(message.conversation.number)))
    assert "keeps the notes of" in outcome


# In Slack ──────────────────────────────────────────────────────────────────────────────────────────


def test_dialogs_stay_within_slacks_limits(channel: Channel) -> None:
    long = cast.make_conversation(channel=channel, title="x" * 200)
    for view in (draw_choice("c", [long] * 100, metadata=""), draw_thread_choice("c", [long] * 100, metadata="")):
        (menu,) = [block["element"] for block in view["blocks"] if block["element"]["type"] == "static_select"]
        assert len(menu["options"]) <= 100
        assert all(len(option["text"]["text"]) <= 75 for option in menu["options"])
        assert len(view["title"]["text"]) <= 24


def test_from_the_menu_to_the_note_in_the_thread(
    acme: Installation,
    sandbox: SandboxProcess,
    _listener: Listener,  # noqa: PT019
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))
    dana = User.objects.get(external_id="U0DANA0001")
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=acme.workspace), owner=dana)
    root = sandbox.post_message("#support-triage", "dana", "Who knows the exporter?")
    sandbox.settle()
    _listener.clear()
    sandbox.api("shortcut", callback_id="link_internal_thread", channel="#support-triage", message_ts=root,
                **{"as": "dana"})  # fmt: skip
    (chosen,) = [one.payload for one in _listener.received if "payload" in one.form]
    assert work(chosen) == ["the dialog opens"]
    deliver()
    dialog = Delivery.objects.get(kind=DeliveryKind.DIALOG)
    assert dialog.state == DeliveryState.DONE, dialog.error
    _listener.clear()
    sandbox.api("submit-view", view_id=dialog.response["view"], values={"conversation": str(conversation.number)},
                **{"as": "dana"})  # fmt: skip
    (entered,) = [one.payload for one in _listener.received if "payload" in one.form]
    assert work(entered) == ["done"]
    conversation.add_note("See the runbook", by=dana)
    publish()
    while deliver():
        pass
    thread = sandbox.web_api("conversations.replies", channel=TRIAGE, ts=root)["messages"]
    assert [one["text"] for one in thread if one["ts"] != root] == ["See the runbook"]


def test_a_dialog_that_comes_too_late_is_said_to_be(acme: Installation) -> None:
    """The trigger is none of Slack's: it answers as to one of long ago."""
    work(
        shortcut("link_internal_thread", {"id": "U0DANA0001"}, channel=TRIAGE, ts="1.2", team={"id": acme.external_id})
    )
    while deliver():
        pass
    late, otherwise = Delivery.objects.filter(kind=DeliveryKind.DIALOG).order_by("pk")
    assert (late.state, otherwise.state) == (DeliveryState.FAILED, DeliveryState.DONE)
    assert "too long" in otherwise.request["arguments"]["text"]
