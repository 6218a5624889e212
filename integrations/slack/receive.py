"""The small ASGI app that takes Slack's requests: verify, store, wake, answer.

Requests that wait at the same time are committed together, so that storing first costs little; the answer goes
out after the commit. A batch that fails is stored row by row: one bad body harms nobody else's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from integrations.slack.credentials import Signers
from integrations.slack.requests import MAX_BODY, Challenge, Received, Refused, Unsigned, accept
from integrations.slack.sightings import note_challenge, note_refusal
from integrations.slack.storage import INSERT, rows
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Waiting: TypeAlias = tuple[Received, asyncio.Future[None]]

MOST = 500
"""Rows in one statement."""
MOST_CHARACTERS = 16 * 1024 * 1024
"""Of their bodies together: PostgreSQL takes JSON up to 256 MB."""
CONNECT_SECONDS = 2
STORE_SECONDS = 2.5
"""Slack waits three seconds. What isn't stored by then is answered 503, and Slack sends it again."""
HEADERS = {b"content-length", b"content-type", b"x-slack-request-timestamp", b"x-slack-signature"}
"""All that is read of a request, beside its body."""
WAKE_SECONDS = 0.02
"""In a burst a worker is woken this often, not for each batch."""


class Receiver:
    """One for each process; it starts with the first request."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Waiting] | None = None
        self._stored = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._signers = Signers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._take(scope, receive)
            await _respond(send, 200, answer)
        except Refused as refusal:
            log.warning("refused a request from Slack", status=refusal.status, reason=refusal.reason)
            await _respond(send, refusal.status, refusal.reason)
            if refusal.status == 401:
                await asyncio.to_thread(note_refusal, refusal.reason)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._waiting, self._stored = None, asyncio.Event()

    async def _take(self, scope: Scope, receive: Receive) -> str:
        if scope["method"] != "POST":
            raise Refused(405, "Slack posts to this address.")
        # ASGI's names are in lower case.
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in HEADERS}
        body = await _body(headers, receive)
        request = await self._accept(headers, body)
        if isinstance(request, Challenge):
            await asyncio.to_thread(note_challenge)
            return request.value
        await self.store(request)
        return ""

    async def _accept(self, headers: dict[str, str], body: bytes) -> Challenge | Received:
        """The pasted apps' secrets are looked up only where the environment's does not fit."""
        if self._signers.of_environment:
            with suppress(Unsigned):
                return accept(headers, body, signers=self._signers.of_environment, now=time.time())
        if not self._signers.are_fresh:
            try:
                await asyncio.to_thread(self._signers.read_in_thread)
            except (DatabaseError, ImproperlyConfigured) as error:
                raise Refused(503, f"Not verified, send it again: {type(error).__name__}.") from error
        signers = [*self._signers.of_environment, *self._signers.of_rows]
        return accept(headers, body, signers=signers, now=time.time())

    async def store(self, request: Received) -> None:
        """Returns once the row is committed; a worker is woken then. Raises Refused(503) where it can't be."""
        if self._waiting is None:
            self._waiting = asyncio.Queue()
            self._start(self._commit(self._waiting))
            self._start(self._wake())
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        self._waiting.put_nowait((request, stored))
        # A bare timer costs less than half of what `asyncio.wait_for` does.
        too_late = loop.call_later(STORE_SECONDS, _settle, stored, TimeoutError())
        try:
            await stored
        except (psycopg.Error, TimeoutError) as error:
            raise Refused(503, f"Not stored, send it again: {type(error).__name__}.") from error
        finally:
            too_late.cancel()

    async def _commit(self, waiting: asyncio.Queue[Waiting]) -> None:
        """While one batch is being committed, the next gathers: a second connection would only halve the batches."""
        connection: psycopg.AsyncConnection[Any] | None = None
        try:
            while True:
                batch = await _collect(waiting)
                try:
                    async with asyncio.timeout(STORE_SECONDS):
                        connection = await _insert(connection, batch)
                except (psycopg.Error, TimeoutError) as error:
                    if connection is not None:
                        await connection.close()
                        connection = None
                    for _, stored in batch:
                        _settle(stored, error)
                else:
                    self._stored.set()
        finally:
            if connection is not None:
                await connection.close()

    async def _wake(self) -> None:
        """At once for the first batch; then one wake-up serves all that were stored in the meantime."""
        while True:
            await self._stored.wait()
            self._stored.clear()
            await asyncio.to_thread(wake, drain_inbox)
            await asyncio.sleep(WAKE_SECONDS)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background, with a reference kept so that it isn't collected half-way."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _collect(waiting: asyncio.Queue[Waiting]) -> list[Waiting]:
    """The next request, and what waits behind it."""
    batch = [await waiting.get()]
    characters = len(batch[0][0].body)
    while len(batch) < MOST and characters < MOST_CHARACTERS and not waiting.empty():
        batch.append(waiting.get_nowait())
        characters += len(batch[-1][0].body)
    return batch


async def _insert(
    connection: psycopg.AsyncConnection[Any] | None, batch: list[Waiting]
) -> psycopg.AsyncConnection[Any]:
    """Store all, or each that can be stored. A kept connection may have died unnoticed: then a new one is tried."""
    if connection is not None:
        try:
            await _insert_by(connection, batch)
            return connection
        except psycopg.OperationalError as error:
            log.warning("the receiver's database connection broke", error=str(error).strip())
    fresh = await _connect()
    try:
        await _insert_by(fresh, batch)
    except BaseException:
        await fresh.close()
        raise
    if connection is not None:
        await connection.close()
    return fresh


async def _insert_by(connection: psycopg.AsyncConnection[Any], batch: list[Waiting]) -> None:
    try:
        await connection.execute(INSERT, [rows([request for request, _ in batch])], prepare=True)
    except psycopg.DataError:
        for request, stored in batch:
            try:
                await connection.execute(INSERT, [rows([request])], prepare=True)
            except psycopg.DataError as error:
                log.error("a request could not be stored", kind=request.kind, error=str(error).strip())
                _settle(stored, error)
    for _, stored in batch:
        _settle(stored)


def _settle(stored: asyncio.Future[None], error: Exception | None = None) -> None:
    """Let the request's sender know, who may have stopped waiting."""
    if stored.done():
        return
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)


async def _connect() -> psycopg.AsyncConnection[Any]:
    from django.db import connection  # noqa: PLC0415 - the test database's name is known only now

    known = connection.settings_dict
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    options = {key: value for key, value in known["OPTIONS"].items() if key != "pool"}
    return await psycopg.AsyncConnection.connect(
        **{key: known[name] for key, name in parts.items() if known[name]},
        **{"connect_timeout": CONNECT_SECONDS} | options,
        autocommit=True,
    )


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY:
        raise Refused(413, "The body is too large.")
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The sender went away.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise Refused(413, "The body is too large.")
        if not message.get("more_body"):
            return b"".join(parts)


async def _respond(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application = Receiver()
