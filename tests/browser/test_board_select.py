"""Many cards at once: picked out by keys, by pointer and by touch, and carried together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Position, Route, expect

from accounts.models import Channel, User
from conversations.models import Conversation
from tests import cast

OpenAs = Callable[..., Page]


@pytest.fixture
def four(transactional_db: None, channel: Channel) -> list[Conversation]:
    now = timezone.now()
    return [
        cast.make_conversation(channel=channel, title=f"Matter {n}", opened_at=now - timedelta(hours=n + 1))
        for n in range(4)
    ]


def cards_in(page: Page, status: str) -> Locator:
    return page.locator(f'[data-cards="{status}"] .card')


def test_by_keys_with_one_that_somebody_else_was_quicker_with(
    open_as: OpenAs, four: list[Conversation], dana: User, omar: User
) -> None:
    page = open_as(dana)
    expect(page.locator("#live")).to_have_text("Live")
    bar = page.get_by_role("toolbar", name="Selected cards")
    page.locator(".card-link").nth(0).focus()
    for key in ("x", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowUp"):
        page.keyboard.press(key)
    expect(bar).to_contain_text("3 selected")
    expect(page.locator("#announcer")).to_have_text("3 cards selected")
    on_the_way: list[Route] = []

    def hold(route: Route) -> None:
        on_the_way.append(route)

    page.route("**/board/change/", hold)
    with page.expect_request("**/board/change/"):
        page.keyboard.press("ArrowRight")
    expect(cards_in(page, "in_progress")).to_have_count(3)  # at once
    four[1].close(by=omar)
    on_the_way[0].continue_()
    page.unroute("**/board/change/")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("2 conversations moved to In Progress.")
    expect(toast).to_contain_text(f"#{four[1].number}: Omar Haddad moved it to Closed meanwhile.")
    expect(cards_in(page, "closed")).to_contain_text(["Matter 1"])
    page.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Taken back.")
    expect(cards_in(page, "todo")).to_have_count(3)
    bar.locator("summary", has_text="Tags").click()
    expect(page.locator("#bulk-tag")).to_be_focused()
    page.keyboard.type("billing")
    page.keyboard.press("Enter")
    expect(toast).to_contain_text("3 conversations tagged “billing”.")
    bar.locator("summary", has_text="Owner").click()
    page.get_by_role("button", name="Omar Haddad").click()
    expect(toast).to_contain_text("3 conversations given to Omar Haddad.")
    expect(bar.locator("summary", has_text="Owner")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.locator(".card-link").nth(0).focus()
    page.keyboard.press("Control+a")
    expect(bar).to_contain_text("3 selected")
    assert {
        (tuple(each.tags), each.owner) for each in Conversation.objects.filter(pk__in=[c.pk for c in four[:3]])
    } == {(("billing",), omar)}


def test_by_pointer_dragged_together_and_let_go_with_escape(
    open_as: OpenAs, four: list[Conversation], dana: User
) -> None:
    page = open_as(dana)
    expect(page.locator("#live")).to_have_text("Live")
    todo = cards_in(page, "todo")
    todo.nth(0).hover()
    todo.nth(0).get_by_role("checkbox").click()
    beside_the_title: Position = {"x": 150, "y": 15}
    todo.nth(2).click(position=beside_the_title, modifiers=["Shift"])
    todo.nth(1).click(position=beside_the_title, modifiers=["Control"])
    bar = page.locator("#bulk")
    expect(bar).to_contain_text("2 selected")
    lift(page, todo.nth(0), page.locator('[data-cards="closed"]'))
    expect(page.locator(".is-lifted")).to_have_attribute("data-carried", "2")
    page.keyboard.press("Escape")
    expect(todo).to_have_count(4)
    page.mouse.up()
    expect(bar).to_contain_text("2 selected")
    lift(page, todo.nth(0), page.locator('[data-cards="closed"]'))
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("2 conversations moved to Closed.")
    expect(cards_in(page, "closed")).to_have_count(2)
    expect(page.locator("#drawer")).to_be_hidden()


def test_in_swimlanes_a_drop_changes_the_owner_and_what_others_do_arrives_there(
    open_as: OpenAs, four: list[Conversation], dana: User, omar: User
) -> None:
    four[3].assign(omar, by=omar)
    page = open_as(dana, "/board/?lanes=owner")
    expect(page.locator("#live")).to_have_text("Live")

    def cell(status: str, owner: User) -> Locator:
        return page.locator(f'[data-cards="{status}"][data-lane="{owner.pk}"]')

    def open_in(owner: User) -> Locator:
        return page.locator(f'.lane[data-lane-row="{owner.pk}"] .lane-head .count')

    expect(cell("todo", dana).locator(".card")).to_have_count(3)
    expect(open_in(dana)).to_have_text("3 open")
    lift(page, cell("todo", dana).locator(".card").nth(0), cell("in_progress", omar))
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text(f"#{four[0].number} moved to In Progress and given to Omar Haddad.")
    expect(cell("in_progress", omar)).to_contain_text("Matter 0")
    expect(open_in(dana)).to_have_text("2 open")
    expect(open_in(omar)).to_have_text("2 open")
    cell("todo", dana).locator(".card-link").nth(0).focus()
    page.keyboard.press(
        "Alt+ArrowDown" if page.locator(".lane").first.get_attribute("data-lane-row") == str(dana.pk) else "Alt+ArrowUp"
    )
    expect(cell("todo", omar)).to_contain_text("Matter 1")
    expect(cell("todo", omar).locator(".card-link", has_text="Matter 1")).to_be_focused()
    four[2].close(by=omar)
    expect(cell("closed", dana)).to_contain_text("Matter 2")
    expect(open_in(dana)).to_have_text("0 open")
    page.get_by_role("button", name="Undo").click()
    expect(cell("todo", dana)).to_contain_text("Matter 1")


def lift(page: Page, card: Locator, to: Locator) -> None:
    start, end = card.locator(".card-foot").bounding_box(), to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 120, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 20, steps=8)
    page.mouse.move(end["x"] + 80, end["y"] + 40, steps=4)


def test_on_a_phone_a_tap_selects_in_its_mode_and_a_long_touch_drags(
    open_as: OpenAs, four: list[Conversation], dana: User
) -> None:
    page = open_as(dana, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    expect(page.locator("#live")).to_have_text("Live")
    todo = cards_in(page, "todo")
    page.get_by_role("button", name="Select", exact=True).tap()
    todo.nth(0).locator(".card-link").tap()
    todo.nth(1).locator(".card-link").tap()
    bar = page.get_by_role("toolbar", name="Selected cards")
    expect(bar).to_contain_text("2")
    bar.locator("summary", has_text="Priority").tap()
    page.get_by_role("button", name="Urgent").tap()
    expect(page.locator(".toast")).to_contain_text("2 conversations set to priority Urgent.")
    page.get_by_role("button", name="Select nothing").tap()
    expect(bar).to_be_hidden()
    box = todo.nth(2).locator(".card-foot").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, x: float = 0, y: float = 0) -> None:
        points = [{"x": x, "y": y}] if kind != "touchEnd" else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = box["x"] + 100, box["y"] + 5
    finger("touchStart", x, y)
    page.wait_for_timeout(300)  # a finger that rests lifts the card
    for step in range(1, 9):
        finger("touchMove", x + (375 - x) * step / 8, y - 10)
    # Held at the edge, the board moves on beneath.
    while page.locator("#board").evaluate("board => board.scrollLeft") < 250:
        page.wait_for_timeout(50)
    finger("touchMove", 200, y - 20)
    finger("touchMove", 190, y - 20)
    finger("touchEnd")
    expect(page.locator(".toast")).to_contain_text("moved to In Progress")
    expect(cards_in(page, "in_progress")).to_have_count(1)
    expect(page.locator("#drawer")).to_be_hidden()
