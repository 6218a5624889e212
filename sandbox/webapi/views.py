"""views.*"""

from __future__ import annotations

import sqlite3

from sandbox import people, views
from sandbox.errors import SlackError, invalid_arguments
from sandbox.store import Json
from sandbox.webapi.registry import Call, method


@method("views.open")
def views_open(call: Call) -> Json:
    view = _modal(call)
    trigger = views.use_trigger(call.world.store, call.text("trigger_id"))
    return {"view": views.open_modal(call.world, view, user_id=trigger["user_id"], team_id=call.team_id)}


@method("views.push")
def views_push(call: Call) -> Json:
    view = _modal(call)
    trigger = views.use_trigger(call.world.store, call.text("trigger_id"))
    if trigger["view_id"] is None:
        raise SlackError("not_found")
    below = views.find(call.world.store, view_id=trigger["view_id"])
    opened = views.open_modal(call.world, view, user_id=trigger["user_id"], team_id=call.team_id, previous=below)
    return {"view": opened}


@method("views.update")
def views_update(call: Call) -> Json:
    view, row = views.parse_view(call.args.get("view")), _named(call)
    return {"view": views.update(call.world, row, view, view_hash=call.args.get("hash"))}


@method("views.publish")
def views_publish(call: Call) -> Json:
    view = views.parse_view(call.args.get("view"))
    if view["type"] != "home":
        raise invalid_arguments("view must be a home view")
    user = people.get_user(call.world.store, call.text("user_id"))
    return {"view": views.publish_home(call.world, view, user_id=user["id"], team_id=call.team_id)}


def _modal(call: Call) -> Json:
    view = views.parse_view(call.args.get("view"))
    if view["type"] != "modal":
        raise invalid_arguments("view must be a modal")
    return view


def _named(call: Call) -> sqlite3.Row:
    return views.find(call.world.store, view_id=call.args.get("view_id"), external_id=call.args.get("external_id"))
