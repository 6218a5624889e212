"""The way out to the app: signed requests, Slack's timeout and retries, and a record of every attempt.

Retries follow https://docs.slack.dev/apis/events-api: at once, after one minute, after five minutes.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlencode

import httpx

from sandbox.config import Config
from sandbox.misbehaviour import EventPlan, Misbehaviour
from sandbox.signing import signed_headers
from sandbox.store import Json, Store

Kind = Literal["events_api", "interactive", "slash_commands"]
RETRY_GAPS_SECONDS = (0.0, 60.0, 300.0)
IN_FLIGHT = 20
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What the app answered to one attempt; no status means that no answer came."""

    status: int | None
    body: bytes = b""
    content_type: str = ""
    reason: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def json(self) -> Json:
        """The answer's JSON object, or an empty one when it is something else."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}


class Socket(Protocol):
    """An open Socket Mode connection."""

    async def send(self, kind: Kind, payload: Json, retry: Json) -> Answer: ...

    async def disconnect(self) -> None: ...


class Outbox:
    """Sends what is stored in ``deliveries``; whatever was pending when the process ended goes on at start.

    Events of one channel go one after the other, as people type them, unless a fault was asked for. The next one
    waits for the first answer to the one before, not for its retries.
    """

    def __init__(
        self, config: Config, store: Store, misbehaviour: Misbehaviour, *, notify: Callable[[Json], None]
    ) -> None:
        self._config = config
        self._store = store
        self._misbehaviour = misbehaviour
        self._notify = notify
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._running = False
        self.sockets: list[Socket] = []
        # Proxies from the environment are ignored: the app under test is on this machine or near it.
        self._client = httpx.AsyncClient(
            trust_env=False, follow_redirects=True, max_redirects=2, timeout=httpx.Timeout(60)
        )

    def start(self) -> None:
        self._running = True
        # Only events: nobody waits any longer for the answer to a button pressed before the restart.
        pending = "SELECT id FROM deliveries WHERE state = 'pending' AND event_id IS NOT NULL ORDER BY id"
        for delivery_id in self._store.column(pending):
            self._schedule(delivery_id)

    async def stop(self) -> None:
        self._running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.stop()
        await self._client.aclose()

    def send_event(self, envelope: Json, *, channel_id: str | None) -> None:
        """Store an event envelope and deliver it in the background."""
        event = envelope["event"]
        summary = ".".join(filter(None, (event["type"], event.get("subtype"))))
        where = {"event_id": envelope["event_id"], "channel_id": channel_id}
        delivery = self._record("events_api", summary, json.dumps(envelope), **where)
        if self._running:
            self._schedule(delivery)

    async def send_interaction(self, payload: Json) -> Answer:
        """Send a button press, view submission or shortcut and wait for the answer; Slack never retries it."""
        body = urlencode({"payload": json.dumps(payload)})
        channel_id = payload.get("channel", {}).get("id")
        return await self._once(self._record("interactive", payload["type"], body, channel_id=channel_id))

    async def send_command(self, form: Json) -> Answer:
        """Send a slash command and wait for the app's answer."""
        record = self._record("slash_commands", form["command"], urlencode(form), channel_id=form["channel_id"])
        return await self._once(record)

    async def verify_url(self, token: str, challenge: str) -> Answer:
        """Ask the events address to prove itself, as Slack does when the address is entered."""
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"})
        return await self._once(self._record("events_api", "url_verification", body))

    def _record(self, kind: Kind, summary: str, body: str, **where: str | None) -> int:
        content_type = JSON_TYPE if kind == "events_api" else FORM_TYPE
        url = {
            "events_api": self._config.events_url,
            "interactive": self._config.interactivity_url,
            "slash_commands": self._config.commands_url,
        }[kind]
        sent = {"url": url, "content_type": content_type, "body": body.encode(), "created": time.time()}
        return self._store.add("deliveries", kind=kind, summary=summary, state="pending", **sent, **where)

    def _schedule(self, delivery_id: int) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery_id, self._misbehaviour.plan_event()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _once(self, delivery_id: int) -> Answer:
        answer = await self._attempt(self._row(delivery_id), retry=0, reason="")
        self._finish(delivery_id, answer)
        return answer

    async def _deliver(self, delivery_id: int, plan: EventPlan) -> None:
        row = self._row(delivery_id)
        done = self._store.one("SELECT count(*) AS n FROM attempts WHERE delivery_id = ?", delivery_id)
        tries = done["n"] if done else 0
        if tries == 0:
            await asyncio.sleep(plan.hold_seconds)
            answer = await self._first_attempt(row, plan)
            tries = 1
        else:
            answer = Answer(None, reason="http_timeout")
        while not answer.ok and not answer.no_retry and tries <= len(RETRY_GAPS_SECONDS):
            await asyncio.sleep(RETRY_GAPS_SECONDS[tries - 1] / self._config.speed)
            async with self._slots:
                answer = await self._attempt(row, retry=tries, reason=answer.reason)
            tries += 1
        if plan.duplicate and answer.ok:
            async with self._slots:
                await self._attempt(row, retry=1, reason="http_timeout", duplicate=True)
        self._finish(delivery_id, answer)

    async def _first_attempt(self, row: sqlite3.Row, plan: EventPlan) -> Answer:
        if not plan.in_order:
            async with self._slots:
                return await self._attempt(row, retry=0, reason="")
        async with self._lanes[row["channel_id"] or ""], self._slots:
            return await self._attempt(row, retry=0, reason="")

    async def _attempt(self, row: sqlite3.Row, *, retry: int, reason: str, duplicate: bool = False) -> Answer:
        started = time.time()
        if self.sockets:
            answer = await self._by_socket(row, retry, reason)
        else:
            answer = await self._by_http(row, retry, reason)
        taken = {"at": started, "seconds": time.time() - started, "duplicate": int(duplicate)}
        outcome = {"status": answer.status, "reason": answer.reason or None}
        self._store.add("attempts", delivery_id=row["id"], number=retry, **taken, **outcome)
        return answer

    async def _by_http(self, row: sqlite3.Row, retry: int, reason: str) -> Answer:
        app = self._store.get_meta("app")
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": row["content_type"],
            "User-Agent": "Slackbot 1.0 (sandbox)",
            **signed_headers(app["signing_secret"], timestamp, row["body"]),
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        try:
            async with asyncio.timeout(self._config.answer_timeout_seconds):
                response = await self._client.post(row["url"], content=row["body"], headers=headers)
        except TimeoutError:
            return Answer(None, reason="http_timeout")
        except httpx.TooManyRedirects:
            return Answer(None, reason="too_many_redirects")
        except httpx.ConnectError as error:
            ssl = "SSL" in str(error) or "certificate" in str(error)
            return Answer(None, reason="ssl_error" if ssl else "connection_failed")
        except httpx.HTTPError:
            return Answer(None, reason="unknown_error")
        return Answer(
            response.status_code,
            response.content,
            response.headers.get("content-type", ""),
            reason="" if response.is_success else "http_error",
            no_retry=response.headers.get("x-slack-no-retry") == "1",
        )

    async def _by_socket(self, row: sqlite3.Row, retry: int, reason: str) -> Answer:
        socket = self.sockets.pop(0)
        self.sockets.append(socket)  # Any of the open connections may get it; take them in turn.
        try:
            async with asyncio.timeout(self._config.answer_timeout_seconds):
                return await socket.send(
                    row["kind"], _payload_of(row), {"retry_attempt": retry, "retry_reason": reason}
                )
        except TimeoutError:
            return Answer(None, reason="http_timeout")

    def _row(self, delivery_id: int) -> sqlite3.Row:
        row = self._store.one("SELECT * FROM deliveries WHERE id = ?", delivery_id)
        if row is None:
            raise LookupError(f"delivery {delivery_id} is gone")
        return row

    def _finish(self, delivery_id: int, answer: Answer) -> None:
        state = "delivered" if answer.ok else "failed"
        self._store.run("UPDATE deliveries SET state = ? WHERE id = ?", state, delivery_id)
        self._notify({"type": "delivery", "id": delivery_id, "state": state})


def _payload_of(row: sqlite3.Row) -> Json:
    """What a Socket Mode frame carries in place of the HTTP body."""
    if row["content_type"] == JSON_TYPE:
        payload: Json = json.loads(row["body"])
        return payload
    form = dict(httpx.QueryParams(row["body"].decode()))
    return json.loads(form["payload"]) if "payload" in form else dict(form)
