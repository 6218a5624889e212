"""One Redis subscription in each web process, handed on to its viewers in memory."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager

import redis.asyncio
import structlog
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CHANNEL = "pylon:live:"
"""Followed by the workspace's id. The message is a JSON list of the ids of conversations that changed, or as `here` in
an object the id of one whose lookers changed."""
COALESCE_SECONDS = 0.06
BEHIND = 64
"""Events that may wait for a viewer; one who falls further behind loads the page again instead."""
MANY = 60
"""Conversations that change at once; beyond, loading again is cheaper than patches."""
REMEMBERED = 200
"""Changes kept for viewers who come back; a page drawn before the oldest loads again."""
SKEW_MS = 2_000
"""How far the clocks of several web servers may lie apart."""

Draw = Callable[[int, Collection[int], str], Awaitable[str]]
"""Of a workspace's conversations, in a language."""


class Viewer:
    """What waits for one browser, in its reader's language. An empty event ends its stream."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(BEHIND)

    async def next(self) -> bytes:
        return await self._waiting.get()

    def offer(self, event: bytes) -> None:
        if self._waiting.full():
            self._drop()
            event = _event("refresh")
        self._waiting.put_nowait(event)

    def end(self) -> None:
        self._drop()
        self._waiting.put_nowait(b"")

    def _drop(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()


class Hub:
    """Starts listening with its first viewer and stops with `close`. Belongs to one event loop."""

    def __init__(self, address: str, draw: Draw) -> None:
        self.address = address
        self.draw = draw
        self._viewers: dict[int, set[Viewer]] = {}
        self._changed: dict[int, set[int]] = {}
        self._past: dict[int, deque[tuple[int, list[int]]]] = {}
        self._complete_since: int | None = None
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._listening: asyncio.Task[None] | None = None

    @contextmanager
    def viewer(self, workspace_id: int, since: int, language: str) -> Iterator[Viewer]:
        """`since`: the milliseconds of what the browser shows; it is told first what it missed."""
        viewer = Viewer(language)
        viewers = self._viewers.setdefault(workspace_id, set())
        viewers.add(viewer)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        self._catch_up(viewer, workspace_id, since)
        try:
            yield viewer
        finally:
            viewers.discard(viewer)
            if not viewers:
                self._viewers.pop(workspace_id, None)

    def end_streams(self) -> None:
        for viewer in self._everybody():
            viewer.end()

    async def close(self) -> None:
        self.end_streams()
        running = {task for task in (self._listening, *self._sending.values()) if task}
        while running:
            # Again and again: asyncio.wait_for of Python 3.11, deep in the client, may swallow a cancellation.
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.2)
        self._listening = self._complete_since = None
        self._sending.clear()
        self._changed.clear()
        self._past.clear()

    def _catch_up(self, viewer: Viewer, workspace_id: int, since: int) -> None:
        since -= SKEW_MS
        if self._complete_since is None:
            return  # everybody loads again once the subscription stands
        past = self._past.get(workspace_id, deque())
        oldest = past[0][0] if len(past) == REMEMBERED else self._complete_since
        if since < oldest:
            viewer.offer(_event("refresh"))
            return
        missed = [changed for at, ids in past if at >= since for changed in ids]
        if missed:
            self._take(workspace_id, missed, remember=False)

    # From Redis ───────────────────────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with (
                    redis.asyncio.from_url(self.address, health_check_interval=20) as client,
                    client.pubsub() as subscription,
                ):
                    await subscription.psubscribe(f"{CHANNEL}*")
                    while True:
                        message = await subscription.get_message(timeout=10)
                        if message and message["type"] == "psubscribe":
                            pause = 0.1
                            self._begin()
                        elif message:
                            workspace_id = int(message["channel"].decode().removeprefix(CHANNEL))
                            told = json.loads(message["data"])
                            if isinstance(told, dict):
                                self._tell_who_is_here(workspace_id, told["here"])
                            else:
                                self._take(workspace_id, told)
            except (RedisError, OSError) as error:
                log.warning("live updates pause", reason=str(error), next_try_seconds=pause)
            self._complete_since = None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)

    def _begin(self) -> None:
        self._past.clear()
        self._complete_since = now_ms()
        for viewer in self._everybody():
            viewer.offer(_event("refresh"))

    def _take(self, workspace_id: int, ids: list[int], *, remember: bool = True) -> None:
        if remember:
            self._past.setdefault(workspace_id, deque(maxlen=REMEMBERED)).append((now_ms(), ids))
        if workspace_id not in self._viewers:
            return
        self._changed.setdefault(workspace_id, set()).update(ids)
        if workspace_id not in self._sending:
            self._sending[workspace_id] = asyncio.create_task(self._send(workspace_id))

    def _tell_who_is_here(self, workspace_id: int, conversation_id: int) -> None:
        """Not remembered, and with no id: it says nothing about what a browser is informed of."""
        for viewer in self._viewers.get(workspace_id, ()):
            viewer.offer(f"event: here\ndata: {conversation_id}\n\n".encode())

    # To the viewers ───────────────────────────────────────────────────────────────────────────────────

    async def _send(self, workspace_id: int) -> None:
        """One after the other for each workspace, so that no older drawing overtakes a newer one."""
        try:
            while workspace_id in self._changed:
                await asyncio.sleep(COALESCE_SECONDS)
                events = await self._events_of(workspace_id, self._changed.pop(workspace_id))
                for viewer in self._viewers.get(workspace_id, ()):
                    # Who came while it was drawn, with a language of their own, loads the page again.
                    viewer.offer(events.get(viewer.language) or _event("refresh"))
        finally:
            self._sending.pop(workspace_id, None)

    async def _events_of(self, workspace_id: int, ids: set[int]) -> dict[str, bytes]:
        """One for each language in which somebody looks."""
        at = now_ms()
        languages = {viewer.language for viewer in self._viewers.get(workspace_id, ())}
        if len(ids) > MANY:
            return dict.fromkeys(languages, _event("refresh", at=at))
        try:
            return {
                language: _event("change", await self.draw(workspace_id, ids, language), at=at)
                for language in sorted(languages)
            }
        except DatabaseError as error:
            log.warning("a change could not be drawn", reason=str(error))
            return dict.fromkeys(languages, _event("refresh", at=at))

    def _everybody(self) -> list[Viewer]:
        return [viewer for viewers in self._viewers.values() for viewer in viewers]


def _event(name: str, html: str = "", *, at: int | None = None) -> bytes:
    """One server-sent event; its id is the time up to which the browser is informed."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {name}\nid: {at or now_ms()}\n{lines}\n".encode()


def now_ms() -> int:
    return time.time_ns() // 1_000_000
