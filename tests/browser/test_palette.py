"""Search, the command palette and the list of shortcuts, in one session each at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from conversations.status import Status
from tests import cast
from tests.browser.axe import violations

OpenAs = Callable[..., Page]


def test_everything_is_reached_by_keyboard(
    open_as: OpenAs, channel: Channel, contact: Contact, dana: User, omar: User
) -> None:
    said = cast.say("The export is empty", channel=channel, by=contact)
    page = open_as(dana, viewport={"width": 1280, "height": 800}, reduced_motion="reduce", bypass_csp=True)
    keys = page.keyboard
    palette = page.locator("#palette")
    expect(palette).to_be_attached()

    keys.press("?")
    expect(page.locator("#shortcut-help")).to_contain_text("Search or run a command")
    assert violations(page) == []
    keys.press("Escape")

    page.locator(".card-link").first.focus()
    keys.press("Control+k")
    field = page.get_by_role("combobox", name="Search or run a command")
    expect(field).to_be_focused()
    expect(palette.get_by_role("option", selected=True)).to_have_count(1)
    assert violations(page) == []
    keys.type("assign to…")
    keys.press("Enter")
    keys.type("omar")
    expect(palette.get_by_role("option")).to_have_text(["Omar Haddad"])
    keys.press("Enter")
    expect(page.locator(".toast")).to_be_visible()
    assert Conversation.objects.get(pk=said.conversation_id).owner == omar

    keys.press("Control+k")
    keys.type("export")
    found = palette.get_by_role("option", name="The export is empty")
    expect(found).to_be_visible()
    page.context.set_offline(True)
    keys.press("Control+A")
    keys.type("accounts")
    expect(palette.get_by_role("option").first).to_contain_text("Accounts")
    page.context.set_offline(False)
    keys.press("Enter")
    page.wait_for_url("**/accounts/")
    expect(palette).to_be_attached()  # the script has run

    keys.press("/")
    page.wait_for_url("**/search/")
    page.get_by_role("searchbox").fill("exp own")
    expect(page.get_by_role("link", name="owner:")).to_be_visible()
    page.get_by_role("searchbox").fill("owner:omar exp")
    expect(page.locator(".hit mark").first).to_have_text("export")
    assert violations(page) == []
    page.locator(".hit-link").first.click()
    page.wait_for_url(f"**/conversations/{said.conversation.number}/**")
    expect(palette).to_be_attached()
    keys.press("Control+k")
    keys.type("close")
    keys.press("Enter")
    expect(page.locator(".toast")).to_be_visible()
    assert Conversation.objects.get(pk=said.conversation_id).status == Status.CLOSED


def test_the_palette_opens_by_touch_and_single_keys_can_be_switched_off(
    open_as: OpenAs, channel: Channel, contact: Contact, dana: User
) -> None:
    cast.say("The export is empty", channel=channel, by=contact)
    User.objects.filter(pk=dana.pk).update(role="reader")
    page = open_as(dana, viewport={"width": 390, "height": 800}, has_touch=True)
    palette = page.locator("#palette")
    expect(palette).to_be_attached()
    page.locator("[data-palette]").tap()
    field = page.get_by_role("combobox", name="Search or run a command")
    expect(field).to_be_focused()
    field.fill("close")
    expect(page.locator("[data-command=close]")).to_have_count(0)  # may not
    field.fill("keyboard")
    palette.get_by_role("option", name="Keyboard shortcuts").tap()
    page.get_by_label("Shortcuts of single keys").uncheck()
    page.get_by_role("button", name="Close").tap()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.locator("#shortcut-help")).not_to_be_visible()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
