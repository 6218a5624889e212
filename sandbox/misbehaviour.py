"""Faults on request: what real networks and a busy Slack do to an app, repeatable by a seed."""

from __future__ import annotations

import random
import time
from collections import defaultdict, deque
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sandbox.errors import invalid_arguments
from sandbox.store import Json, Store

CallFault = Literal["rate_limited", "server_error", "timeout", "slow", "lost"]
FAULTS = ("rate_limited", "server_error", "timeout", "slow", "lost")
"""`lost`: what was asked is done, but the app gets an error instead of the answer."""


@dataclass(kw_only=True)
class EventFaults:
    """What happens to events on their way to the app; shares are between 0 and 1."""

    duplicate_share: float = 0.0
    shuffle_window_seconds: float = 0.0
    delay_share: float = 0.0
    delay_seconds: float = 0.0
    parallel: bool = False
    """Send a channel's events side by side instead of one after the other."""


@dataclass(kw_only=True)
class CallRule:
    """A fault in answers to the app's own calls."""

    method: str = "*"
    fault: CallFault = "rate_limited"
    share: float = 1.0
    retry_after_seconds: int = 1
    timeout_seconds: float = 30.0
    times: int | None = None
    """How often it happens at most; without it, until the rule is removed."""


@dataclass(kw_only=True)
class Settings:
    seed: int = 1
    events: EventFaults = field(default_factory=EventFaults)
    calls: list[CallRule] = field(default_factory=list)
    posts_per_second: int = 0
    """Refuse more posts to one channel than this, as Slack does above about one a second; 0 is off."""
    history_page: int = 0
    """Give at most so many messages of a channel or thread at once, as Slack gives 15 to some apps; 0 is off."""

    @classmethod
    def from_json(cls, data: Json) -> Settings:
        """Read settings; an unknown name or a bad value is refused with its name."""
        try:
            events = EventFaults(**data.get("events", {}))
            calls = [CallRule(**rule) for rule in data.get("calls", [])]
            rest = {key: value for key, value in data.items() if key not in {"events", "calls"}}
            settings = cls(events=events, calls=calls, **rest)
        except TypeError as error:
            raise invalid_arguments(str(error)) from error
        shares = [events.duplicate_share, events.delay_share, *(rule.share for rule in calls)]
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            raise invalid_arguments("a share is a number between 0 and 1")
        if any(rule.fault not in FAULTS for rule in calls):
            raise invalid_arguments(f"fault must be one of {', '.join(FAULTS)}")
        return settings


@dataclass(frozen=True)
class EventPlan:
    hold_seconds: float
    in_order: bool
    duplicate: bool


class Misbehaviour:
    """Decides, event by event and call by call, whether something goes wrong."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._posts: defaultdict[str, deque[float]] = defaultdict(deque)
        self.reload()

    @property
    def settings(self) -> Settings:
        return self._settings

    def describe(self) -> Json:
        return asdict(self._settings)

    def change(self, data: Json) -> None:
        """Replace the settings and start the random sequence again."""
        settings = Settings.from_json(data)
        self._store.set_meta("misbehaviour", asdict(settings))
        self.reload()

    def reload(self) -> None:
        self._settings = Settings.from_json(self._store.get_meta("misbehaviour", {}))
        self._events_random = random.Random(f"{self._settings.seed} events")  # noqa: S311
        self._calls_random = random.Random(f"{self._settings.seed} calls")  # noqa: S311
        self._posts.clear()

    def plan_event(self) -> EventPlan:
        faults, chance = self._settings.events, self._events_random
        duplicate = chance.random() < faults.duplicate_share
        delayed = chance.random() < faults.delay_share
        shuffled = chance.uniform(0, faults.shuffle_window_seconds)
        in_order = not (delayed or faults.parallel or faults.shuffle_window_seconds)
        return EventPlan(shuffled + (faults.delay_seconds if delayed else 0), in_order, duplicate)

    def fault_for(self, method: str, args: Json) -> CallRule | None:
        """The fault this call meets, if any; the first matching rule that strikes wins."""
        for rule in self._settings.calls:
            if rule.method not in {"*", method} or rule.times == 0:
                continue
            if self._calls_random.random() < rule.share:
                if rule.times is not None:
                    rule.times -= 1
                    self._store.set_meta("misbehaviour", asdict(self._settings))
                return rule
        return self._too_many_posts(method, args)

    def _too_many_posts(self, method: str, args: dict[str, Any]) -> CallRule | None:
        limit = self._settings.posts_per_second
        if not limit or method != "chat.postMessage":
            return None
        recent, now = self._posts[str(args.get("channel"))], time.monotonic()
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if len(recent) >= limit:
            return CallRule(method=method)
        recent.append(now)
        return None
