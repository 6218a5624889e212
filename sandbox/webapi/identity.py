"""Who the app is and where: auth, api, team, bots, files."""

from __future__ import annotations

from sandbox import channels, files, people
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.webapi.registry import Call, method


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
