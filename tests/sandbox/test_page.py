"""The page in a real browser, where one is found."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.sandbox.listener import Listener
from tests.sandbox.test_interactivity import BLOCKS, MODAL, payloads, post_card, press
from tests.sandbox_process import SandboxProcess

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser, sandbox: SandboxProcess) -> Iterator[Page]:
    """A tab that fails the test on any script error."""
    errors: list[str] = []
    page = chromium.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def visit(page: Page, sandbox: SandboxProcess, who: str, channel: str) -> None:
    page.goto(f"{sandbox.url}/?as={who}&channel={channel}")


def test_a_customer_writes_and_a_teammate_replies_in_a_thread(
    tab: Page, sandbox: SandboxProcess, listener: Listener, globex: str
) -> None:
    visit(tab, sandbox, "U0MIA00001", globex)
    tab.get_by_label("Message", exact=True).fill("Is <b>this</b> safe, @Dana Reyes? See https://globex.example.")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("article").last).to_contain_text("Is <b>this</b> safe, @Dana Reyes?")
    tab.get_by_role("button", name="You are Mia Tanaka").click()
    tab.get_by_role("button", name="Dana Reyes").click()
    tab.get_by_role("article").last.hover()
    tab.get_by_role("button", name="Reply in thread").last.click()
    tab.get_by_label("Reply", exact=True).fill("Taking a look")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name=re.compile("1 reply"))).to_be_visible()
    sandbox.settle()
    message, reply = listener.events()
    assert message["text"] == ("Is &lt;b&gt;this&lt;/b&gt; safe, <@U0DANA0001>? See <https://globex.example>.")
    assert (reply["thread_ts"], reply["user"]) == (message["ts"], "U0DANA0001")


def test_a_teammate_presses_the_real_button(tab: Page, sandbox: SandboxProcess, listener: Listener) -> None:
    visit(tab, sandbox, "U0OMAR0001", "C0TRIAGE01")
    sandbox.web_api("chat.postMessage", channel="C0TRIAGE01", text="A card", blocks=BLOCKS)
    tab.get_by_role("button", name="Acknowledge").click()
    expect(tab.get_by_role("button", name="Acknowledge")).to_be_enabled()
    tab.get_by_role("combobox").filter(has_text="Closed").select_option("Closed")
    listener.wait_for(3)
    pressed, chosen = payloads(listener)
    assert (pressed["actions"][0]["action_id"], pressed["user"]["id"]) == ("ack", "U0OMAR0001")
    assert chosen["actions"][0]["selected_option"]["value"] == "closed"


def test_changes_appear_by_themselves(tab: Page, sandbox: SandboxProcess, globex: str) -> None:
    visit(tab, sandbox, "U0MIA00001", globex)
    expect(tab.get_by_text("Pylon is here")).to_be_visible()
    ts = sandbox.post_message(globex, "dana", "First")
    expect(tab.get_by_text("First")).to_be_visible()
    sandbox.api("edit", channel=globex, message_ts=ts, text="Second", **{"as": "dana"})
    expect(tab.get_by_text("Second")).to_be_visible()
    sandbox.api("delete", channel=globex, message_ts=ts, **{"as": "dana"})
    expect(tab.get_by_text("Second")).to_be_hidden()


def test_hostile_text_stays_text(tab: Page, sandbox: SandboxProcess, globex: str) -> None:
    visit(tab, sandbox, "U0DANA0001", globex)
    attack = "<javascript:alert(1)|click> &lt;img src=x onerror=alert(1)&gt; <https://a.example|*bold*>"
    sandbox.post_message(globex, "mia.tanaka", attack)
    message = tab.get_by_role("article").last
    expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    hrefs = message.locator(".text a").evaluate_all("links => links.map((link) => link.protocol)")
    assert hrefs == ["https:"]


def test_the_panels(tab: Page, sandbox: SandboxProcess, listener: Listener) -> None:
    visit(tab, sandbox, "U0DANA0001", "C0TRIAGE01")
    sandbox.post_message("C0TRIAGE01", "omar", "Logged")
    tab.get_by_role("button", name="Log").click()
    expect(tab.locator("details").first).to_contain_text("200")
    # A late answer of the log must not take the place of what was opened after it.
    answered: list[Route] = []

    def hold(route: Route) -> None:
        answered.append(route)

    tab.route("**/sandbox/api/log?*", hold)
    tab.get_by_role("button", name="Log").click()
    tab.get_by_role("button", name="Log").click()
    while not answered:
        tab.wait_for_timeout(10)
    tab.get_by_role("button", name="Faults").click()
    with tab.expect_response("**/sandbox/api/log?*"):
        answered[-1].continue_()
    tab.unroute("**/sandbox/api/log?*")
    tab.wait_for_timeout(50)
    tab.get_by_label("Sent twice, percent").fill("20", timeout=5_000)
    tab.get_by_role("button", name="Apply").click()
    expect(tab.get_by_text("The faults are on.")).to_be_visible()
    assert sandbox.state()["misbehaviour"]["events"]["duplicate_share"] == 0.2


def test_a_modal_of_the_app(tab: Page, sandbox: SandboxProcess, listener: Listener) -> None:
    visit(tab, sandbox, "U0DANA0001", "C0TRIAGE01")
    press(sandbox, post_card(sandbox), "ack")
    trigger = payloads(listener)[-1]["trigger_id"]
    sandbox.web_api("views.open", trigger_id=trigger, view=MODAL)
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("A new channel")
    dialog.get_by_label("Account").fill("Initech")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    assert payloads(listener)[-1]["view"]["state"]["values"]["account"]["name"]["value"] == "Initech"


def test_on_a_phone(chromium: Browser, sandbox: SandboxProcess, globex: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    visit(page, sandbox, "U0DANA0001", globex)
    expect(page.locator("#sidebar button").first).to_be_attached()  # drawn: from now on the buttons do something
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    page.get_by_role("button", name="Channels").click()
    page.get_by_role("button", name="# support-triage").click()
    expect(page.get_by_role("heading", name="# support-triage")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
