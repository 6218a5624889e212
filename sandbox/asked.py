"""What an action of the control API is asked: the fields of its body, found in the world.

People, channels and workspaces may be named by id or by name: ``"dana"``, ``"#ext-globex"``, ``"Globex"``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox import channels, people
from sandbox.delivery import Answer
from sandbox.errors import SlackError, invalid_arguments
from sandbox.store import Json
from sandbox.world import World

HOME_TEAM = "T0ACME001"


@dataclass(frozen=True)
class Asked:
    world: World
    body: Json

    def text(self, name: str) -> str:
        """A required field."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    @property
    def actor(self) -> sqlite3.Row:
        """The person who does it, in ``as``."""
        return self.user(self.text("as"))

    def user(self, name: str) -> sqlite3.Row:
        """A person by id or name, or the app's bot as ``app``."""
        if name == "app":
            query = "SELECT user_id FROM tokens WHERE kind = 'bot' AND NOT revoked ORDER BY rowid"
            bots = self.world.store.column(query)
            name = bots[0] if bots else ""
        found = self.world.store.one("SELECT * FROM users WHERE id = ?1 OR name = ?1 ORDER BY id != ?1", name)
        return found if found is not None else people.get_user(self.world.store, name)

    @property
    def channel(self) -> sqlite3.Row:
        name = self.text("channel").removeprefix("#")
        found = self.world.store.one("SELECT * FROM channels WHERE id = ?1 OR name = ?1", name)
        return found if found is not None else channels.get_channel(self.world.store, name)

    @property
    def team(self) -> sqlite3.Row:
        """The workspace in ``team``, or the support team's."""
        return self.named_team(self.body.get("team", HOME_TEAM))

    def named_team(self, name: Any) -> sqlite3.Row:
        found = self.world.store.one("SELECT * FROM teams WHERE id = ?1 OR name = ?1", str(name))
        if found is None:
            raise SlackError("team_not_found")
        return found

    @property
    def at(self) -> float | None:
        """When it is said to have happened: ``ts``, Unix seconds as a number or a string; now without it."""
        try:
            return float(self.body["ts"]) if self.body.get("ts") else None
        except (TypeError, ValueError) as error:
            raise invalid_arguments("ts must be Unix seconds") from error


Action = Callable[[Asked], Awaitable[Json]]
ACTIONS: dict[str, Action] = {}


def action(run: Action) -> Action:
    """Register a function as the action of its name, ``_`` written ``-``."""
    ACTIONS[run.__name__.replace("_", "-")] = run
    return run


def answered(answer: Answer) -> Json:
    """How the app answered: status, body, and why there is none."""
    return {
        "app_status": answer.status,
        "app_answer": answer.body.decode(errors="replace"),
        "app_ok": answer.ok,
        "reason": answer.reason,
    }
