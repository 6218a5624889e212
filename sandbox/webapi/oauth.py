"""Tokens for the consent page's codes, and new tokens for expiring ones.

Sources: https://docs.slack.dev/reference/methods/oauth.v2.access,
https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import secrets
import time

from sandbox import people
from sandbox.errors import SlackError
from sandbox.seed import install
from sandbox.store import Json
from sandbox.webapi.registry import Call, method

CODE_LIFETIME_SECONDS = 600


@method("oauth.v2.access", caller="anyone")
def oauth_v2_access(call: Call) -> Json:
    """A code of the consent page, or a refresh token, for a bot token; either works once."""
    app = call.world.app
    if call.args.get("client_id") != app["client_id"]:
        raise SlackError("invalid_client_id")
    if call.args.get("client_secret") != app["client_secret"]:
        raise SlackError("bad_client_secret")
    if call.args.get("grant_type") == "refresh_token":
        return _refresh(call)
    code = call.world.store.one("SELECT * FROM oauth_codes WHERE code = ?", call.args.get("code"))
    if code is None or time.time() - code["created"] > CODE_LIFETIME_SECONDS:
        raise SlackError("invalid_code")
    if code["redirect_uri"] != (call.args.get("redirect_uri") or ""):
        raise SlackError("bad_redirect_uri")
    with call.world.store.transaction():
        call.world.store.run("DELETE FROM oauth_codes WHERE code = ?", code["code"])
        granted = _grant(call, code["team_id"], code["scopes"].split(","))
        ends = _ends(call, granted["token"])
    return _answer(call, granted, code["user_id"]) | ends


def _refresh(call: Call) -> Json:
    """The old refresh token is spent; the access token that came with it works until its end."""
    store = call.world.store
    query = (
        "SELECT t.* FROM refresh_tokens r JOIN tokens t ON t.token = r.token WHERE r.refresh_token = ? AND NOT r.used"
    )
    old = store.one(query, call.text("refresh_token"))
    if old is None or old["revoked"]:
        raise SlackError("invalid_refresh_token")
    with store.transaction():
        store.run("UPDATE refresh_tokens SET used = 1 WHERE refresh_token = ?", call.text("refresh_token"))
        token = store.next_id("xoxe.xoxb-1-sandbox-")
        kept = {key: old[key] for key in ("kind", "app_id", "team_id", "user_id", "bot_id", "scopes")}
        store.add("tokens", token=token, **kept)
        ends = _ends(call, token)
    return _answer(call, kept | {"token": token}, old["user_id"]) | ends


def _answer(call: Call, granted: Json, authed_user: str) -> Json:
    """As Slack answers; an app for a whole organisation gets no team."""
    app, team = call.world.app, people.get_team(call.world.store, granted["team_id"])
    is_org_wide = bool(app.get("installs_org_wide"))
    return {
        "access_token": granted["token"],
        "token_type": "bot",
        "scope": granted["scopes"],
        "bot_user_id": granted["user_id"],
        "app_id": app["id"],
        "team": None if is_org_wide else {"id": team["id"], "name": team["name"]},
        "enterprise": {"id": "E0SANDBOX1", "name": f"{team['name']} Group"} if is_org_wide else None,
        "authed_user": {"id": authed_user},
        "is_enterprise_install": is_org_wide,
    }


def _grant(call: Call, team_id: str, scopes: list[str]) -> Json:
    """A token for the workspace. Reinstalling keeps the bot and, unless tokens rotate, its token."""
    store = call.world.store
    newest = "SELECT * FROM tokens WHERE kind = 'bot' AND team_id = ? ORDER BY rowid DESC"
    found = store.one(newest, team_id)
    token = store.next_id("xoxe.xoxb-1-sandbox-" if _rotates(call) else "xoxb-sandbox-")
    if found is None:
        bot = {"bot_user": store.next_id("U"), "bot": store.next_id("B")}
        install(store, call.world.app, team=team_id, token=token, scopes=scopes, **bot)
    elif _rotates(call):
        bot = {key: found[key] for key in ("kind", "app_id", "team_id", "user_id", "bot_id")}
        store.add("tokens", token=token, scopes=",".join(scopes), **bot)
    else:
        change = "UPDATE tokens SET revoked = 0, scopes = ? WHERE token = ?"
        store.run(change, ",".join(scopes), found["token"])
    granted = store.one(newest, team_id)
    if granted is None:
        raise SlackError("internal_error")
    return dict(granted)


def _ends(call: Call, token: str) -> Json:
    """When the token ends and what buys the next, where the app's tokens rotate."""
    if not _rotates(call):
        return {}
    refresh_token, seconds = f"xoxe-1-{secrets.token_hex(16)}", int(call.world.app["token_seconds"])
    call.world.store.add("refresh_tokens", refresh_token=refresh_token, token=token, ends=time.time() + seconds)
    return {"refresh_token": refresh_token, "expires_in": seconds}


def _rotates(call: Call) -> bool:
    return bool(call.world.app.get("token_rotation_enabled"))
