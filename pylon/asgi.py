"""One process, one port: Slack's requests and the live stream go to small apps, everything else to Django."""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pylon.settings")
# Every request has a thread of its own here: they share a pool instead of a connection each.
if "DATABASE_POOL_FILE" not in os.environ:
    os.environ.setdefault("DATABASE_POOL", "8")

# WhiteNoise hands its own small files over as plain iterators.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

from django.core.asgi import get_asgi_application  # noqa: E402 - the settings above come first

django = get_asgi_application()

from conversations import live  # noqa: E402 - both need Django set up
from integrations.slack import receive  # noqa: E402
from integrations.slack.receive import Receive, Scope, Send  # noqa: E402

SLACK = {"/slack/events", "/slack/interactivity", "/slack/commands"}


async def application(scope: Scope, receive_: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live_and_die(receive_, send)
    elif scope["type"] == "http" and scope["path"] in SLACK:
        await receive.application(scope, receive_, send)
    elif scope["type"] == "http" and scope["path"] == "/live/":
        await live.application(scope, receive_, send)
    else:
        await django(scope, receive_, send)  # type: ignore[arg-type]  # asgiref's own types, the same shapes


async def _live_and_die(receive_: Receive, send: Send) -> None:
    while True:
        message = await receive_()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await receive.application.close()
            await live.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
