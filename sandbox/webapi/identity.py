"""Who the app is and where: auth, api, team, bots, files, oauth."""

from __future__ import annotations

import time

from sandbox import channels, files, people
from sandbox.errors import SlackError
from sandbox.seed import install
from sandbox.store import Json
from sandbox.webapi.registry import Call, method

CODE_LIFETIME_SECONDS = 600


@method("api.test", caller="anyone")
def api_test(call: Call) -> Json:
    if "error" in call.args:
        raise SlackError(str(call.args["error"]), args=call.args)
    return {"args": call.args}


@method("auth.test")
def auth_test(call: Call) -> Json:
    team, user = people.get_team(call.world.store, call.team_id), call.user
    return {
        "url": people.team_object(call.world.config.base_url, team)["url"],
        "team": team["name"],
        "user": user["name"],
        "team_id": team["id"],
        "user_id": user["id"],
        "bot_id": user["bot_id"],
        "app_id": user["app_id"],
        "is_enterprise_install": False,
    }


@method("team.info", "team:read")
def team_info(call: Call) -> Json:
    team_id = str(call.args.get("team") or call.team_id)
    return {"team": people.team_object(call.world.config.base_url, people.get_team(call.world.store, team_id))}


@method("bots.info", "users:read")
def bots_info(call: Call) -> Json:
    bot = call.world.store.one("SELECT * FROM users WHERE bot_id = ?", call.args.get("bot"))
    if bot is None:
        raise SlackError("bot_not_found")
    return {"bot": people.bot_object(call.world.config.base_url, bot)}


@method("files.info", "files:read")
def files_info(call: Call) -> Json:
    row = files.get_file(call.world.store, call.text("file"))
    if not channels.is_member(call.world.store, row["channel_id"], call.user_id):
        raise SlackError("file_not_found")
    shown = files.file_object(call.world.store, call.world.config.base_url, row)
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


@method("oauth.v2.access", caller="anyone")
def oauth_v2_access(call: Call) -> Json:
    """Exchange the code of the consent page for a bot token; a code works once."""
    world, app = call.world, call.world.app
    if call.args.get("client_id") != app["client_id"]:
        raise SlackError("invalid_client_id")
    if call.args.get("client_secret") != app["client_secret"]:
        raise SlackError("bad_client_secret")
    code = world.store.one("SELECT * FROM oauth_codes WHERE code = ?", call.args.get("code"))
    if code is None or time.time() - code["created"] > CODE_LIFETIME_SECONDS:
        raise SlackError("invalid_code")
    if code["redirect_uri"] != (call.args.get("redirect_uri") or ""):
        raise SlackError("bad_redirect_uri")
    with world.store.transaction():
        world.store.run("DELETE FROM oauth_codes WHERE code = ?", code["code"])
        token, bot_user = _grant(call, code["team_id"], code["scopes"].split(","))
    team = people.get_team(world.store, code["team_id"])
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": code["scopes"],
        "bot_user_id": bot_user,
        "app_id": app["id"],
        "team": {"id": team["id"], "name": team["name"]},
        "enterprise": None,
        "authed_user": {"id": code["user_id"]},
        "is_enterprise_install": False,
    }


def _grant(call: Call, team_id: str, scopes: list[str]) -> tuple[str, str]:
    """A token for the workspace: the old one with the new scopes on reinstalling, else a new bot."""
    store = call.world.store
    found = store.one("SELECT * FROM tokens WHERE kind = 'bot' AND team_id = ? ORDER BY rowid DESC", team_id)
    if found is not None:
        change = "UPDATE tokens SET revoked = 0, scopes = ? WHERE token = ?"
        store.run(change, ",".join(scopes), found["token"])
        return found["token"], found["user_id"]
    bot_user, token = store.next_id("U"), store.next_id("xoxb-sandbox-")
    install(
        store,
        call.world.app,
        team=team_id,
        bot_user=bot_user,
        bot=store.next_id("B"),
        token=token,
        scopes=scopes,
    )
    return token, bot_user
