"""The app's page, as on Slack's site for apps: what a manifest asks for, and the credentials to paste."""

from __future__ import annotations

import html
import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.store import Json
from sandbox.world import World

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{app}</title><link rel="stylesheet" href="/static/style.css">
<main class="consent"><h1>{app}</h1>
<p>The sandbox has one app, and it is made already. {asked}</p>
<h2>App Credentials</h2><dl>{credentials}</dl></main></html>"""
CREDENTIALS = {
    "App ID": "id",
    "Client ID": "client_id",
    "Client Secret": "client_secret",
    "Signing Secret": "signing_secret",
    "App-level token": "app_token",
}


async def app_page(request: Request) -> Response:
    """``/apps?new_app=1&manifest_json=…``: nothing is changed; ``change-app`` does that."""
    world: World = request.app.state.world
    app = world.app
    rows = "".join(f"<dt>{name}</dt><dd><code>{html.escape(app[key])}</code></dd>" for name, key in CREDENTIALS.items())
    asked = _asked(request.query_params.get("manifest_json", ""))
    return HTMLResponse(PAGE.format(app=html.escape(app["name"]), asked=html.escape(asked), credentials=rows))


def _asked(manifest_json: str) -> str:
    """What the manifest would have, in one sentence."""
    try:
        manifest: Json = json.loads(manifest_json or "{}")
        scopes = manifest["oauth_config"]["scopes"]["bot"]
        events = manifest["settings"]["event_subscriptions"]["bot_events"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f"The manifest asks for these permissions ({', '.join(scopes)}) and {len(events)} events."
