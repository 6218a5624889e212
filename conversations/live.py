"""Live updates: who changes something publishes it in Redis; every web process hands it on to its viewers.

`application` answers GET /live/?since=<milliseconds>&workspace=<id>&language=<code>, the last two as of the page, with
server-sent events: `change` (HTML as drawn by `board.draw_changes`), `refresh` (something was missed: load again),
`here` (the id of a conversation to or from which somebody came or went) and `beat` (still here).
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs

import redis
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest, parse_cookie
from django.utils import translation

from accounts.models import User
from accounts.seats import lacks_second_factor, seat_of
from conversations.board import draw_changes
from conversations.fanout import CHANNEL, Hub, Viewer

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEAT_SECONDS = 15
CHECK_SECONDS = BEAT_SECONDS
"""How often it is asked again whether a viewer may still see this."""
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
# A comment keeps proxies awake; the event beside it is what the browser's script can see.
BEAT = b": beat\nevent: beat\ndata: 1\n\n"


def publish(workspace_id: int, conversation_ids: list[int]) -> None:
    """Tell all web processes. Without Redis boards are late, not wrong: they ask by themselves."""
    _publish(workspace_id, conversation_ids)


def publish_presence(workspace_id: int, conversation_id: int) -> None:
    """Somebody came, went, or began to write: who shows that conversation asks who is there."""
    _publish(workspace_id, {"here": conversation_id})


def on_conversations_changed(*, workspace_id: int, conversation_ids: list[int], **_: object) -> None:
    publish(workspace_id, conversation_ids)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    workspace_id = await _allowed(scope) if scope["method"] == "GET" else None
    if workspace_id is None:
        status = 403 if scope["method"] == "GET" else 405
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    with _hub().viewer(workspace_id, _since(scope), _language(scope)) as viewer:
        gone = asyncio.create_task(_end_when_gone(receive, viewer))
        try:
            await _stream(scope, workspace_id, viewer, send)
        finally:
            gone.cancel()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def close() -> None:
    """End all streams: a process that stops would wait for them."""
    if _hub.cache_info().currsize:
        await _hub().close()
        _hub.cache_clear()


def _publish(workspace_id: int, told: object) -> None:
    try:
        connection().publish(f"{CHANNEL}{workspace_id}", json.dumps(told))
    except redis.RedisError as error:
        log.warning("live updates are not sent", reason=str(error))


async def _stream(scope: Scope, workspace_id: int, viewer: Viewer, send: Send) -> None:
    loop = asyncio.get_running_loop()
    check_at = loop.time() + CHECK_SECONDS
    event = BEAT
    while event:
        await send({"type": "http.response.body", "body": event, "more_body": True})
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                event = await viewer.next()
        except TimeoutError:
            event = BEAT
        if loop.time() >= check_at:
            check_at = loop.time() + CHECK_SECONDS
            if await _allowed(scope) != workspace_id:
                return


async def _end_when_gone(receive: Receive, viewer: Viewer) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    viewer.end()


async def _allowed(scope: Scope) -> int | None:
    """The workspace whose changes the browser may see, by Django's own session; None when it may see none, or when the
    page was drawn for another one than they have chosen since."""
    headers = dict(scope["headers"])
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    chosen = await _with_database(_workspace_id, key) if key else None
    return chosen if _asked(scope, "workspace") in {"", str(chosen)} else None


def _workspace_id(session_key: str) -> int | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    login = get_user(request)
    if not isinstance(login, User):
        return None
    seat = seat_of(login, request.session)
    return seat.workspace_id if seat and not lacks_second_factor(login, seat.workspace) else None


async def _draw(workspace_id: int, ids: Collection[int], language: str) -> str:
    def draw() -> str:
        with translation.override(language):
            return draw_changes(workspace_id, ids)

    return await _with_database(draw)


async def _with_database(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask in a thread of its own, and give the connection back: no stream holds one while it waits."""

    def work() -> T:
        try:
            return ask(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(work, thread_sensitive=False)()


def _since(scope: Scope) -> int:
    """The milliseconds that the browser says it is informed up to; 0 makes it load again."""
    given = _asked(scope, "since")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


def _language(scope: Scope) -> str:
    """That of the page, so that what changes on it is in the same one."""
    asked = _asked(scope, "language")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _asked(scope: Scope, name: str) -> str:
    query: bytes = scope.get("query_string", b"")
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


@cache
def _hub() -> Hub:
    hub = Hub(settings.REDIS_ADDRESS, _draw)
    if threading.current_thread() is threading.main_thread():
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            _end_streams_on(signal_number, hub, asyncio.get_running_loop())
    return hub


def _end_streams_on(signal_number: int, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
    """The server waits for its open streams before it tells the application that it stops. So listen as well;
    what the server (or asyncio, by its wake-up descriptor) does on the signal goes on as before."""
    before = signal.getsignal(signal_number)

    def end_streams(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(hub.end_streams)
        if callable(before):
            before(number, frame)

    signal.signal(signal_number, end_streams)
    signal.siginterrupt(signal_number, False)


@cache
def connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_ADDRESS, socket_timeout=1, socket_connect_timeout=1)
