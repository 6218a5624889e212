"""Actions upon the world: workspaces, people, channels, memberships, the app, faults."""

from __future__ import annotations

import asyncio

from sandbox import membership, seed
from sandbox.asked import Asked, action, answered
from sandbox.errors import invalid_arguments
from sandbox.store import Json


@action
async def create_team(asked: Asked) -> Json:
    team = {"id": asked.body.get("id") or asked.world.store.next_id("T"), "name": asked.text("name")}
    team["domain"] = asked.body.get("domain") or team["name"].lower().replace(" ", "-")
    team["email_domain"] = asked.body.get("email_domain") or f"{team['domain']}.example"
    seed.add_team(asked.world.store, team)
    return {"team": team}


@action
async def create_user(asked: Asked) -> Json:
    """A person; ``team``, ``real_name`` and any field of the users table."""
    user = dict(asked.body) | {
        "id": asked.body.get("id") or asked.world.store.next_id("U"),
        "team_id": asked.team["id"],
    }
    user["real_name"] = asked.text("real_name")
    user["name"] = asked.body.get("name") or user["real_name"].split()[0].lower()
    seed.add_user(asked.world.store, user)
    asked.world.live.publish({"type": "people"})
    return {"user": user}


@action
async def create_channel(asked: Asked) -> Json:
    """``name``, ``team``, ``members`` (the first made it), ``shared_with`` (workspaces), ``private``."""
    members = [asked.user(member)["id"] for member in asked.body.get("members", [])]
    if not members:
        raise invalid_arguments("missing required field: members")
    channel = {
        "id": asked.body.get("id") or asked.world.store.next_id("C"),
        "team_id": asked.team["id"],
        "kind": "private" if asked.body.get("private") else "public",
        "name": asked.text("name").removeprefix("#"),
        "creator": members[0],
        "topic": asked.body.get("topic", ""),
        "members": list(dict.fromkeys(members)),
        "shared_with": [{"team": asked.named_team(shared)["id"]} for shared in asked.body.get("shared_with", [])],
    }
    with asked.world.store.transaction():
        seed.add_channel(asked.world.store, channel)
    membership.announce_made(asked.world, channel["id"])
    asked.world.live.publish({"type": "channel", "channel": channel["id"]})
    return {"channel": channel}


@action
async def invite(asked: Asked) -> Json:
    """Bring a person, or the app as ``"app"``, into a channel; ``by`` is who invites."""
    inviter = asked.user(asked.text("by"))["id"] if asked.body.get("by") else None
    user = asked.user(asked.text("user"))
    joined = membership.join(asked.world, asked.channel, user, inviter=inviter, at=asked.at)
    return {"joined": joined}


@action
async def leave(asked: Asked) -> Json:
    membership.leave(asked.world, asked.channel, asked.user(asked.text("user")), at=asked.at)
    return {}


@action
async def rename(asked: Asked) -> Json:
    membership.rename(asked.world, asked.channel, asked.text("name"), by=asked.actor)
    return {}


@action
async def archive(asked: Asked) -> Json:
    """Archive a channel, or with ``"archived": false`` bring it back."""
    archived = asked.body.get("archived", True)
    membership.set_archived(asked.world, asked.channel, archived=archived, by=asked.actor)
    return {}


@action
async def share(asked: Asked) -> Json:
    membership.share(asked.world, asked.channel, asked.team["id"], name=asked.body.get("name"))
    return {}


@action
async def unshare(asked: Asked) -> Json:
    membership.unshare(asked.world, asked.channel, asked.team["id"])
    return {}


@action
async def change_user(asked: Asked) -> Json:
    """``user`` and ``changes``, an object of profile fields."""
    membership.change_user(asked.world, asked.user(asked.text("user")), asked.body.get("changes", {}))
    return {}


@action
async def uninstall(asked: Asked) -> Json:
    membership.uninstall(asked.world, asked.team["id"])
    return {}


@action
async def change_app(asked: Asked) -> Json:
    """Change the app's subscriptions, commands, shortcuts or secrets; and ``scopes`` for every token."""
    app = asked.world.app
    unknown = asked.body.keys() - app.keys()
    if unknown:
        raise invalid_arguments(f"unknown app fields: {', '.join(sorted(unknown))}")
    asked.world.store.set_meta("app", app | asked.body)
    if "scopes" in asked.body:
        asked.world.store.run("UPDATE tokens SET scopes = ? WHERE kind = 'bot'", ",".join(asked.body["scopes"]))
    return {"app": asked.world.app}


@action
async def verify_url(asked: Asked) -> Json:
    """Send ``url_verification``; ``verified`` says whether the challenge came back."""
    challenge = str(asked.body.get("challenge") or asked.world.store.next_id("challenge-"))
    answer = await asked.world.outbox.verify_url(asked.world.app["verification_token"], challenge)
    echoed = answer.json().get("challenge") or answer.body.decode(errors="replace").strip()
    return answered(answer) | {"verified": answer.ok and echoed == challenge}


@action
async def misbehave(asked: Asked) -> Json:
    """Replace the faults; an empty object ends them all."""
    asked.world.misbehaviour.change(asked.body)
    return {"misbehaviour": asked.world.misbehaviour.describe()}


@action
async def drop_sockets(asked: Asked) -> Json:
    """Close every Socket Mode connection, as Slack does when it refreshes them."""
    closing = list(asked.world.outbox.sockets)
    await asyncio.gather(*(socket.disconnect() for socket in closing))
    return {"closed": len(closing)}
