"""Actions of people: writing, reacting, pressing buttons, filling in modals, running commands."""

from __future__ import annotations

from sandbox import channels, interactivity, message_objects, messages
from sandbox.asked import Asked, action, answered
from sandbox.errors import SlackError
from sandbox.store import Json


@action
async def post(asked: Asked) -> Json:
    """Write in a channel; ``thread_ts``, ``broadcast``, ``files`` and a past ``ts`` if wanted."""
    channel, user = asked.channel, asked.actor
    if not channels.is_member(asked.world.store, channel["id"], user["id"]):
        raise SlackError("not_in_channel")
    draft = messages.Draft(
        text=str(asked.body.get("text", "")),
        thread_ts=asked.body.get("thread_ts"),
        broadcast=bool(asked.body.get("broadcast")),
        extra=asked.body.get("extra"),
        files=tuple(asked.body.get("files", [])),
    )
    if not draft.text and not draft.files:
        raise SlackError("no_text")
    message = messages.post(asked.world, channel, user, draft, at=asked.at)
    return {"channel": channel["id"], "ts": message["ts"], "message": message}


@action
async def edit(asked: Asked) -> Json:
    channel, user, ts = asked.channel, asked.actor, asked.text("message_ts")
    _need_author(asked, ts)
    return {"message": messages.edit(asked.world, channel, ts, {"text": asked.text("text")}, by=user, at=asked.at)}


@action
async def delete(asked: Asked) -> Json:
    channel, user, ts = asked.channel, asked.actor, asked.text("message_ts")
    _need_author(asked, ts)
    messages.delete(asked.world, channel, ts, by=user, at=asked.at)
    return {}


@action
async def unfurl(asked: Asked) -> Json:
    """What Slack does some seconds after a link: ``message_changed`` with an attachment and the same text."""
    channel, ts = asked.channel, asked.text("message_ts")
    author = asked.user(message_objects.stored(asked.world.store, channel, ts)["user"])
    card = {"id": 1, "from_url": asked.text("url"), "title": asked.body.get("title", ""), "fallback": asked.body["url"]}
    return {"message": messages.edit(asked.world, channel, ts, {"attachments": [card]}, by=author)}


@action
async def react(asked: Asked) -> Json:
    where = (asked.channel, asked.text("message_ts"), asked.text("name"))
    messages.react(asked.world, *where, by=asked.actor, at=asked.at)
    return {}


@action
async def unreact(asked: Asked) -> Json:
    where = (asked.channel, asked.text("message_ts"), asked.text("name"))
    messages.unreact(asked.world, *where, by=asked.actor, at=asked.at)
    return {}


@action
async def press(asked: Asked) -> Json:
    """Press a button or choose in a menu: ``channel``, ``message_ts``, ``action_id``, ``as``, optionally ``value``."""
    return answered(
        await interactivity.press(
            asked.world,
            asked.channel,
            asked.text("message_ts"),
            asked.actor,
            asked.text("action_id"),
            block_id=asked.body.get("block_id"),
            value=asked.body.get("value"),
        )
    )


@action
async def press_in_view(asked: Asked) -> Json:
    return answered(
        await interactivity.press_in_view(
            asked.world,
            asked.text("view_id"),
            asked.actor,
            asked.text("action_id"),
            value=asked.body.get("value"),
            values=asked.body.get("values"),
        )
    )


@action
async def submit_view(asked: Asked) -> Json:
    """Submit a modal; ``values`` maps action ids to what was entered."""
    user, values = asked.actor, asked.body.get("values", {})
    return answered(await interactivity.submit_view(asked.world, asked.text("view_id"), user, values))


@action
async def close_view(asked: Asked) -> Json:
    answer = await interactivity.close_view(asked.world, asked.text("view_id"), asked.actor)
    return answered(answer) if answer is not None else {}


@action
async def shortcut(asked: Asked) -> Json:
    channel = asked.channel if asked.body.get("channel") else None
    callback_id, ts = asked.text("callback_id"), asked.body.get("message_ts")
    return answered(await interactivity.shortcut(asked.world, asked.actor, callback_id, channel=channel, ts=ts))


@action
async def command(asked: Asked) -> Json:
    """Run a slash command: ``text`` is the whole line, ``/pylon mine``."""
    user, line = asked.actor, asked.text("text")
    return answered(await interactivity.command(asked.world, asked.channel, user, line))


@action
async def open_home(asked: Asked) -> Json:
    interactivity.open_home(asked.world, asked.actor)
    return {}


def _need_author(asked: Asked, ts: str) -> None:
    if message_objects.stored(asked.world.store, asked.channel, ts).get("user") != asked.actor["id"]:
        raise SlackError("cant_update_message")
