"""Plays a story: a list of steps in a JSON file, told at times relative to now.

A step is one control action with ``at`` and, for the common case of a message, little else::

    {"at": "-2d 14:05", "as": "mia.tanaka", "in": "ext-globex", "text": "...", "id": "export", "thread": "other"}

``id`` names a message so that later steps can mean it: ``thread`` replies to it, ``on`` acts upon it.
"""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.control import run
from sandbox.errors import SlackError, invalid_arguments
from sandbox.store import Json
from sandbox.world import World

FOLDER = Path(__file__).parent / "stories"
CLOCK = re.compile(r"-(\d+)d (\d{1,2}):(\d{2})")
AGO = re.compile(r"-(?:(\d+)h)?(?:(\d+)m)?")


async def play(world: World, name: str, *, again: bool = False) -> Json:
    """Play a story once per home, or again when asked to."""
    path = FOLDER / f"{name}.json"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.exists():
        raise SlackError("story_not_found")
    played = world.store.get_meta("stories", [])
    if name in played and not again:
        return {"played": False, "steps": 0}
    steps: list[Json] = json.loads(path.read_text(encoding="utf-8"))["steps"]
    now = time.time()
    named: dict[str, str] = {}
    with world.store.transaction():
        for step in steps:
            await _tell(world, step, now, named)
        world.store.set_meta("stories", [*played, name])
    return {"played": True, "steps": len(steps)}


def moment(text: str, now: float) -> float:
    """``-2d 14:05`` is that time of day (UTC) two days ago; ``-3h10m`` and ``-25m`` are so long ago."""
    clock = CLOCK.fullmatch(text)
    if clock:
        days, hour, minute = (int(part) for part in clock.groups())
        day = datetime.fromtimestamp(now, UTC) - timedelta(days=days)
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp()
    ago = AGO.fullmatch(text)
    if ago is None or not any(ago.groups()):
        raise invalid_arguments(f"not a time of a story: {text}")
    hours, minutes = (int(part or 0) for part in ago.groups())
    return now - timedelta(hours=hours, minutes=minutes).total_seconds()


async def _tell(world: World, step: Json, now: float, named: dict[str, str]) -> None:
    body = {key: value for key, value in step.items() if key not in {"at", "do", "in", "id", "thread", "on"}}
    body["ts"] = f"{moment(step['at'], now):.6f}"
    if "in" in step:
        body["channel"] = step["in"]
    if "thread" in step:
        body["thread_ts"] = named[step["thread"]]
    if "on" in step:
        body["message_ts"] = named[step["on"]]
    answer = await run(world, step.get("do", "post"), body)
    if "id" in step:
        named[step["id"]] = answer["ts"]
