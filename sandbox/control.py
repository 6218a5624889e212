"""The control API: what people do in the sandbox, and what is asked of it in tests and on its page.

Every action is ``POST /sandbox/api/<action>`` with a JSON object; ``docs/sandbox.md`` lists them all.
"""

from __future__ import annotations

import sqlite3
from importlib import import_module

from sandbox.asked import ACTIONS, Asked
from sandbox.errors import SlackError, invalid_arguments
from sandbox.store import Json
from sandbox.world import World

for actions in ("talking", "arranging"):
    import_module(f"sandbox.{actions}")


async def run(world: World, name: str, body: Json) -> Json:
    """Do the action of that name."""
    found = ACTIONS.get(name)
    if found is None:
        raise SlackError("unknown_action")
    try:
        return await found(Asked(world, body))
    except sqlite3.IntegrityError as error:
        raise invalid_arguments(f"not possible: {error}") from error
