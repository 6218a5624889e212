"""The stream as a browser gets it: the real application on an event loop of its own, the real Redis between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import redis
from django.conf import settings
from django.test import Client
from pytest_django import Settings
from structlog.testing import capture_logs

from accounts.models import Channel, User
from conversations import board, fanout, live
from conversations.fanout import BEHIND, Viewer, now_ms
from tests import cast

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Iterator[Run[Any]]:
    """Runs a coroutine beside the test, which keeps the database's connection of its own thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, 20), loop).result()

    yield wait_for
    wait_for(live.close())
    wait_for(loop.shutdown_default_executor())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Browser:
    """Opens the stream as a teammate and reads it event by event."""

    def __init__(
        self,
        run: Run[Any],
        user: User | None,
        *,
        since: int = 0,
        method: str = "GET",
        workspace: str = "",
        language: str = "",
    ) -> None:
        self.run = run
        cookie = b""
        if user:
            client = Client()
            client.force_login(user)
            cookie = f"other=1; sessionid={client.cookies['sessionid'].value}".encode()
        self.scope = {
            "type": "http", "method": method, "path": "/live/",
            "query_string": f"since={since}&workspace={workspace}&language={language}".encode(),
            "headers": [(b"cookie", cookie)],
        }  # fmt: skip
        run(self._open())

    def event(self) -> tuple[str, str]:
        """The next event's name and data. Beats are passed over."""
        while True:
            body = self.run(self.sent.get())["body"].decode()
            lines = [line.partition(": ") for line in body.splitlines()]
            name = next((value for field, _, value in lines if field == "event"), "end")
            if name != "beat":
                return name, "\n".join(value for field, _, value in lines if field == "data")

    def leave(self) -> None:
        self.run(self._leave())

    def wait_until_ended(self) -> None:
        self.run(self._ended())

    async def _open(self) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.received: asyncio.Queue[Any] = asyncio.Queue()
        self.received.put_nowait({"type": "http.request"})
        self.task = asyncio.create_task(live.application(self.scope, self.received.get, self.sent.put))
        self.status = (await self.sent.get())["status"]

    async def _leave(self) -> None:
        self.received.put_nowait({"type": "http.disconnect"})
        await self.task

    async def _ended(self) -> None:
        await self.task


def test_a_change_is_told_in_the_language_of_each_page(run: Run[Any], dana: User, channel: Channel) -> None:
    browsers = {language: Browser(run, dana, language=language) for language in ("en", "de", "xx")}
    assert {browser.event()[0] for browser in browsers.values()} == {"refresh"}
    cast.make_conversation(channel=channel, title="Export").close(by=dana)
    told = {language: browser.event()[1] for language, browser in browsers.items()}
    assert "Messages:" in told["en"]
    assert "Nachrichten:" in told["de"]
    assert "Messages:" in told["xx"]


def test_a_change_reaches_the_browsers_of_its_workspace_only(
    run: Run[Any], dana: User, stranger: User, channel: Channel
) -> None:
    ours, theirs = Browser(run, dana), Browser(run, stranger)
    assert (ours.event()[0], theirs.event()[0]) == ("refresh", "refresh")
    conversation = cast.make_conversation(channel=channel, title="Ours alone")
    conversation.start(by=dana)
    name, html = ours.event()
    assert name == "change"
    assert 'data-status="in_progress"' in html
    # The next thing that the others hear is their own.
    foreign = cast.make_channel(workspace=stranger.workspace)
    cast.make_conversation(channel=foreign, title="Theirs alone").close(by=stranger)
    html = theirs.event()[1]
    assert "Theirs alone" in html
    assert "Ours alone" not in html


def test_who_is_not_signed_in_or_no_longer_active_is_refused(run: Run[Any], dana: User) -> None:
    assert Browser(run, None).status == 403
    assert Browser(run, dana).status == 200
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assert Browser(run, dana).status == 403


def test_a_made_up_session_is_refused(run: Run[Any], dana: User) -> None:
    browser = Browser(run, dana)
    browser.scope["headers"] = [(b"cookie", b"sessionid=made-up")]
    run(browser._open())
    assert browser.status == 403


def test_only_get_is_answered(run: Run[Any], dana: User) -> None:
    assert Browser(run, dana, method="POST").status == 405


def test_a_stream_ends_when_its_reader_may_see_it_no_longer(
    run: Run[Any], dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0)
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    browser = Browser(run, dana)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    browser.wait_until_ended()


def test_a_page_of_another_workspace_than_the_chosen_one_gets_no_stream(run: Run[Any], dana: User) -> None:
    assert Browser(run, dana, workspace=str(dana.workspace_id)).status == 200
    assert Browser(run, dana, workspace="987654").status == 403


def test_changes_of_one_moment_are_drawn_once_for_all_viewers(
    run: Run[Any], dana: User, omar: User, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = []

    def counted(workspace_id: int, ids: Any) -> str:
        drawings.append(set(ids))
        return board.draw_changes(workspace_id, ids)

    monkeypatch.setattr(live, "draw_changes", counted)
    monkeypatch.setattr(fanout, "COALESCE_SECONDS", 1)
    browsers = [Browser(run, dana), Browser(run, dana), Browser(run, omar)]
    assert [browser.event()[0] for browser in browsers] == ["refresh"] * 3
    made = [cast.make_conversation(channel=channel) for _ in range(4)]
    for conversation in made:
        live.publish(conversation.workspace_id, [conversation.pk])
    for browser in browsers:
        assert browser.event()[1].count('<li class="card"') == 4
    assert drawings == [{conversation.pk for conversation in made}]


def test_very_many_changes_ask_the_browser_to_load_again(
    run: Run[Any], dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(run, dana)
    assert browser.event()[0] == "refresh"
    live.publish(dana.workspace_id, list(range(1, fanout.MANY + 2)))
    assert browser.event()[0] == "refresh"


def test_who_comes_back_hears_what_changed_meanwhile(run: Run[Any], dana: User, channel: Channel) -> None:
    first = Browser(run, dana)
    assert first.event()[0] == "refresh"
    # Long enough ago that clocks of several servers don't matter.
    run(_listened_for(fanout.SKEW_MS))
    conversation = cast.make_conversation(channel=channel)
    drawn_at = now_ms()
    conversation.close(by=dana)
    assert first.event()[0] == "change"
    name, html = Browser(run, dana, since=drawn_at).event()
    assert (name, f"card-{conversation.pk}" in html) == ("change", True)


async def _listened_for(milliseconds: int) -> None:
    hub = live._hub()
    assert hub._complete_since
    hub._complete_since -= milliseconds


def test_who_was_away_too_long_loads_again(run: Run[Any], dana: User) -> None:
    assert Browser(run, dana).event()[0] == "refresh"
    assert Browser(run, dana, since=now_ms() - 3_600_000).event()[0] == "refresh"


def test_a_lost_subscription_comes_back_and_everybody_loads_again(run: Run[Any], dana: User, channel: Channel) -> None:
    browser = Browser(run, dana)
    assert browser.event()[0] == "refresh"
    with redis.Redis.from_url(settings.REDIS_ADDRESS) as server:
        assert server.client_kill_filter(_type="pubsub")
    assert browser.event()[0] == "refresh"
    cast.make_conversation(channel=channel).close(by=dana)
    assert browser.event()[0] == "change"


def test_a_viewer_who_falls_behind_loads_again(run: Run[Any]) -> None:
    async def fall_behind() -> list[bytes]:
        viewer = Viewer("en")
        for n in range(BEHIND + 2):
            viewer.offer(f"{n}".encode())
        return [await viewer.next(), await viewer.next()]

    first, second = run(fall_behind())
    assert first.startswith(b"event: refresh\n")
    assert second == f"{BEHIND + 1}".encode()


def test_who_leaves_is_forgotten(run: Run[Any], dana: User, omar: User) -> None:
    one, other = Browser(run, dana), Browser(run, omar)
    one.leave()
    assert len(live._hub()._everybody()) == 1
    other.leave()
    assert not live._hub()._viewers


def test_closing_ends_every_stream(run: Run[Any], dana: User) -> None:
    browser = Browser(run, dana)
    run(live.close())
    browser.wait_until_ended()


def test_without_redis_a_change_still_happens_with_one_line_in_the_log(
    channel: Channel, dana: User, settings: Settings
) -> None:
    settings.REDIS_ADDRESS = "redis://127.0.0.1:1"
    live.connection.cache_clear()
    conversation = cast.make_conversation(channel=channel)
    try:
        with capture_logs() as lines:
            conversation.close(by=dana)
    finally:
        live.connection.cache_clear()
    conversation.refresh_from_db()
    assert conversation.status == "closed"
    ours = [line for line in lines if line["event"] == "live updates are not sent"]
    assert len(ours) == 1
