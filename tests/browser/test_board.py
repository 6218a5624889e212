from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from conversations.status import Status
from tests import cast
from tests.browser.conftest import Web

OpenAs = Callable[..., Page]


@pytest.fixture
def conversation(transactional_db: None, channel: Channel) -> Conversation:
    return cast.make_conversation(channel=channel, title="The export is empty")


def card_in(page: Page, status: str, title: str = "The export is empty") -> Locator:
    return page.locator(f'[data-cards="{status}"] .card', has_text=title)


def wait_until_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("Live")


def drag(page: Page, card: Locator, to: str) -> None:
    start = card.locator(".card-last").bounding_box()
    end = page.locator(f'[data-cards="{to}"]').bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 30, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 20, steps=8)
    page.mouse.move(end["x"] + 80, end["y"] + 40, steps=4)
    page.mouse.up()


def test_a_card_dragged_by_mouse_moves_in_every_browser(
    open_as: OpenAs, conversation: Conversation, dana: User, omar: User
) -> None:
    mine, theirs = open_as(dana), open_as(omar)
    wait_until_live(theirs)
    drag(mine, card_in(mine, "todo"), "in_progress")
    expect(mine.locator(".toast")).to_contain_text("moved to In Progress")
    expect(card_in(theirs, "in_progress")).to_be_visible()
    expect(theirs.locator('.column-head [data-count="in_progress"]')).to_have_text("1")
    conversation.refresh_from_db()
    assert conversation.status == Status.IN_PROGRESS
    assert mine.url.endswith("/board/")  # the release of the drag was no click
    mine.get_by_role("button", name="Undo").click()
    expect(card_in(theirs, "todo")).to_be_visible()


def test_a_card_moves_by_arrow_keys_and_keeps_the_focus(
    open_as: OpenAs, conversation: Conversation, channel: Channel, dana: User
) -> None:
    cast.make_conversation(channel=channel, title="Another matter")
    page = open_as(dana)
    wait_until_live(page)
    page.locator(".card-link").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card-link", has_text="The export is empty")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("moved to In Progress")
    expect(card_in(page, "in_progress").locator(".card-link")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("moved to Closed")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("already in the last column")
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED
    page.keyboard.press("Enter")
    expect(page).to_have_url(
        f"{page.url.split('/board')[0].split('/conversations')[0]}/conversations/{conversation.number}/"
    )


def test_a_card_moves_by_the_menu(open_as: OpenAs, conversation: Conversation, dana: User) -> None:
    page = open_as(dana)
    page.get_by_role("button", name=f"Move #{conversation.number} to…").click()
    page.get_by_role("menuitemradio", name="Closed").click()
    expect(card_in(page, "closed")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("moved to Closed")


def test_who_moves_second_is_told_who_was_first(
    open_as: OpenAs, conversation: Conversation, dana: User, omar: User
) -> None:
    page = open_as(dana)
    wait_until_live(page)
    on_the_way: list[Route] = []

    def hold(route: Route) -> None:
        on_the_way.append(route)

    page.route("**/board/change/", hold)
    page.locator(".card-link").first.focus()
    with page.expect_request("**/board/change/"):
        page.keyboard.press("ArrowRight")
    while not on_the_way:  # the request is told of before its route
        page.wait_for_timeout(10)
    conversation.close(by=omar)
    on_the_way[0].continue_()
    expect(page.locator(".toast")).to_contain_text("Omar Haddad moved it to Closed meanwhile")
    expect(card_in(page, "closed")).to_be_visible()


def test_a_failed_move_goes_back(open_as: OpenAs, conversation: Conversation, dana: User) -> None:
    page = open_as(dana)
    page.route("**/board/change/", lambda route: route.abort())
    drag(page, card_in(page, "todo"), "closed")
    expect(page.locator(".toast-error")).to_contain_text("is back in To Do")
    expect(card_in(page, "todo")).to_be_visible()
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_with_the_stream_broken_the_page_asks_by_itself_and_returns_to_live(
    open_as: OpenAs, web: Web, conversation: Conversation, dana: User, omar: User
) -> None:
    page = open_as(dana)
    wait_until_live(page)
    page.route("**/live/**", lambda route: route.abort())
    web.stop()
    expect(page.locator("#live")).to_have_text("Offline")
    web.start()
    expect(page.locator("#live")).to_have_text("Delayed", timeout=15_000)
    conversation.close(by=omar)
    expect(card_in(page, "closed")).to_be_visible(timeout=15_000)
    page.unroute("**/live/**")
    expect(page.locator("#live")).to_have_text("Live", timeout=30_000)
    conversation.reopen(by=omar)
    expect(card_in(page, "todo")).to_be_visible()


def test_a_filtered_board_shows_only_what_fits(
    open_as: OpenAs, conversation: Conversation, channel: Channel, dana: User, omar: User
) -> None:
    page = open_as(dana, "/board/?owner=mine")
    wait_until_live(page)
    conversation.assign(omar, by=dana)
    expect(card_in(page, "todo")).to_have_count(0)
    expect(page.locator('.column-head [data-count="todo"]')).to_have_text("0")
    conversation.assign(dana, by=omar)
    expect(card_in(page, "todo")).to_be_visible()


def test_what_is_new_gets_a_dot_until_it_is_opened(
    open_as: OpenAs, channel: Channel, contact: Contact, dana: User, transactional_db: None
) -> None:
    first = cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=1))
    dana.read_before_at = timezone.now()
    dana.save()
    page = open_as(dana)
    wait_until_live(page)
    card = page.locator(".card", has_text="The export is empty")
    expect(card).to_be_visible()
    expect(page.locator(".card[data-unread]")).to_have_count(0)
    cast.say("Still empty", channel=channel, by=contact, thread_ts=first.ts)
    expect(page.locator(".card[data-unread]", has_text="Still empty")).to_be_visible()
    card.locator(".card-link").click()
    expect(page.locator("#drawer #conversation-title")).to_contain_text("The export is empty")
    expect(page.locator("#drawer #conversation")).to_be_visible()  # not only its title, which comes before it
    page.keyboard.press("Escape")
    expect(card).to_be_visible()
    expect(page.locator(".card[data-unread]")).to_have_count(0)
    page.reload()
    expect(card).to_be_visible()
    expect(page.locator(".card[data-unread]")).to_have_count(0)


def test_the_first_conversation_of_all_appears_by_itself(
    open_as: OpenAs, channel: Channel, dana: User, omar: User
) -> None:
    page = open_as(dana)
    wait_until_live(page)
    expect(page.get_by_text("No conversations yet")).to_be_visible()
    cast.make_conversation(channel=channel, title="The very first").start(by=omar)
    expect(card_in(page, "in_progress", "The very first")).to_be_visible()


def test_far_down_a_column_cards_keep_their_order_whatever_arrives(
    open_as: OpenAs, transactional_db: None, channel: Channel, dana: User, omar: User
) -> None:
    now = timezone.now()
    made = [
        cast.make_conversation(channel=channel, title=f"Matter {n}", opened_at=now - timedelta(minutes=n))
        for n in range(130)
    ]
    page = open_as(dana)
    wait_until_live(page)
    cards = page.locator('[data-cards="todo"] .card')
    expect(cards).to_have_count(50)
    on_the_way: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        on_the_way.append((route, route.fetch()))

    page.route("**/board/?*after=*", hold)
    cards.nth(49).scroll_into_view_if_needed()
    while not on_the_way:
        page.wait_for_timeout(20)
    made[60].start(by=omar)  # of the page that is under way, and one that is shown
    made[3].start(by=omar)
    expect(card_in(page, "in_progress", "Matter 3")).to_be_visible()
    expect(card_in(page, "in_progress", "Matter 60")).to_be_visible()
    route, response = on_the_way[0]
    route.fulfill(response=response)
    expect(cards).to_have_count(98)
    page.unroute("**/board/?*after=*")
    top = page.locator('[data-cards="todo"]').evaluate("list => list.scrollTop")
    made[60].reopen(by=omar)
    expect(card_in(page, "todo", "Matter 60")).to_have_count(1)
    assert page.locator('[data-cards="todo"]').evaluate("list => list.scrollTop") > top - 300
    cards.nth(98).scroll_into_view_if_needed()
    expect(cards).to_have_count(129)
    expect(page.locator(".more")).to_have_count(0)
    shown = cards.evaluate_all("cards => cards.map(card => card.querySelector('.card-link').textContent)")
    assert shown == [f"Matter {n}" for n in range(130) if n != 3]
    expect(page.locator('.column-head [data-count="todo"]')).to_have_text("129")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(
    open_as: OpenAs, conversation: Conversation, dana: User, scheme: str
) -> None:
    for path in ("/board/", f"/conversations/{conversation.number}/"):
        page = open_as(
            dana, path, viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True, has_touch=True
        )
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_board_without_scripts_can_be_read_and_a_status_changed(
    open_as: OpenAs, conversation: Conversation, dana: User
) -> None:
    page = open_as(dana, java_script_enabled=False)
    page.get_by_role("link", name="The export is empty").click()
    page.get_by_role("button", name="Closed").click()
    expect(page.get_by_text("Dana Reyes moved it to Closed")).to_be_visible()


def test_a_conversation_changes_under_the_readers_eyes_but_not_what_they_write(
    open_as: OpenAs, conversation: Conversation, dana: User, omar: User
) -> None:
    page = open_as(dana, f"/conversations/{conversation.number}/")
    wait_until_live(page)
    note = page.get_by_role("textbox", name="Internal note")
    note.fill("Half a thought")
    conversation.add_note("From Omar.", by=omar)
    expect(page.get_by_text("From Omar.")).to_be_visible()
    page.get_by_role("button", name="In Progress").click()
    expect(page.get_by_text("Dana Reyes moved it to In Progress")).to_be_visible()
    expect(note).to_have_value("Half a thought")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message-note", has_text="Half a thought")).to_be_visible()
    expect(note).to_have_value("")
    page.get_by_label("Owner").focus()  # from now on nothing is drawn under the reader's hand
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.get_by_label("Owner").select_option("Omar Haddad")
    expect(page.get_by_text("Dana Reyes made Omar Haddad the owner")).to_be_visible()
