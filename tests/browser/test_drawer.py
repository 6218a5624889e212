"""The conversation over the board: address, history, focus, and what somebody was writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Channel, User
from conversations.models import Conversation
from tests import cast

OpenAs = Callable[..., Page]


@pytest.fixture
def three(transactional_db: None, channel: Channel) -> list[Conversation]:
    now = timezone.now()
    return [
        cast.make_conversation(channel=channel, title=f"Matter {n}", opened_at=now - timedelta(hours=n + 1))
        for n in range(3)
    ]


def test_opened_turned_and_closed_by_keys_under_its_own_address(
    open_as: OpenAs, three: list[Conversation], dana: User, omar: User
) -> None:
    page = open_as(dana)
    expect(page.locator("#live")).to_have_text("Live")
    drawer = page.locator("#drawer")
    links = page.locator(".card-link")
    links.nth(0).focus()
    page.keyboard.press("Enter")
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 0")
    assert page.url.endswith(three[0].get_absolute_url())
    for _ in range(40):  # wherever Tab leads, it is never behind
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#board, .sidebar') === null")
    page.locator(".drawer-body").focus()
    page.keyboard.press("j")
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 1")
    three[1].close(by=omar)  # the board goes on behind, and the reader keeps their place in the column
    expect(page.locator('[data-cards="closed"] .card')).to_have_count(1)
    expect(drawer.get_by_text("Omar Haddad moved it to Closed")).to_be_visible(timeout=15_000)
    page.locator(".drawer-body").focus()
    page.keyboard.press("j")
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 2")
    page.keyboard.press("k")
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 0")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(links.nth(0)).to_be_focused()
    assert page.url.endswith("/board/")
    assert page.title().startswith("Board")


def test_back_forward_reload_and_a_draft(open_as: OpenAs, three: list[Conversation], dana: User) -> None:
    page = open_as(dana)
    drawer = page.locator("#drawer")
    page.locator(".card-link", has_text="Matter 1").click()
    note = drawer.get_by_role("textbox", name="Internal note")
    note.fill("Half a thought")
    page.go_back()
    expect(drawer).to_be_hidden()
    assert page.url.endswith("/board/")
    page.go_forward()
    expect(note).to_have_value("Half a thought")
    # Back and forward quicker than the browser tells of the closing.
    page.evaluate(
        """() => [{}, {drawer: "2"}].forEach((state) => dispatchEvent(new PopStateEvent("popstate", {state})))"""
    )
    page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50, true)))")
    expect(note).to_have_value("Half a thought")
    page.reload()
    expect(page.get_by_role("heading", name="Matter 1")).to_be_visible()
    expect(page.locator("#board")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Internal note")).to_have_value("Half a thought")
    page.go_back()
    expect(page.locator(".card-link", has_text="Matter 1")).to_be_visible()
    # Until the script has come, a click opens the page and not the drawer.
    expect(page.locator("#live")).to_have_text("Live", timeout=15_000)
    with page.context.expect_page() as opened:
        page.locator(".card-link", has_text="Matter 2").click(modifiers=["Control"])
    expect(opened.value).to_have_url(f"{page.url.removesuffix('/board/')}{three[2].get_absolute_url()}")
    page.locator(".card-link", has_text="Matter 0").click()
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 0")
    page.route("**/conversations/*/?drawer=1", lambda route: route.abort())
    drawer.get_by_role("button", name="Next conversation").click()
    expect(drawer.locator(".drawer-body")).to_contain_text("The server can’t be reached.")
    page.unroute("**/conversations/*/?drawer=1")
    drawer.get_by_role("button", name="Try again").click()
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 1")
    page.mouse.click(300, 700)  # beside it
    expect(drawer).to_be_hidden()


def test_on_a_phone_it_fills_the_screen(open_as: OpenAs, three: list[Conversation], dana: User) -> None:
    page = open_as(dana, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.locator(".card-link").first.tap()
    drawer = page.locator("#drawer")
    expect(drawer.locator("#conversation-title")).to_contain_text("Matter 0")
    box = drawer.bounding_box()
    assert box
    assert (round(box["width"]), round(box["height"])) == (390, 844)
    assert page.evaluate("document.querySelector('.drawer-body').scrollWidth") == 390
    drawer.get_by_role("button", name="Close", exact=True).tap()
    expect(drawer).to_be_hidden()
    assert page.url.endswith("/board/")
