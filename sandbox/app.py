"""The addresses of the sandbox."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import files, people, reading, response_urls
from sandbox.app_page import app_page
from sandbox.channels import is_member
from sandbox.control import run
from sandbox.errors import SlackError
from sandbox.live import stream
from sandbox.oauth import authorize, authorize_sign_in
from sandbox.openid import configuration, keys
from sandbox.socket_mode import link
from sandbox.store import Json
from sandbox.story import play
from sandbox.webapi.dispatch import web_api
from sandbox.world import World

log = logging.getLogger("sandbox")
STATIC = Path(__file__).parent / "static"
READINGS = {"messages": reading.channel_messages, "views": reading.person_views, "log": reading.log}


def create_app(world: World) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        world.outbox.start()
        yield
        world.store.close()

    app = Starlette(
        lifespan=lifespan,
        middleware=[Middleware(SameOriginOnly)],
        routes=[
            Route("/", page),
            Route("/healthz", healthz),
            Route("/api/{method}", web_api, methods=["GET", "POST"]),
            Route("/response/{secret}", response_url, methods=["POST"]),
            Route("/apps", app_page),
            Route("/oauth/v2/authorize", authorize, methods=["GET", "POST"]),
            Route("/openid/connect/authorize", authorize_sign_in, methods=["GET", "POST"]),
            Route("/openid/connect/keys", keys),
            Route("/.well-known/openid-configuration", configuration),
            Route("/archives/{channel}/{message}", permalink),
            Route("/avatar/{owner}.svg", avatar),
            Route("/files-pri/{file_id}/{rest:path}", private_file),
            Route("/files-tmb/{file_id}/{rest:path}", private_file),
            Route("/files/{user_id}/{file_id}/{name}", shown_file),
            Route("/sandbox/reset", reset, methods=["POST"]),
            Route("/sandbox/story", story, methods=["POST"]),
            Route("/sandbox/api/stream", stream),
            Route("/sandbox/api/state", show_state),
            Route("/sandbox/api/{name}", read, methods=["GET"]),
            Route("/sandbox/api/{name}", control, methods=["POST"]),
            WebSocketRoute("/link/", link),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={SlackError: refused, Exception: broken},
    )
    app.state.world = world
    return app


class SameOriginOnly:
    """Refuses what a foreign web page in the same browser tries to do here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Request(scope).headers
            origin, host = headers.get("origin"), headers.get("host")
            if origin and origin.partition("://")[2] != host:
                await PlainTextResponse("another site's page", status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def page(_request: Request) -> Response:
    return FileResponse(STATIC / "index.html")


async def healthz(_request: Request) -> Response:
    return JSONResponse({"ok": True})


async def permalink(request: Request) -> Response:
    """Lead a message's permalink to the page."""
    channel, message = request.path_params["channel"], request.path_params["message"]
    digits = message.removeprefix("p")
    root = request.query_params.get("thread_ts")
    thread = f"&thread={root}" if root and root.replace(".", "").isdigit() else ""
    if not digits.isdigit() or not channel.isalnum():
        return PlainTextResponse("not a message", status_code=404)
    return RedirectResponse(f"/?channel={channel}&ts={digits[:-6]}.{digits[-6:]}{thread}")


async def avatar(request: Request) -> Response:
    store, owner = _world(request).store, request.path_params["owner"]
    row = store.one("SELECT real_name, color FROM users WHERE id = ?", owner)
    name, colour = (row["real_name"], row["color"]) if row is not None else ("", people.COLOURS[-1])
    headers = {"Cache-Control": "max-age=86400"}
    return Response(people.avatar_svg(name, colour), media_type="image/svg+xml", headers=headers)


async def private_file(request: Request) -> Response:
    """``url_private``: the file's content, for a bot token whose bot is in the file's channel."""
    world = _world(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    caller = world.store.one("SELECT user_id FROM tokens WHERE token = ? AND NOT revoked", token)
    row = files.get_file(world.store, request.path_params["file_id"].rpartition("-")[2])
    if caller is None or not is_member(world.store, row["channel_id"], caller["user_id"]):
        return PlainTextResponse("sign in", status_code=403)
    return _download(row["content"], row["mimetype"])


async def shown_file(request: Request) -> Response:
    """A file's page for people of the sandbox."""
    row = files.get_file(_world(request).store, request.path_params["file_id"])
    return _download(row["content"], row["mimetype"])


async def response_url(request: Request) -> Response:
    try:
        body: Json = json.loads(await request.body())
        response_urls.answer(_world(request), request.path_params["secret"], body)
    except ValueError:
        return PlainTextResponse("invalid_payload", status_code=400)
    except SlackError as error:
        return PlainTextResponse(error.code, status_code=404)
    return PlainTextResponse("ok")


async def reset(request: Request) -> Response:
    await _world(request).reset()
    return JSONResponse({"ok": True})


async def story(request: Request) -> Response:
    body = await _body(request)
    told = await play(_world(request), str(body.get("name", "")), again=bool(body.get("again")))
    return JSONResponse({"ok": True} | told)


async def show_state(request: Request) -> Response:
    return JSONResponse({"ok": True} | reading.state(_world(request)))


async def read(request: Request) -> Response:
    reader = READINGS.get(request.path_params["name"])
    if reader is None:
        raise SlackError("unknown_action")
    return JSONResponse({"ok": True} | reader(_world(request), dict(request.query_params)))


async def control(request: Request) -> Response:
    done = await run(_world(request), request.path_params["name"], await _body(request))
    return JSONResponse({"ok": True} | done)


async def refused(_request: Request, error: Exception) -> Response:
    details = error.details if isinstance(error, SlackError) else {}
    return JSONResponse({"ok": False, "error": str(error)} | details, status_code=400)


async def broken(request: Request, error: Exception) -> Response:
    """A fault of the sandbox itself: shown in its output, so that nobody looks for it in the app."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse({"ok": False, "error": "internal_error"}, status_code=500)


async def _body(request: Request) -> Json:
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("invalid_json")
    return body


def _download(content: bytes, mimetype: str) -> Response:
    """A file as people sent it; never run as a page of this site."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    inline = mimetype.startswith("image/") and mimetype != "image/svg+xml"
    headers["Content-Disposition"] = "inline" if inline else "attachment"
    return Response(content, media_type=mimetype, headers=headers)


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world
