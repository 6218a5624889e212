"""A stretch of a channel's history while it is being read, one request at a time.

Slack lists a channel from new to old. So that the messages can be taken in the order in which they were said, a whole
window is gathered first: its pages, then the replies in its threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from integrations.slack.client import SlackError
from integrations.slack.messages import TS

Json = dict[str, Any]
Ask = Callable[..., Json]
"""(method, **arguments) → Slack's answer, for one channel."""

SECOND = 1_000_000
PAGES = 3
"""A window with more of them is narrowed."""
NARROWEST = 60 * SECOND


@dataclass(kw_only=True)
class Window:
    """From `oldest` up to but without `latest`, both in microseconds. `since`: threads without a reply since then are
    left alone."""

    oldest: int
    latest: int
    since: int = 0
    began_at: float = field(default_factory=time.time)
    messages: dict[str, Json] = field(default_factory=dict)
    """As Slack gave them, by ts."""
    pages: int = 0
    cursor: str = ""
    is_listed: bool = False
    threads: list[str] = field(default_factory=list)
    """Roots of which the replies are still to be read, the next one first."""
    replied: list[str] = field(default_factory=list)
    """Roots of which all replies have been read."""
    suspects: list[str] | None = None
    """Stored but not listed: still to be looked for. None: not known yet."""
    gone: list[str] = field(default_factory=list)
    """Looked for and not found."""

    @classmethod
    def of(cls, kept: Json) -> Self:
        return cls(**kept)

    def kept(self) -> Json:
        return asdict(self)

    @property
    def is_read(self) -> bool:
        return self.is_listed and not self.threads

    def in_order(self) -> list[Json]:
        return [self.messages[ts] for ts in sorted(self.messages, key=micro)]

    def read_on(self, ask: Ask) -> None:
        """Make the next request."""
        try:
            if not self.is_listed:
                self._list(ask)
            elif self.threads:
                self._read_thread(ask)
            elif self.suspects:
                self._look_for(ask, self.suspects[0])
        except SlackError as error:
            if error.code != "invalid_cursor" or not self.cursor:
                raise
            self.cursor, self.pages = "", 0  # too old: from the first page again

    def _list(self, ask: Ask) -> None:
        # Both ends are outside of what Slack lists.
        more = {"cursor": self.cursor} if self.cursor else {}
        answer = ask("conversations.history", oldest=stamp(self.oldest - 1), latest=stamp(self.latest), **more)
        self.pages += 1
        self.cursor = self._take(answer)
        if self.cursor and self.pages >= PAGES and self.latest - self.oldest > NARROWEST:
            self._narrow()
        elif not self.cursor:
            self.is_listed = True
            self.threads = [ts for ts in map(_ts, self.in_order()) if self._has_news(self.messages[ts])]

    def _narrow(self) -> None:
        """Leave the newer half for the next window."""
        reached = min(map(micro, self.messages), default=self.latest)
        self.latest = (self.oldest + self.latest) // 2
        self.messages = {ts: message for ts, message in self.messages.items() if micro(ts) < self.latest}
        if reached > self.latest:
            self.cursor = ""
        self.pages = 0

    def _has_news(self, message: Json) -> bool:
        latest = message.get("latest_reply")
        is_root = message.get("thread_ts") == message["ts"] and bool(message.get("reply_count"))
        return is_root and (not isinstance(latest, str) or micro(latest) >= self.since)

    def _read_thread(self, ask: Ask) -> None:
        root, more = self.threads[0], {"cursor": self.cursor} if self.cursor else {}
        try:
            self.cursor = self._take(ask("conversations.replies", ts=root, **more))
        except SlackError as error:
            if error.code != "thread_not_found":
                raise
            self.cursor = ""  # deleted since it was listed
        if not self.cursor:
            self.replied.append(self.threads.pop(0))

    def _look_for(self, ask: Ask, ts: str) -> None:
        """Slack answers a message without a thread as a thread of one."""
        try:
            found = ask("conversations.replies", ts=ts).get("messages") or []
        except SlackError as error:
            if error.code != "thread_not_found":
                raise
            found = []
        if not any(one.get("ts") == ts and one.get("subtype") != "tombstone" for one in found):
            self.gone.append(ts)
        self.suspects = [other for other in self.suspects or [] if other != ts]

    def _take(self, answer: Json) -> str:
        """Keep a page's messages; answers the cursor of the next."""
        for message in answer.get("messages") or []:
            if isinstance(message, dict) and TS.fullmatch(str(message.get("ts"))):
                self.messages.setdefault(message["ts"], message)
        return str((answer.get("response_metadata") or {}).get("next_cursor") or "") if answer.get("has_more") else ""


def micro(ts: str) -> int:
    """Slack's `seconds.microseconds` as microseconds."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * SECOND + int(fraction.ljust(6, "0")[:6])


def stamp(microseconds: int) -> str:
    seconds, fraction = divmod(max(0, microseconds), SECOND)
    return f"{seconds}.{fraction:06d}"


def stamp_of(at: datetime) -> str:
    return stamp(round(at.timestamp() * SECOND))


def _ts(message: Json) -> str:
    return str(message["ts"])
