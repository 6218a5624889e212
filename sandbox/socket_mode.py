"""Socket Mode: events and interactions over a websocket that the app opens.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.delivery import Answer, Kind
from sandbox.store import Json
from sandbox.world import World

CONNECTIONS_LIMIT = 10
CLOSING_SECONDS = 1.0
"""In which the app may open another connection; Slack gives it about ten."""


def new_address(world: World) -> str:
    """An address with a ticket that opens one connection."""
    ticket = secrets.token_urlsafe(16)
    world.tickets.add(ticket)
    return f"ws://{world.config.host}:{world.config.port}/link/?ticket={ticket}&app_id={world.app['id']}"


class Connection:
    """One open websocket; it remembers which envelopes wait for an acknowledgement."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._is_ending = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def send(self, kind: Kind, payload: Json, retry: Json) -> Answer:
        """Send one envelope and wait until the app acknowledges it."""
        envelope_id = str(uuid.uuid4())
        frame: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            frame |= retry
        acknowledged = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acknowledged
        try:
            await self._websocket.send_text(json.dumps(frame))
            payload = await acknowledged
        finally:
            del self._waiting[envelope_id]
        return Answer(200, json.dumps(payload).encode() if payload else b"", "application/json")

    def acknowledge(self, frame: Json) -> None:
        waiting = self._waiting.get(str(frame.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload") or {})

    async def disconnect(self) -> None:
        """Ask the app to connect again, as Slack does every few hours, and close soon after."""
        await self._websocket.send_text(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.has_ended.wait()
        self._is_ending.set()
        await self.has_ended.wait()

    async def listen(self) -> None:
        """Take acknowledgements until the app goes or `disconnect` was called."""
        ending = asyncio.create_task(self._is_ending.wait())
        hearing = asyncio.create_task(self._hear())
        await asyncio.wait({ending, hearing}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if hearing.done():
            hearing.result()
            return
        hearing.cancel()  # the server closes no socket from which somebody still wants to hear
        await self._websocket.close()

    async def _hear(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                self.acknowledge(json.loads(await self._websocket.receive_text()))


async def link(websocket: WebSocket) -> None:
    """``/link/``: one connection's life."""
    world: World = websocket.app.state.world
    ticket = websocket.query_params.get("ticket", "")
    if ticket not in world.tickets or len(world.outbox.sockets) >= CONNECTIONS_LIMIT:
        await websocket.close(code=1008)
        return
    world.tickets.discard(ticket)
    await websocket.accept()
    connection = Connection(websocket)
    hello = {
        "type": "hello",
        "num_connections": len(world.outbox.sockets) + 1,
        "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
        "connection_info": {"app_id": world.app["id"]},
    }
    await websocket.send_text(json.dumps(hello))
    world.outbox.sockets.append(connection)
    try:
        await connection.listen()
    finally:
        world.outbox.sockets.remove(connection)
        connection.has_ended.set()
