"""Replying from the page: two steps, of which the first sends nothing and the second only what was shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations import reply_sending
from conversations.models import Conversation, Message, MessageKind, Reply, ReplyState
from conversations.reply_views import SALT
from conversations.replying import LENGTH, write_reply
from tests import cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty.", channel=channel, by=contact)


@pytest.fixture
def conversation(asked: Message) -> Conversation:
    return asked.conversation


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def url(conversation: Conversation, part: str = "") -> str:
    return f"/conversations/{conversation.number}/reply/{part}"


def of(reply: Reply, part: str) -> str:
    return f"/conversations/{reply.conversation.number}/replies/{reply.pk}/{part}/"


def page_of(response: Any) -> str:
    return unescape(response.content.decode())


def preview(client: Client, conversation: Conversation, text: str, **more: str) -> Any:
    return client.post(url(conversation, "preview/"), {"reply_text": text, **more})


def sealed(response: Any) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page_of(response))
    assert found
    return found[1]


def sent(by: User, conversation: Conversation, text: str = "I am on it.") -> Reply:
    """One that Slack has taken."""
    reply = write_reply(conversation=conversation, text=text, by=by, key=cast.make_key(), thread_ts="")
    Reply.objects.filter(pk=reply.pk).update(send_after=timezone.now())
    reply.refresh_from_db()
    assert reply_sending.begin(reply)
    reply_sending.arrived(reply, ts=cast.make_ts(), text=text, html="")
    return reply


# Two steps ────────────────────────────────────────────────────────────────────────────────────────────


def test_previewed_and_sent_without_a_script(as_dana: Client, asked: Message, dana: User) -> None:
    conversation = asked.conversation
    written = page_of(as_dana.get(url(conversation)))
    assert "Reply to Globex in #ext-globex" in written
    assert "The customer will see this." in written
    assert "Preview reply" in written
    assert "Send to customer" not in written

    shown = preview(as_dana, conversation, " It is *fixed* & <b>done</b> ")
    assert "It is <strong>fixed</strong> &amp; &lt;b&gt;done&lt;/b&gt;" in shown.content.decode()
    assert "In the thread of Hank Scorpio’s “The export is empty.”" in page_of(shown)
    assert "Send to customer" in page_of(shown)
    assert "Back to writing" in page_of(shown)
    assert not Reply.objects.exists()

    response = as_dana.post(url(conversation, "send/"), {"sealed": sealed(shown)})
    assert response.status_code == 302
    reply = Reply.objects.get()
    assert (reply.text, reply.author, reply.thread_ts) == ("It is *fixed* & <b>done</b>", dana, asked.ts)
    assert "Undo" in page_of(as_dana.get(response["Location"]))


def test_sent_twice_it_is_one_reply(as_dana: Client, conversation: Conversation) -> None:
    seal = sealed(preview(as_dana, conversation, "Hi"))
    for _ in range(2):
        assert as_dana.post(url(conversation, "send/"), {"sealed": seal}).status_code == 302
    assert Reply.objects.count() == 1


def test_in_the_channel_on_request(as_dana: Client, asked: Message, contact: Contact) -> None:
    conversation, channel = asked.conversation, asked.conversation.channel
    shown = preview(as_dana, conversation, "Hi", reply_place="channel")
    as_dana.post(url(conversation, "send/"), {"sealed": sealed(shown)})
    assert Reply.objects.get().thread_ts == ""
    cast.say("In here", channel=channel, by=contact, thread_ts=asked.ts)
    shown = preview(as_dana, conversation, "Hi", reply_place="channel")
    as_dana.post(url(conversation, "send/"), {"sealed": sealed(shown)})
    assert Reply.objects.latest("pk").thread_ts == asked.ts, "the customer speaks in the thread"


@pytest.mark.parametrize(
    ("text", "told"), [("  ", "Write something first."), ("x" * (LENGTH + 1), "at most 4,000 characters; this one has")]
)
def test_an_error_keeps_what_was_typed(as_dana: Client, conversation: Conversation, text: str, told: str) -> None:
    response = preview(as_dana, conversation, text, reply_place="channel")
    assert response.status_code == 422
    assert told in page_of(response)
    assert f">{text}</textarea>" in page_of(response)


def test_back_to_writing_keeps_what_was_typed(as_dana: Client, conversation: Conversation) -> None:
    page = page_of(as_dana.post(url(conversation), {"reply_text": "Half a <sentence", "reply_place": "channel"}))
    assert ">Half a <sentence</textarea>" in page
    assert 'value="channel" checked' in page
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "seal", ["", "nonsense", signing.dumps({"text": "Hi"}, salt="another")], ids=["none", "nonsense", "foreign"]
)
def test_without_its_seal_nothing_is_sent(as_dana: Client, conversation: Conversation, seal: str) -> None:
    response = as_dana.post(url(conversation, "send/"), {"sealed": seal, "reply_text": "Hi", "text": "Hi"})
    assert response.status_code == 422
    assert ">Hi</textarea>" in page_of(response)
    assert not Reply.objects.exists()


def test_a_seal_is_its_owners_and_its_conversations(
    as_dana: Client, conversation: Conversation, contact: Contact, omar: User
) -> None:
    seal = sealed(preview(as_dana, conversation, "Hi"))
    other = cast.make_conversation(channel=conversation.channel)
    assert as_dana.post(url(other, "send/"), {"sealed": seal}).status_code == 422
    as_omar = Client()
    as_omar.force_login(omar)
    assert as_omar.post(url(conversation, "send/"), {"sealed": seal}).status_code == 422
    changed = signing.loads(seal, salt=SALT) | {"text": "Other"}
    forged = signing.dumps(changed, salt=SALT, key="guessed")
    assert as_dana.post(url(conversation, "send/"), {"sealed": forged}).status_code == 422
    assert not Reply.objects.exists()


def test_where_nothing_can_be_sent_the_composer_says_why(as_dana: Client, conversation: Conversation) -> None:
    Channel.objects.update(left_at=timezone.now())
    page = page_of(as_dana.get(url(conversation)))
    assert "Pylon is not in #ext-globex any more" in page
    assert "Preview reply" not in page
    assert preview(as_dana, conversation, "Hi").status_code == 422


# A note is no reply, and a reply no note ──────────────────────────────────────────────────────────────


def test_a_notes_form_sends_no_reply(as_dana: Client, conversation: Conversation) -> None:
    for part in ("preview/", "send/"):
        assert as_dana.post(url(conversation, part), {"text": "They never pay"}).status_code == 422
    assert "They never pay" not in page_of(as_dana.post(url(conversation), {"text": "They never pay"}))
    assert not Reply.objects.exists()


def test_a_replys_form_adds_no_note(as_dana: Client, conversation: Conversation) -> None:
    fields = {"reply_text": "Hi", "sealed": sealed(preview(as_dana, conversation, "Hi"))}
    assert as_dana.post(f"/conversations/{conversation.number}/notes/", fields).status_code == 422
    assert not conversation.messages.filter(kind=MessageKind.NOTE).exists()


def test_the_note_is_what_the_page_begins_with(as_dana: Client, conversation: Conversation) -> None:
    page = page_of(as_dana.get(f"/conversations/{conversation.number}/"))
    assert "Add note" in page
    assert "reply_text" not in page


# What becomes of it ───────────────────────────────────────────────────────────────────────────────────


def test_undo_gives_the_text_back(as_dana: Client, conversation: Conversation) -> None:
    as_dana.post(url(conversation, "send/"), {"sealed": sealed(preview(as_dana, conversation, "Oh no"))})
    reply = Reply.objects.get()
    response = as_dana.post(of(reply, "take-back"))
    assert ">Oh no</textarea>" in page_of(as_dana.get(response["Location"]))
    reply.refresh_from_db()
    assert reply.state == ReplyState.TAKEN_BACK
    assert "Undo" not in page_of(as_dana.get(f"/conversations/{conversation.number}/"))


def test_a_reply_that_was_taken_back_is_not_sent_by_going_back(as_dana: Client, conversation: Conversation) -> None:
    seal = sealed(preview(as_dana, conversation, "Oh no"))
    as_dana.post(url(conversation, "send/"), {"sealed": seal})
    as_dana.post(of(Reply.objects.get(), "take-back"))
    response = as_dana.post(url(conversation, "send/"), {"sealed": seal})
    assert response.status_code == 422
    assert "You have taken this reply back." in page_of(response)


def test_undo_too_late_says_so(as_dana: Client, conversation: Conversation, dana: User) -> None:
    reply = sent(dana, conversation)
    response = as_dana.post(of(reply, "take-back"))
    assert response.status_code == 409
    assert "Too late to take it back" in page_of(response)


def test_what_failed_says_why_and_is_tried_again(as_dana: Client, conversation: Conversation, dana: User) -> None:
    reply = write_reply(conversation=conversation, text="Hi", by=dana, key=cast.make_key(), thread_ts="")
    reply_sending.went_wrong(reply, "The channel is archived.", is_final=True)
    page = page_of(as_dana.get(f"/conversations/{conversation.number}/"))
    assert "The channel is archived." in page
    assert "Try again" in page
    assert as_dana.post(of(reply, "again")).status_code == 302
    reply.refresh_from_db()
    assert reply.state == ReplyState.WAITING


def test_shown_once_with_its_state_and_changed(as_dana: Client, conversation: Conversation, dana: User) -> None:
    reply = sent(dana, conversation)
    page = page_of(as_dana.get(f"/conversations/{conversation.number}/"))
    assert page.count("I am on it.") == 1
    assert "Sent from here." in page
    assert ">I am on it.</textarea>" in page_of(as_dana.get(of(reply, "edit")))
    assert as_dana.post(of(reply, "edit"), {"reply_text": " "}).status_code == 422
    assert as_dana.post(of(reply, "edit"), {"reply_text": "I am not."}).status_code == 302
    page = page_of(as_dana.get(f"/conversations/{conversation.number}/"))
    assert "A change is on its way to Slack" in page
    assert as_dana.post(of(reply, "delete")).status_code == 422, "one change after the other"
    reply.refresh_from_db()
    reply_sending.went_wrong(reply, "The message is gone.", is_final=True)
    assert "The message is gone." in page_of(as_dana.get(f"/conversations/{conversation.number}/"))
    assert as_dana.post(of(reply, "leave")).status_code == 302
    assert "Delete this reply?" in page_of(as_dana.get(of(reply, "delete")))
    assert as_dana.post(of(reply, "delete")).status_code == 302
    reply.refresh_from_db()
    assert (reply.state, reply.text) == (ReplyState.SENDING, "I am on it.")


def test_what_was_written_in_slack_is_changed_there(as_dana: Client, conversation: Conversation, dana: User) -> None:
    cast.say("Taking a look", channel=conversation.channel, by=dana)
    assert "Written in Slack: it can be changed there only." in page_of(
        as_dana.get(f"/conversations/{conversation.number}/")
    )


# Who may ──────────────────────────────────────────────────────────────────────────────────────────────

PAGES: list[Callable[[Reply], str]] = [
    lambda reply: url(reply.conversation),
    lambda reply: url(reply.conversation, "preview/"),
    lambda reply: url(reply.conversation, "send/"),
    *(lambda reply, part=part: of(reply, part) for part in ("take-back", "again", "leave", "edit", "delete")),
]


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_finds_nothing(
    client: Client, conversation: Conversation, dana: User, stranger: User, address: Callable[[Reply], str]
) -> None:
    reply = sent(dana, conversation)
    client.force_login(stranger)
    assert client.post(address(reply), {"reply_text": "Hi"}).status_code == 404
    reply.refresh_from_db()
    assert reply.state == ReplyState.SENT


def test_another_teammate_changes_nothing(client: Client, conversation: Conversation, dana: User, omar: User) -> None:
    reply = sent(dana, conversation)
    client.force_login(omar)
    assert ">Edit</a>" not in page_of(client.get(f"/conversations/{conversation.number}/"))
    for part in ("edit", "delete"):
        assert client.post(of(reply, part), {"reply_text": "Mine"}).status_code == 422
    assert client.post(of(reply, "take-back")).status_code == 409
    reply.refresh_from_db()
    assert (reply.state, reply.text) == (ReplyState.SENT, "I am on it.")


def test_a_script_gets_the_parts_of_the_page(as_dana: Client, conversation: Conversation) -> None:
    written = page_of(as_dana.get(url(conversation), headers=HTMX))
    assert "<html" not in written
    assert 'id="composer" data-writes="reply" aria-label="Write" hx-swap-oob="true"' in written
    drawn = page_of(as_dana.get(f"/conversations/{conversation.number}/", headers=HTMX))
    assert 'id="composer"' not in drawn, "what somebody is writing is left alone"
