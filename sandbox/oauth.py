"""The consent pages of "Add to Slack" and "Sign in with Slack": who it is, and of which workspace."""

from __future__ import annotations

import html
import secrets
import time
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.people import get_user
from sandbox.world import World

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/static/style.css">
<main class="consent"><h1>{title}</h1>
<p>{app} asks for: {scopes}</p>
<form method="post"><label>{label} <select name="user_id">{people}</select></label>
<div class="row"><button class="primary">Allow</button>
<button name="deny" value="1">Cancel</button></div></form></main></html>"""


async def authorize(request: Request) -> Response:
    """``/oauth/v2/authorize``: show the page, then lead back with a code or a refusal."""
    world: World = request.app.state.world
    asked = request.query_params
    scopes = asked.get("scope") or ",".join(world.app["scopes"])
    words = {"title": f"Add {world.app['name']} to a workspace", "label": "Install as"}
    return await _consent(request, "oauth_codes", words, scopes=scopes)


async def authorize_sign_in(request: Request) -> Response:
    """``/openid/connect/authorize``: the same, for who a person is."""
    world: World = request.app.state.world
    asked = request.query_params
    scopes = asked.get("scope", "").replace(",", " ").split()
    if asked.get("response_type") != "code" or "openid" not in scopes:
        return HTMLResponse("response_type must be code, and scope must hold openid.", status_code=400)
    words = {"title": f"Sign in to {world.app['name']}", "label": "Sign in as"}
    return await _consent(request, "openid_codes", words, scopes=",".join(scopes), nonce=asked.get("nonce", ""))


async def _consent(request: Request, table: str, words: dict[str, str], **kept: str) -> Response:
    world: World = request.app.state.world
    asked = request.query_params
    if asked.get("client_id") != world.app["client_id"] or not asked.get("redirect_uri"):
        return HTMLResponse("Unknown client_id, or no redirect_uri.", status_code=400)
    if request.method == "GET":
        return HTMLResponse(_page(world, dict(asked), words))
    form = await request.form()
    back = {"state": asked.get("state", "")}
    if form.get("deny"):
        return _redirect(asked["redirect_uri"], back | {"error": "access_denied"})
    user = get_user(world.store, str(form.get("user_id")))
    code = secrets.token_urlsafe(24)
    grant = {"team_id": user["team_id"], "user_id": user["id"], "created": time.time()}
    world.store.add(table, code=code, redirect_uri=asked["redirect_uri"], **grant, **kept)
    return _redirect(asked["redirect_uri"], back | {"code": code})


def _redirect(address: str, values: dict[str, str]) -> Response:
    joint = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{joint}{urlencode(values)}", status_code=302)


def _page(world: World, asked: dict[str, str], words: dict[str, str]) -> str:
    query = """
        SELECT u.id, u.real_name || ' at ' || t.name AS label FROM users u JOIN teams t ON t.id = u.team_id
        WHERE u.bot_id IS NULL ORDER BY u.rowid
    """
    options = [(html.escape(row["id"]), html.escape(row["label"])) for row in world.store.all(query)]
    people = "".join(f'<option value="{user_id}">{label}</option>' for user_id, label in options)
    scopes = html.escape(asked.get("scope", "").replace(",", ", "))
    said = {name: html.escape(text) for name, text in words.items()}
    return PAGE.format(app=html.escape(world.app["name"]), scopes=scopes, people=people, **said)
