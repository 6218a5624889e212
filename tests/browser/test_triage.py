"""A conversation worked from its triage post and from the board at once, with all processes: the sandbox as Slack, the
web process, a worker. Customers hear nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from conversations.models import Conversation
from integrations.models import Link, LinkKind
from pylon.demo import EMAIL, TRIAGE, prepare_demo
from tests.browser.test_board import card_in, drag, wait_until_live
from tests.processes import Processes, wait_until
from tests.sandbox_process import Json, SandboxProcess, free_port
from tests.test_main_path import DANA, GLOBEX, MIA, OMAR, PYLON, House, assert_nothing_reached_customers


@pytest.fixture
def web() -> SimpleNamespace:
    """Where the web process listens once there is a `house`."""
    port = free_port()
    return SimpleNamespace(port=port, address=f"http://127.0.0.1:{port}")


@pytest.fixture
def house(tmp_path: Path, settings: Settings, transactional_db: None, web: SimpleNamespace) -> Iterator[House]:
    with SandboxProcess(tmp_path / "slack", f"{web.address}/slack/events", speed=600) as slack:
        known = {
            "SLACK_API_URL": f"{slack.url}/api/",
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
        for name, value in known.items():
            setattr(settings, name, value)
        prepare_demo()
        with Processes(tmp_path, **known, SECRET_KEY=settings.SECRET_KEY, DEBUG="true") as processes:
            processes.start_web(web.port)
            processes.start_worker()
            yield House(slack, processes)


def test_from_slack_to_the_board_and_back(house: House, open_as: Callable[..., Page]) -> None:
    slack = house.slack
    slack.api("invite", channel=GLOBEX, user=PYLON, by=DANA)
    house.settle()
    dana = User.objects.get(email=EMAIL)
    board = open_as(dana)
    wait_until_live(board)

    slack.post_message(GLOBEX, MIA, "The export is empty since this morning. Can you help?")
    expect(card_in(board, "todo")).to_be_visible()
    wait_until(lambda: "acknowledge" in controls(slack), what="the post")
    conversation = Conversation.objects.get()

    slack.api("press", **{"channel": TRIAGE, "as": OMAR, "message_ts": post(slack)["ts"], "action_id": "acknowledge"})
    expect(card_in(board, "closed")).to_be_visible()
    wait_until(lambda: controls(slack) == ["undo", "reopen", "open"], what="the post of one line")
    assert "Closed: Omar Haddad acknowledged it" in post(slack)["blocks"][0]["text"]["text"]

    drag(board, card_in(board, "closed"), "todo")
    wait_until(lambda: "acknowledge" in controls(slack), what="the post open again")

    page = open_as(dana, conversation.get_absolute_url())
    wait_until_live(page)
    slack.post_message(TRIAGE, OMAR, "I know this one: the nightly job.", thread_ts=post(slack)["ts"])
    expect(page.locator(".message-note", has_text="the nightly job")).to_be_visible()
    page.get_by_role("textbox", name="Internal note").fill("Then please start it again.")
    page.get_by_role("button", name="Add note").click()
    wait_until(lambda: "Then please start it again." in thread(slack), what="the note in the thread")

    log = house.settle()
    assert Link.objects.filter(kind=LinkKind.TRIAGE_POST).count() == 1
    assert_nothing_reached_customers(log)


def post(slack: SandboxProcess) -> Json:
    return next((one for one in slack.messages(TRIAGE) if one.get("bot_id")), {})


def controls(slack: SandboxProcess) -> list[str]:
    """The action ids under the post; none while there is no post."""
    blocks = post(slack).get("blocks", [])
    return [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]


def thread(slack: SandboxProcess) -> list[str]:
    return [one["text"] for one in slack.messages(TRIAGE, thread_ts=post(slack)["ts"])]
