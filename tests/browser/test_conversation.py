"""A conversation as people work in it: two at once, long histories, the board's drawer, drafts, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Channel, Contact, User
from conversations import live
from conversations.models import Conversation, Message, Reply
from conversations.status import Status
from tests import cast
from tests.browser.axe import violations

OpenAs = Callable[..., Page]


@pytest.fixture
def asked(transactional_db: None, channel: Channel, contact: Contact) -> Message:
    live.connection().flushdb()
    return cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=1))


@pytest.fixture
def conversation(asked: Message) -> Conversation:
    return asked.conversation


def say(asked: Message, text: str, by: Contact | User) -> None:
    assert asked.channel
    cast.say(text, channel=asked.channel, by=by, thread_ts=asked.ts)


def test_two_people_see_each_other_and_lose_nothing(
    open_as: OpenAs, asked: Message, contact: Contact, dana: User, omar: User
) -> None:
    address = asked.conversation.get_absolute_url()
    page = open_as(dana, address)
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#presence")).to_be_empty()
    page.fill("#note", "They are in a hur")
    other = open_as(omar, address)
    expect(page.locator("#presence")).to_have_text("OHOmar Haddad is looking")
    expect(other.locator("#presence")).to_contain_text("Dana Reyes is writing a note")

    other.get_by_role("link", name="Reply to Globex").click()
    other.fill("#reply", "It is")
    expect(page.locator("#collision")).to_contain_text("Omar Haddad is writing a reply")
    say(asked, "Hello? Anybody there?", contact)
    expect(page.locator(".message").last).to_contain_text("Hello? Anybody there?")
    expect(page.locator("#note")).to_have_value("They are in a hur")
    expect(page.locator("#note")).to_be_focused()
    expect(other.locator("#reply")).to_have_value("It is")
    expect(page.locator("#collision")).to_contain_text("Omar Haddad is writing a reply")

    other.goto("/accounts/")
    expect(page.locator("#presence")).to_be_empty()
    expect(page.locator("#collision")).to_be_empty()


def test_a_long_history_stands_still_under_who_reads_it(
    open_as: OpenAs, asked: Message, contact: Contact, dana: User
) -> None:
    begun = timezone.now() - timedelta(minutes=50)
    Message.objects.bulk_create(
        Message(
            workspace_id=asked.workspace_id, conversation=asked.conversation, channel=asked.channel, kind=asked.kind,
            ts=cast.make_ts(), thread_ts=asked.ts, text=f"Line {n}", author_contact=contact, author_name=contact.name,
            sent_at=begun + timedelta(seconds=20 * n),
        ) for n in range(130)
    )  # fmt: skip
    page = open_as(dana, asked.conversation.get_absolute_url(), viewport={"width": 1200, "height": 700})
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.get_by_text("Line 129", exact=True)).to_be_in_viewport()

    page.get_by_role("link", name="Earlier messages").click()
    expect(page.get_by_text("Line 10", exact=True)).to_be_attached()
    page.get_by_text("Line 40", exact=True).scroll_into_view_if_needed()
    assert page.locator(".day").count() == 1, "a day is told once, where two parts meet too"

    def place() -> int:
        top: float = page.get_by_text("Line 40", exact=True).evaluate("line => line.getBoundingClientRect().top")
        return round(top)

    stood = place()
    say(asked, "One more", contact)
    expect(page.get_by_text("One more", exact=True)).to_be_attached()
    expect(page.get_by_role("button", name="New below")).to_be_visible()
    assert place() == stood
    expect(page.get_by_text("Line 10", exact=True)).to_be_attached()
    page.get_by_role("button", name="New below").click(timeout=5_000)  # nothing covers it
    expect(page.get_by_text("One more", exact=True)).to_be_in_viewport()
    expect(page.locator("[data-jump]")).to_be_hidden()
    say(asked, "And another", contact)
    expect(page.get_by_text("And another", exact=True)).to_be_in_viewport()

    page.goto("/accounts/")
    say(asked, "While nobody looked", contact)
    page.goto(asked.conversation.get_absolute_url())
    expect(page.locator("#new-since")).to_be_in_viewport()


def test_in_the_drawer_by_the_keyboard(
    open_as: OpenAs, asked: Message, channel: Channel, contact: Contact, dana: User
) -> None:
    other = cast.make_contact(workspace=channel.workspace, account=channel.account, name="Mindy")
    invoice = cast.say("Hello, could you send us the invoice?", channel=channel, by=other).conversation
    cast.make_conversation(channel=channel, title="Which browsers do you support?")
    page = open_as(dana, bypass_csp=True)
    expect(page.locator("#live")).to_have_text("Live")
    card = page.get_by_role("link", name="The export is empty")
    card.click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("#conversation-title")).to_contain_text("The export is empty")
    assert violations(page) == []

    page.keyboard.press("r")
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.type("We found it.")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    card.click()
    expect(drawer.locator("[data-draft-mark=reply]")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_have_value("We found it.")
    page.locator("#reply").blur()

    page.keyboard.press("t")
    expect(page.locator("#tag-name")).to_be_focused()
    page.keyboard.type("billing")
    page.keyboard.press("Enter")
    expect(drawer.locator(".chip")).to_have_text("billing")
    expect(page.locator("#tag > summary")).to_be_focused()
    page.keyboard.press("z")
    expect(drawer.get_by_role("button", name="For an hour")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer.get_by_role("button", name="For an hour")).to_be_hidden()
    expect(drawer).to_be_visible()
    page.keyboard.press("e")
    expect(drawer.locator("#properties button[value=closed]")).to_have_attribute("aria-pressed", "true")

    # Two clicks, and back.
    drawer.get_by_role("link", name="Merge into another conversation").click()
    expect(page.locator("#offered-all button")).to_have_count(2)
    page.locator("#correct-place-all input[type=search]").fill("send invoice")
    expect(page.locator("#offered-all button")).to_have_count(1)  # drawn anew: a click before would be lost with it
    page.locator("#offered-all").get_by_role("button", name=f"#{invoice.number}").click()
    expect(drawer.locator("#conversation-title")).to_contain_text("send us the invoice")
    expect(drawer.locator(".event").last).to_contain_text(f"merged #{asked.conversation.number} into this")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(drawer.locator(".event").last).to_contain_text("took a merge back")
    assert Message.objects.get(pk=asked.pk).conversation == asked.conversation

    page.goto("/accounts/")
    assert page.evaluate("Object.keys(localStorage).some(name => name.startsWith('pylon:draft:'))")
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    assert not page.evaluate("Object.keys(localStorage).some(name => name.startsWith('pylon:draft:'))")


def test_a_message_is_moved_in_two_clicks_by_touch(
    open_as: OpenAs, asked: Message, channel: Channel, contact: Contact, dana: User
) -> None:
    other = cast.make_contact(workspace=channel.workspace, account=channel.account, name="Mindy")
    invoice = cast.say("Hello, could you send us the invoice?", channel=channel, by=other).conversation
    stray = cast.say("It has 0 rows", channel=channel, by=contact)
    Message.objects.filter(pk=stray.pk).update(conversation=invoice)
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_as(dana, invoice.get_absolute_url(), **phone)
    message = page.locator(f"#message-{stray.pk}")
    message.get_by_text("Why is this message here?").tap()
    expect(message.locator(".why")).to_contain_text("Decided by")
    message.get_by_role("link", name="Move or split").tap()
    message.get_by_role("button", name="The export is empty").tap()
    expect(message).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").tap()
    expect(message).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_without_a_script(open_as: OpenAs, conversation: Conversation, dana: User, omar: User) -> None:
    page = open_as(dana, conversation.get_absolute_url(), java_script_enabled=False)
    expect(page.get_by_text("The export is empty").last).to_be_visible()
    page.fill("#note", "Ask finance")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message-note")).to_contain_text("Ask finance")
    page.select_option("#owner", label="Omar Haddad")
    page.get_by_role("button", name="Save owner").click()
    expect(page.locator(".event").last).to_contain_text("made Omar Haddad the owner")
    page.get_by_role("link", name="Reply to Globex").click()
    page.fill("#reply", "It is *fixed*.")
    page.get_by_role("button", name="Preview reply").click()
    expect(page.locator(".preview strong")).to_have_text("fixed")
    page.get_by_role("button", name="Send to customer").click()
    expect(page.locator(".message-leaving")).to_contain_text("Goes to the customer")
    page.get_by_role("group", name="Status").get_by_role("button", name="Closed").click()
    expect(page.locator(".event").last).to_contain_text("moved it to Closed")
    conversation.refresh_from_db()
    assert (conversation.status, conversation.owner, Reply.objects.count()) == (Status.CLOSED, omar, 1)
