"""One call from request to answer: arguments, faults asked for, token, scopes, the method, the log."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from importlib import import_module

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.errors import SlackError
from sandbox.misbehaviour import CallRule
from sandbox.store import Json
from sandbox.webapi.registry import METHODS, Call, Entry
from sandbox.world import World

for family in ("identity", "oauth", "openid", "users", "conversations", "chat", "views", "connections"):
    import_module(f"sandbox.webapi.{family}")

HIDDEN = ("token", "client_secret", "refresh_token", "code")
HIDDEN_ANSWERS = ("access_token", "refresh_token", "id_token")


async def web_api(request: Request) -> Response:
    """``/api/<method>``: GET or POST, form or JSON."""
    world: World = request.app.state.world
    name = request.path_params["method"]
    args = _with_basic_credentials(request, await _arguments(request))
    token = _token(request, args)
    team_id = _team_of(world, token)
    fault = world.misbehaviour.fault_for(name, args)
    if fault is not None and fault.fault == "slow":
        await asyncio.sleep(fault.timeout_seconds)
    elif fault is not None and fault.fault != "lost":
        response = await _misbehave(fault)
        refusal = {"ok": False, "error": fault.fault}
        _log(world, name, args, refusal, team_id=team_id, status=response.status_code)
        return response
    answer = _answer(world, name, args, token)
    if fault is not None and fault.fault == "lost":
        _log(world, name, args, answer, team_id=team_id, status=502)
        return PlainTextResponse("upstream gone", status_code=502)
    _log(world, name, args, answer, team_id=team_id)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"} | _scopes(world, token))


def _answer(world: World, name: str, args: Json, token: str) -> Json:
    entry = METHODS.get(name)
    if entry is None:
        return {"ok": False, "error": "unknown_method", "req_method": name}
    try:
        return {"ok": True} | entry.run(_call(world, entry, args, token))
    except SlackError as error:
        return {"ok": False, "error": error.code} | error.details


def _call(world: World, entry: Entry, args: Json, token: str) -> Call:
    """Who calls; refuses a missing, unknown, revoked or wrong token and a missing scope."""
    if entry.caller == "anyone":
        return Call(world=world, args=args, caller="anyone", team_id="", user_id="", scopes=frozenset())
    if not token:
        raise SlackError("not_authed")
    row = world.store.one("SELECT * FROM tokens WHERE token = ?", token)
    if row is None:
        raise SlackError("invalid_auth")
    if row["revoked"]:
        raise SlackError("account_inactive")
    if world.store.one("SELECT 1 FROM refresh_tokens WHERE token = ? AND ends < ?", token, time.time()):
        raise SlackError("token_expired")
    if row["kind"] != entry.caller:
        raise SlackError("not_allowed_token_type")
    scopes = frozenset(filter(None, row["scopes"].split(",")))
    if entry.scopes and not entry.scopes & scopes:
        needed, provided = ",".join(sorted(entry.scopes)), ",".join(sorted(scopes))
        raise SlackError("missing_scope", needed=needed, provided=provided)
    return Call(
        world=world,
        args=args,
        caller=entry.caller,
        team_id=row["team_id"] or "",
        user_id=row["user_id"] or "",
        scopes=scopes,
    )


async def _arguments(request: Request) -> Json:
    """Query, then body; values in a form that hold JSON stay strings until the method reads them."""
    args: Json = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if request.method == "POST" and content_type == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = {}
        args |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        form = await request.form()
        args |= {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    return args


def _with_basic_credentials(request: Request, args: Json) -> Json:
    """Client id and secret may come as HTTP Basic credentials, as the SDKs send them."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return args
    try:
        client_id, _, client_secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return args
    return args | {"client_id": client_id, "client_secret": client_secret}


def _token(request: Request, args: Json) -> str:
    given = str(args.pop("token", "") or "")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else given


def _scopes(world: World, token: str) -> dict[str, str]:
    """What the token may do, as Slack says with each answer to a known one."""
    row = world.store.one("SELECT scopes FROM tokens WHERE token = ?", token)
    return {"X-OAuth-Scopes": row["scopes"]} if row is not None else {}


def _team_of(world: World, token: str) -> str | None:
    row = world.store.one("SELECT team_id FROM tokens WHERE token = ?", token)
    return row["team_id"] if row is not None else None


async def _misbehave(fault: CallRule) -> Response:
    if fault.fault == "rate_limited":
        headers = {"Retry-After": str(fault.retry_after_seconds)}
        return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)
    if fault.fault == "timeout":
        await asyncio.sleep(fault.timeout_seconds)
        return PlainTextResponse("upstream timed out", status_code=504)
    return PlainTextResponse("upstream error", status_code=503)


def _log(world: World, name: str, args: Json, answer: Json, *, team_id: str | None, status: int = 200) -> None:
    """Keep the call; secrets are left out."""
    shown = {key: value for key, value in args.items() if key not in HIDDEN}
    told = answer | {key: "(hidden)" for key in HIDDEN_ANSWERS if key in answer}
    row = {"at": time.time(), "method": name, "team_id": team_id, "status": status}
    call_id = world.store.add("calls", **row, args=json.dumps(shown), answer=json.dumps(told))
    world.live.publish({"type": "call", "id": call_id})
