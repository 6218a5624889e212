"""Live updates of the page: server-sent events that say what changed, not what it is now."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sandbox.world import World

KEEP_ALIVE_SECONDS = 15.0


async def stream(request: Request) -> Response:
    world: World = request.app.state.world
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(world), media_type="text/event-stream", headers=headers)


async def _lines(world: World) -> AsyncIterator[str]:
    with world.live.listener() as queue:
        yield "retry: 1000\n\n"
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    change = await queue.get()
                if change is None:
                    return
                yield f"data: {json.dumps(change)}\n\n"
            except TimeoutError:
                yield ": still here\n\n"
