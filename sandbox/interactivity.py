"""What people do with the app: buttons and menus, modals, shortcuts, slash commands.

Each sends a signed request and waits for the app's answer, as Slack's own client does.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from sandbox import channels, message_objects, people, response_urls, views
from sandbox.delivery import Answer
from sandbox.elements import action, find_element, state_values
from sandbox.errors import SlackError, invalid_arguments
from sandbox.events import emit_to_team, installations, listener
from sandbox.store import Json
from sandbox.world import World


async def press(
    world: World,
    channel: sqlite3.Row,
    ts: str,
    user: sqlite3.Row,
    action_id: str,
    *,
    block_id: str | None = None,
    value: Any = None,
) -> Answer:
    """Press a button, or choose `value` in a menu, of a message. People of other workspaces can do this too."""
    _need_member(world, channel, user)
    hidden = response_urls.ephemeral(world, channel["id"], ts, user["id"])
    message = hidden or message_objects.read(world, channel, ts)
    block, element = find_element(message.get("blocks", []), action_id, block_id)
    installation = listener(world.store, channel) or _installation(world, user["team_id"])
    team_id = installation["team_id"]
    container = {
        "type": "message",
        "message_ts": ts,
        "channel_id": channel["id"],
        "is_ephemeral": bool(hidden),
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    payload = _payload(world, "block_actions", user, team_id) | {
        "container": container,
        "channel": {"id": channel["id"], "name": channels.name_for(world.store, channel, team_id)},
        "state": {"values": {}},
        "response_url": response_urls.create(
            world, team_id=team_id, channel_id=channel["id"], user_id=user["id"], message_ts=ts
        ),
        "actions": [action(block, element, value, f"{time.time():.6f}")],
    }
    if not hidden:
        payload["message"] = message_objects.for_team(world, channel, message, team_id)
    return await world.outbox.send_interaction(payload)


async def press_in_view(
    world: World,
    view_id: str,
    user: sqlite3.Row,
    action_id: str,
    *,
    value: Any = None,
    values: Json | None = None,
) -> Answer:
    """Press or choose in a modal or Home view; `values` is what its fields hold at that moment."""
    row = _own_view(world, view_id, user)
    view: Json = json.loads(row["body"])
    block, element = find_element(view["blocks"], action_id)
    entered = (values or {}) | ({action_id: value} if value is not None else {})
    view["state"] = {"values": state_values(view["blocks"], entered)}
    payload = _payload(world, "block_actions", user, row["team_id"], view_id=view_id) | {
        "container": {"type": "view", "view_id": view_id},
        "view": view,
        "actions": [action(block, element, value, f"{time.time():.6f}")],
    }
    return await world.outbox.send_interaction(payload)


async def submit_view(world: World, view_id: str, user: sqlite3.Row, values: Json) -> Answer:
    """Submit a modal. An empty answer closes it; ``response_action`` may show errors, update, push or clear."""
    row = _own_view(world, view_id, user)
    view: Json = json.loads(row["body"])
    view["state"] = {"values": state_values(view["blocks"], values)}
    payload = _payload(world, "view_submission", user, row["team_id"], view_id=view_id)
    answer = await world.outbox.send_interaction(payload | {"view": view, "response_urls": []})
    if answer.ok:
        _after_submission(world, row, answer.json())
    return answer


async def close_view(world: World, view_id: str, user: sqlite3.Row) -> Answer | None:
    """Close a modal; the app hears of it when it asked to."""
    row = _own_view(world, view_id, user)
    views.close(world, row)
    view: Json = json.loads(row["body"])
    if not view["notify_on_close"]:
        return None
    payload = _payload(world, "view_closed", user, row["team_id"])
    return await world.outbox.send_interaction(payload | {"view": view, "is_cleared": False})


async def shortcut(
    world: World,
    user: sqlite3.Row,
    callback_id: str,
    *,
    channel: sqlite3.Row | None = None,
    ts: str | None = None,
) -> Answer:
    """Run a message shortcut, or a global one when no message is given; only where the app is installed."""
    installation = _installation(world, user["team_id"])
    kind = "message_action" if channel is not None else "shortcut"
    payload = _payload(world, kind, user, installation["team_id"])
    payload |= {"callback_id": callback_id, "action_ts": f"{time.time():.6f}"}
    if channel is not None:
        _need_member(world, channel, user)
        message = message_objects.read(world, channel, ts or "")
        payload |= {
            "channel": {
                "id": channel["id"],
                "name": channels.name_for(world.store, channel, user["team_id"]),
            },
            "message_ts": ts,
            "message": message_objects.for_team(world, channel, message, user["team_id"]),
            "response_url": response_urls.create(
                world, team_id=user["team_id"], channel_id=channel["id"], user_id=user["id"], message_ts=ts
            ),
        }
    return await world.outbox.send_interaction(payload)


async def command(world: World, channel: sqlite3.Row, user: sqlite3.Row, line: str) -> Answer:
    """Run a slash command such as ``/pylon mine``; an answer with text is shown at once."""
    name, _, text = line.partition(" ")
    if name not in world.app["commands"]:
        raise invalid_arguments(f"{name} is not a command of the app")
    _need_member(world, channel, user)
    team_id = _installation(world, user["team_id"])["team_id"]
    response_url = response_urls.create(world, team_id=team_id, channel_id=channel["id"], user_id=user["id"])
    answer = await world.outbox.send_command(
        {
            "token": world.app["verification_token"],
            "team_id": team_id,
            "team_domain": people.get_team(world.store, team_id)["domain"],
            "channel_id": channel["id"],
            "channel_name": channels.name_for(world.store, channel, team_id) or "directmessage",
            "user_id": user["id"],
            "user_name": user["name"],
            "command": name,
            "text": text,
            "api_app_id": world.app["id"],
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": views.new_trigger(world.store, user["id"], team_id),
        }
    )
    said = _said(answer)
    if answer.ok and said:
        place = world.store.one("SELECT * FROM response_urls WHERE id = ?", response_url.rsplit("/", 1)[1])
        if place is not None:
            response_urls.show(world, place, said)
    return answer


def open_home(world: World, user: sqlite3.Row) -> None:
    """Look at the app's Home tab."""
    installation = _installation(world, user["team_id"])
    at = time.time()
    channel, _ = channels.open_im(world.store, installation["team_id"], installation["user_id"], user["id"], int(at))
    event: Json = {"type": "app_home_opened", "user": user["id"], "channel": channel["id"], "tab": "home"}
    home = views.home_for(world.store, user["id"])
    event |= {"event_ts": f"{at:.6f}"} | ({"view": home} if home else {})
    emit_to_team(world, installation["team_id"], event, at=at)


def _after_submission(world: World, row: sqlite3.Row, answer: Json) -> None:
    wanted = answer.get("response_action")
    if wanted is None:
        views.close(world, row)
    elif wanted == "clear":
        views.close(world, row, whole_stack=True)
    elif wanted == "update":
        views.update(world, row, views.parse_view(answer.get("view")))
    elif wanted == "push":
        pushed = views.parse_view(answer.get("view"))
        views.open_modal(world, pushed, user_id=row["user_id"], team_id=row["team_id"], previous=row)


def _payload(world: World, kind: str, user: sqlite3.Row, team_id: str, *, view_id: str | None = None) -> Json:
    """What every interaction carries; `team` is the installation's, the user's own is in ``user.team_id``."""
    return {
        "type": kind,
        "user": {
            "id": user["id"],
            "username": user["name"],
            "name": user["name"],
            "team_id": user["team_id"],
        },
        "api_app_id": world.app["id"],
        "token": world.app["verification_token"],
        "trigger_id": views.new_trigger(world.store, user["id"], team_id, view_id=view_id),
        "team": {"id": team_id, "domain": people.get_team(world.store, team_id)["domain"]},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _said(answer: Answer) -> Json:
    """A command's immediate words: JSON, or plain text."""
    if "json" in answer.content_type:
        return answer.json()
    text = answer.body.decode(errors="replace").strip()
    return {"text": text} if text else {}


def _installation(world: World, team_id: str) -> sqlite3.Row:
    for found in installations(world.store):
        if found["team_id"] == team_id:
            return found
    raise SlackError("app_not_installed")


def _need_member(world: World, channel: sqlite3.Row, user: sqlite3.Row) -> None:
    if not channels.is_member(world.store, channel["id"], user["id"]):
        raise SlackError("not_in_channel")


def _own_view(world: World, view_id: str, user: sqlite3.Row) -> sqlite3.Row:
    row = views.find(world.store, view_id=view_id)
    if row["user_id"] != user["id"]:
        raise SlackError("not_found")
    return row
