"""How a Web API method is declared, and who calls it."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sandbox import channels
from sandbox.errors import SlackError, invalid_arguments
from sandbox.people import get_user
from sandbox.store import Json
from sandbox.world import World

Item = TypeVar("Item")
Caller = Literal["bot", "user", "app", "anyone"]
"""Who may call a method: the app's bot, a person who signed in, the app itself, or anyone without a token."""
TRUE_WORDS = frozenset({"1", "true", "True", "yes"})


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a method: by whom, with what."""

    world: World
    args: Json
    caller: Caller
    team_id: str
    user_id: str
    scopes: frozenset[str]

    @property
    def user(self) -> sqlite3.Row:
        return get_user(self.world.store, self.user_id)

    def text(self, name: str) -> str:
        """A required argument."""
        value = self.args.get(name)
        if value is None or value == "":
            raise invalid_arguments(f"missing required field: {name}")
        return str(value)

    def flag(self, name: str) -> bool:
        value = self.args.get(name)
        return value is True or str(value) in TRUE_WORDS

    def limit(self, *, default: int, most: int) -> int:
        try:
            wanted = int(self.args.get("limit") or default)
        except ValueError as error:
            raise SlackError("invalid_limit") from error
        return max(1, min(wanted, most))

    def channel(self, name: str = "channel", *, member: bool = False) -> sqlite3.Row:
        """The channel an argument names, if the caller sees it; with `member`, only if the caller is in it."""
        found = channels.get_channel(self.world.store, self.text(name))
        if not channels.is_visible(self.world.store, found, self.team_id, self.user_id):
            raise SlackError("channel_not_found")
        if member and not channels.is_member(self.world.store, found["id"], self.user_id):
            raise SlackError("not_in_channel")
        return found

    def shown_channel(self, channel: sqlite3.Row) -> Json:
        return channels.channel_object(self.world.store, channel, team_id=self.team_id, user_id=self.user_id)


Method = Callable[[Call], Json]


@dataclass(frozen=True)
class Entry:
    run: Method
    scopes: frozenset[str]
    """Any one of these is enough; empty: none needed."""
    caller: Caller


METHODS: dict[str, Entry] = {}


def method(name: str, *scopes: str, caller: Caller = "bot") -> Callable[[Method], Method]:
    """Register a function as the method `name`, for callers with that kind of token."""

    def register(run: Method) -> Method:
        METHODS[name] = Entry(run, frozenset(scopes), caller)
        return run

    return register


def page_of(items: Sequence[Item], call: Call, *, default: int, most: int) -> tuple[list[Item], Json]:
    """One page of a list, and the ``response_metadata`` that leads to the next."""
    start, size = 0, call.limit(default=default, most=most)
    if call.args.get("cursor"):
        start = int(decode_cursor(call.args["cursor"], "offset"))
    following = encode_cursor("offset", str(start + size)) if start + size < len(items) else ""
    return list(items[start : start + size]), {"next_cursor": following}


def encode_cursor(kind: str, value: str) -> str:
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def decode_cursor(cursor: Any, kind: str) -> str:
    try:
        found, _, value = base64.b64decode(str(cursor), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if found != kind or not value.isdigit():
        raise SlackError("invalid_cursor")
    return value
