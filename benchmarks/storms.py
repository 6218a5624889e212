"""A storm of Slack events from the sandbox, and what must be true when it is over.

People write, answer in threads, change their words and delete them, in three customers' channels at once. On the way
events come twice, late and in any order, and a tenth of our own calls is refused or fails.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from conversations.models import Conversation, Message
from conversations.status import Status
from integrations.models import InboundEvent, Link, LinkKind
from integrations.slack.triage_post import draw

Json = dict[str, Any]
Api = Callable[..., Json]
"""(action, **fields) of the sandbox's control API."""

TRIAGE = "C0TRIAGE01"
APP = "U0PYLON001"
CHANNELS = {
    "C0EXTGLOBX": ("U0MIA00001", "U0DANA0001"),
    "C0EXTINTCH": ("U0RUTH0001", "U0OMAR0001"),
    "C0EXTUMBRL": ("U0ELENA001", "U0DANA0001"),
}
"""Each customer's channel, with somebody of theirs and one of us."""
TIER_LIMITS = {2: 20, 3: 50, 4: 100}
TIERS = {
    "chat.update": 3, "chat.delete": 3, "conversations.info": 3, "conversations.history": 3,
    "conversations.replies": 3, "conversations.members": 4, "users.info": 4, "users.list": 2, "team.info": 3,
    "bots.info": 3, "files.info": 4, "reactions.add": 3, "views.publish": 4,
}  # fmt: skip
"""By method, as on its page in Slack's documentation; calls a minute as on the page about rate limits."""
HOURS_BETWEEN = 3
"""Between two matters of a channel, so that no quiet period puts them together."""


def faults(*, delay_seconds: float, shuffle_seconds: float, seed: int = 7) -> Json:
    """For `misbehave`: 20 % twice, 5 % delayed, any order, and a tenth of our calls refused or broken."""
    return {
        "seed": seed,
        "events": {
            "duplicate_share": 0.2,
            "shuffle_window_seconds": shuffle_seconds,
            "delay_share": 0.05,
            "delay_seconds": delay_seconds,
        },
        "calls": [
            {"fault": "rate_limited", "share": 0.05, "retry_after_seconds": 1},
            {"fault": "server_error", "share": 0.05},
        ],
    }


@dataclass(kw_only=True)
class Written:
    channel: str
    ts: str
    by: str
    text: str
    root: Written | None = None
    replies: int = 0


@dataclass
class Storm:
    """Plays it and remembers what must have become of it."""

    api: Api
    events: int
    matters: int
    """In each channel."""
    seed: int = 7
    written: dict[tuple[str, str], Written] = field(default_factory=dict)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)

    def rage(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - only has to be varied
        roots = self._begin_matters()
        while self.made.total() < self.events:
            lot = chance.random()
            if lot < 0.7:
                self._answer(chance, chance.choice(roots))
            elif lot < 0.93:
                self._edit(chance)
            else:
                self._delete(chance)

    def _begin_matters(self) -> list[Written]:
        began_at = time.time() - self.matters * HOURS_BETWEEN * 3600
        return [
            self._write(
                channel, customer, f"Question {n}: the export of report {n} is empty, why?",
                at=began_at + n * HOURS_BETWEEN * 3600,
            )
            for n in range(self.matters)
            for channel, (customer, _) in CHANNELS.items()
        ]  # fmt: skip

    def _answer(self, chance: random.Random, root: Written) -> None:
        customer, us = CHANNELS[root.channel]
        n = self.made.total()
        if chance.random() < 0.5:
            self._write(root.channel, customer, f"It still happens, attempt {n}. What now?", root=root)
        else:
            text = chance.choice([f"Taking a look at {n} now.", f"Number {n} is fixed, I just confirmed it."])
            self._write(root.channel, us, text, root=root)

    def _write(
        self, channel: str, by: str, text: str, *, at: float | None = None, root: Written | None = None
    ) -> Written:
        more = {"thread_ts": root.ts} if root else {"ts": at}
        ts = self.api("post", **{"channel": channel, "as": by, "text": text, **more})["ts"]
        self.made["said"] += 1
        if root:
            root.replies += 1
        self.written[channel, ts] = one = Written(channel=channel, ts=ts, by=by, text=text, root=root)
        return one

    def _edit(self, chance: random.Random) -> None:
        one = self.written[chance.choice([*self.written])]
        one.text = f"{one.text.partition(' (corrected')[0]} (corrected, {self.made.total()})"
        self.api("edit", **{"channel": one.channel, "as": one.by, "message_ts": one.ts, "text": one.text})
        self.made["edited"] += 1

    def _delete(self, chance: random.Random) -> None:
        """A thread's root only while it has replies: it leaves a tombstone, to which more can be replied."""
        key = chance.choice([*self.written])
        one = self.written[key]
        if one.root is None and not one.replies:
            return
        del self.written[key]
        if one.root:
            one.root.replies -= 1
        self.api("delete", **{"channel": one.channel, "as": one.by, "message_ts": one.ts})
        self.deleted.add(key)
        self.made["deleted"] += 1

    # Afterwards ───────────────────────────────────────────────────────────────────────────────────────

    def differences(self) -> list[str]:
        """What is stored otherwise than it was said; empty when all is well."""
        stored: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for message in Message.objects.select_related("channel").exclude(ts=None):
            if message.channel and message.channel.external_id in CHANNELS:
                stored[message.channel.external_id, str(message.ts)].append(message)
        twice = [f"stored {len(rows)} times: {key}" for key, rows in stored.items() if len(rows) > 1]
        lost = [f"lost: {key}" for key in self.written if key not in stored]
        invented = [f"never said: {key}" for key in stored if key not in self.written and key not in self.deleted]
        there = {key: rows[0] for key, rows in stored.items()}
        wrong = [
            f"{key}: {there[key].text!r} instead of {one.text!r}"
            for key, one in self.written.items()
            if key in there and there[key].text != one.text
        ]
        alive = [f"shown although deleted: {key}" for key in self.deleted if key in there and not there[key].deleted_at]
        dead = [f"deleted by nobody: {key}" for key in self.written if key in there and there[key].deleted_at]
        failed = [f"failed: {row}" for row in InboundEvent.objects.exclude(failed_at=None)]
        return twice + lost + invented + wrong + alive + dead + failed


def wrong_posts(posts: Iterable[Json]) -> list[str]:
    """Triage posts, as Slack shows them, that don't show where their conversation stands; and those that are missing,
    or there twice."""
    shown = {post["ts"]: post for post in posts if post.get("bot_id")}
    links = Link.objects.filter(kind=LinkKind.TRIAGE_POST).select_related(
        "installation", "conversation__account", "conversation__owner", "conversation__channel"
    )
    wrong, expected = [], set()
    for link in links:
        expected.add(link.external_id)
        post = shown.get(link.external_id)
        drawn = draw(link.conversation, link.installation)
        if post is None:
            wrong.append(f"{link.conversation}: its post is gone")
        elif (post["text"], post["blocks"][0]["text"]) != (drawn["text"], drawn["blocks"][0]["text"]):
            wrong.append(f"{link.conversation}: {post['text']!r} instead of {drawn['text']!r}")
    waiting = Conversation.objects.exclude(status=Status.CLOSED).exclude(links__kind=LinkKind.TRIAGE_POST)
    wrong += [f"{conversation}: never posted" for conversation in waiting]
    return wrong + [f"a post of no conversation: {shown[ts]['text']!r}" for ts in shown.keys() - expected]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Our calls, as the sandbox saw them."""

    calls: int
    refused: int
    busiest_minute: dict[str, int]
    """By method: the most calls within any minute."""
    busiest_second: int
    """The most messages posted to one channel within any second."""

    @property
    def excesses(self) -> list[str]:
        """Where they went beyond Slack's documented limits."""
        too_many = [
            f"{most} calls of {method} in a minute, {limit_of(method)} are allowed"
            for method, most in self.busiest_minute.items()
            if method in TIERS and most > limit_of(method)
        ]
        return too_many + ([f"{self.busiest_second} posts in a second"] if self.busiest_second > 1 else [])


def limit_of(method: str) -> int:
    """Calls a minute."""
    return TIER_LIMITS[TIERS[method]]


def traffic(calls: Iterable[Json]) -> Traffic:
    """`calls`: the sandbox's log of them."""
    calls = list(calls)
    by_method: dict[str, list[float]] = defaultdict(list)
    posted: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        by_method[call["method"]].append(call["at"])
        if call["method"] == "chat.postMessage":
            posted[call["args"]["channel"]].append(call["at"])
    return Traffic(
        calls=len(calls),
        refused=sum(call["status"] != 200 for call in calls),
        busiest_minute={method: _most_within(60, times) for method, times in sorted(by_method.items())},
        busiest_second=max((_most_within(1, times) for times in posted.values()), default=0),
    )


def _most_within(seconds: float, times: list[float]) -> int:
    times, first, most = sorted(times), 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
