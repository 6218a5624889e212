"""A reply in the browser: two steps, drafts that stay, and its state as it changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Channel, Contact, User
from conversations import reply_sending
from conversations.models import Conversation, Reply, ReplyState
from tests import cast

OpenAs = Callable[..., Page]


@pytest.fixture
def conversation(transactional_db: None, channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


def test_written_previewed_undone_and_sent(open_as: OpenAs, conversation: Conversation, dana: User) -> None:
    page = open_as(dana, conversation.get_absolute_url())
    expect(page.locator("#live")).to_have_text("Live")
    page.fill("#note", "They are in a hurry")
    page.get_by_role("link", name="Reply to Globex").click()
    page.fill("#reply", "It is *fixed*.")
    page.reload()
    expect(page.locator("#note")).to_have_value("They are in a hurry")
    page.get_by_role("link", name="Reply to Globex").click()
    expect(page.locator("#reply")).to_have_value("It is *fixed*.")

    page.press("#reply", "Control+Enter")
    expect(page.locator(".preview strong")).to_have_text("fixed")
    expect(page.locator(".composer-reply").first).to_be_focused()  # not the button: Enter twice sends nothing
    assert not Reply.objects.exists()
    page.get_by_role("button", name="Send to customer").click()
    expect(page.locator(".message-leaving")).to_contain_text("Goes to the customer in")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#reply")).to_have_value("It is *fixed*.")
    assert Reply.objects.get().state == ReplyState.TAKEN_BACK

    page.get_by_role("button", name="Preview reply").click()
    page.get_by_role("button", name="Send to customer").click()
    expect(page.locator("#note")).to_have_value("They are in a hurry")
    reply = Reply.objects.latest("pk")
    Reply.objects.filter(pk=reply.pk).update(send_after=timezone.now())
    reply.refresh_from_db()
    assert reply_sending.begin(reply)
    expect(page.locator(".message-leaving")).to_contain_text("On its way to Slack")
    reply_sending.arrived(reply, ts=cast.make_ts(), text=reply.text, html="")
    expect(page.locator(".message-leaving")).to_have_count(0)
    expect(page.locator(".message-outbound")).to_contain_text("Sent from here.")
    page.get_by_role("link", name="Reply to Globex").click()
    expect(page.locator("#reply")).to_have_value("")
