"""Socket Mode: Slack's requests over websockets that we open, for a Pylon without a public address.

https://docs.slack.dev/apis/events-api/using-socket-mode. An envelope is stored just as its HTTP request would be, and
acknowledged then. What isn't, Slack sends again, perhaps through another connection or over HTTP; it is stored once.

Of the clients in Slack's SDK none will do: they close the old connection before there is a new one, or even if there
will be none; acknowledge through another connection than the envelope came by; or know no proxy.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias
from urllib.parse import urlencode

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import backoff
from websockets.exceptions import ConnectionClosed, WebSocketException

from integrations.slack.client import call_with_token, is_direct
from integrations.slack.credentials import apps
from integrations.slack.errors import SlackError
from integrations.slack.receive import Receiver
from integrations.slack.requests import MAX_BODY, Received, Refused, read
from integrations.slack.socket_standing import WRITTEN_SECONDS, Standing, remove, write

log = structlog.get_logger(__name__)

Store: TypeAlias = Callable[[Received], Awaitable[None]]

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MOST_CONNECTIONS = 10
"""Slack allows an app no more."""
ANNOUNCED = {"warning", "refresh_requested"}
"""Why Slack disconnects when all is well: every few hours, and then within about ten seconds."""
LEAVE_SECONDS = 30
"""Then we close a connection whose end was announced."""
SETTLED_SECONDS = 30
"""One that ends sooner is no success: the next is waited for longer than the one before."""
FINISH_SECONDS = 3
"""For envelopes under way when a connection ends or we are told to stop."""


def app_tokens() -> list[str]:
    """The app-level tokens that we know."""
    return list(dict.fromkeys(app.app_token for app in apps() if app.app_token))


async def listen(tokens: Sequence[str], *, connections: int, stop: asyncio.Event) -> None:
    """Keep so many connections open for each app-level token, until told to stop."""
    receiver, changed = Receiver(), asyncio.Event()
    listeners = {
        f"{socket.gethostname()}:{os.getpid()}:{number}": Listener(token, receiver.store, changed)
        for number, token in enumerate(token for token in tokens for _ in range(connections))
    }
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(listener.run()) for listener in listeners.values()]
            tasks.append(group.create_task(_report(listeners, changed)))
            await stop.wait()
            for task in tasks:
                task.cancel()
    finally:
        await receiver.close()
        await asyncio.to_thread(remove, listeners)


def as_posted(kind: str, payload: Any) -> tuple[str, bytes]:
    """An envelope's payload as Slack would have posted it: content type and body."""
    if kind == "slash_commands" and isinstance(payload, dict):
        return FORM, urlencode(payload).encode()
    body = json.dumps(payload)
    return (FORM, urlencode({"payload": body}).encode()) if kind == "interactive" else (JSON, body.encode())


class Listener:
    """Stays connected; for a moment twice, when Slack announces the end of a connection."""

    def __init__(self, token: str, store: Store, changed: asyncio.Event) -> None:
        self.standing = Standing()
        self._token = token
        self._store = store
        self._changed = changed
        self._connections: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._stay_connected()
        finally:
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _stay_connected(self) -> None:
        waits = backoff()
        while True:
            try:
                connection = Connection(await self._open(), self._store, self.standing)
            except (SlackError, WebSocketException, OSError, TimeoutError) as error:
                asked = error.retry_after if isinstance(error, SlackError) else None
                await self._pause(asked or next(waits), str(error) or type(error).__name__)
                continue
            began = time.monotonic()
            self._tell(connected_since=time.time(), error="")
            reading = asyncio.create_task(connection.run())
            self._connections.add(reading)
            reading.add_done_callback(self._connections.discard)
            await connection.is_leaving.wait()
            if connection.is_announced or time.monotonic() - began > SETTLED_SECONDS:
                waits = backoff()
            if not connection.is_announced:
                await self._pause(next(waits), "Slack closed the connection")

    async def _open(self) -> ClientConnection:
        answer = await asyncio.to_thread(call_with_token, self._token, "apps.connections.open")
        url = str(answer.get("url"))
        return await connect(url, proxy=None if is_direct(url) else True, max_size=MAX_BODY, close_timeout=1)

    async def _pause(self, seconds: float, error: str) -> None:
        log.warning("no Socket Mode connection", error=error, next_try_in_seconds=round(seconds, 1))
        self._tell(connected_since=None, error=error)
        await asyncio.sleep(seconds)

    def _tell(self, *, connected_since: float | None, error: str) -> None:
        self.standing.connected_since, self.standing.error = connected_since, error
        self._changed.set()


class Connection:
    """One websocket's life. `is_leaving`: time for another, because this one has ended or, announced, soon will."""

    def __init__(self, websocket: ClientConnection, store: Store, standing: Standing) -> None:
        self.is_leaving = asyncio.Event()
        self.is_announced = False
        self._websocket = websocket
        self._store = store
        self._standing = standing
        self._answers: set[asyncio.Task[None]] = set()
        self._limit = asyncio.timeout(None)

    async def run(self) -> None:
        """Until it is closed, or cancelled; what is under way is finished."""
        try:
            async with self._limit:
                async for text in self._websocket:
                    self._hear(text)
        except TimeoutError:
            log.info("Slack did not close a Socket Mode connection as announced: we do")
        except ConnectionClosed as error:
            log.warning("a Socket Mode connection broke", error=str(error))
        finally:
            self.is_leaving.set()
            if self._answers:
                await asyncio.wait(self._answers, timeout=FINISH_SECONDS)
            await self._websocket.close()

    def _hear(self, text: str | bytes) -> None:
        self._standing.last_frame_at = time.time()
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            log.warning("Slack sent a frame that is no JSON object")
        elif "envelope_id" in frame:
            answer = asyncio.create_task(self._answer(frame))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)
        elif frame.get("type") == "hello":
            self._standing.app_id = str((frame.get("connection_info") or {}).get("app_id") or "")
            log.info("a Socket Mode connection is open", connections=frame.get("num_connections"))
        elif frame.get("type") == "disconnect":
            self._leave(str(frame.get("reason")))

    async def _answer(self, envelope: dict[str, Any]) -> None:
        """Store, then acknowledge. What is not acknowledged, Slack sends again."""
        kind = str(envelope.get("type"))
        try:
            request = read(*as_posted(kind, envelope.get("payload")))
            if isinstance(request, Received):
                await self._store(request)
            await self._websocket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        except Refused as refusal:
            log.warning("did not take an envelope from Slack", kind=kind, reason=refusal.reason)
        except ConnectionClosed:
            log.info("the connection closed before an envelope was acknowledged", kind=kind)

    def _leave(self, reason: str) -> None:
        log.info("Slack ends a Socket Mode connection", reason=reason)
        if reason in ANNOUNCED:
            self.is_announced = True
            self.is_leaving.set()
            self._limit.reschedule(asyncio.get_running_loop().time() + LEAVE_SECONDS)


async def _report(listeners: dict[str, Listener], changed: asyncio.Event) -> None:
    while True:
        changed.clear()
        standings = {name: listener.standing for name, listener in listeners.items()}
        await asyncio.to_thread(write, standings)
        with suppress(TimeoutError):
            async with asyncio.timeout(WRITTEN_SECONDS):
                await changed.wait()
