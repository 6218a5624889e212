"""The consent page of "Add to Slack": who installs the app, and into which workspace."""

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
<title>Add {app} to a workspace</title><link rel="stylesheet" href="/static/style.css">
<main class="consent"><h1>Add {app} to a workspace</h1>
<p>{app} asks for: {scopes}</p>
<form method="post"><label>Install as <select name="user_id">{people}</select></label>
<div class="row"><button class="primary">Allow</button>
<button name="deny" value="1">Cancel</button></div></form></main></html>"""


async def authorize(request: Request) -> Response:
    """``/oauth/v2/authorize``: show the page, then lead back with a code or a refusal."""
    world: World = request.app.state.world
    asked = request.query_params
    if asked.get("client_id") != world.app["client_id"] or not asked.get("redirect_uri"):
        return HTMLResponse("Unknown client_id, or no redirect_uri.", status_code=400)
    if request.method == "GET":
        return HTMLResponse(_page(world, dict(asked)))
    form = await request.form()
    back = {"state": asked.get("state", "")}
    if form.get("deny"):
        return _redirect(asked["redirect_uri"], back | {"error": "access_denied"})
    user = get_user(world.store, str(form.get("user_id")))
    code = secrets.token_urlsafe(24)
    scopes = asked.get("scope") or ",".join(world.app["scopes"])
    grant = {"team_id": user["team_id"], "user_id": user["id"], "scopes": scopes, "created": time.time()}
    world.store.add("oauth_codes", code=code, redirect_uri=asked["redirect_uri"], **grant)
    return _redirect(asked["redirect_uri"], back | {"code": code})


def _redirect(address: str, values: dict[str, str]) -> Response:
    joint = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{joint}{urlencode(values)}", status_code=302)


def _page(world: World, asked: dict[str, str]) -> str:
    query = """
        SELECT u.id, u.real_name || ' at ' || t.name AS label FROM users u JOIN teams t ON t.id = u.team_id
        WHERE u.bot_id IS NULL ORDER BY u.rowid
    """
    options = [(html.escape(row["id"]), html.escape(row["label"])) for row in world.store.all(query)]
    people = "".join(f'<option value="{user_id}">{label}</option>' for user_id, label in options)
    scopes = html.escape(asked.get("scope", "").replace(",", ", "))
    return PAGE.format(app=html.escape(world.app["name"]), scopes=scopes, people=people)
