"""The list of conversations behind a figure, page by page: what its address asks for, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from conversations.analytics import wording
from conversations.analytics.answers import Bar
from conversations.analytics.behind import NOW, conversations_behind
from conversations.analytics.choosing import Choice, Clock, in_words
from conversations.analytics.figures import FIGURES, Unit
from conversations.board import Key
from conversations.models import Conversation

SHOWN = 50
BATCH = 1000
"""Conversations read at once for a file."""
OTHERS = {
    "backlog": gettext_lazy("Open at the end of the day"),
    "open": gettext_lazy("Open now"),
    "waiting": gettext_lazy("Waiting now"),
    "overdue": gettext_lazy("Past their response target now"),
    "target_met": gettext_lazy("Answered within target"),
    "auto_corrected": gettext_lazy("Automatic changes put right"),
}
"""Figures that have no place of their own in `FIGURES`."""
KEPT = ("figure", "first", "last", "weekday", "hour", "least", "most", "clock", "also_tag", "no_tier")


class UnreadableError(Exception):
    """The text says to a person what of the address can't be read."""


@dataclass(frozen=True, slots=True)
class Drill:
    """`query`: what the address asked for, without the place in the list."""

    choice: Choice
    figure: str
    first: date
    last: date
    weekday: int | None
    hour: int | None
    least: int | None
    most: int | None
    also_tag: str
    no_tier: bool
    query: str

    @classmethod
    def read(cls, query: QueryDict, reader: User) -> Self:
        """Raises UnreadableError."""
        figure = query.get("figure", "")
        if figure not in FIGURES and figure not in OTHERS:
            raise UnreadableError(_("There is no figure “%(figure)s”.") % {"figure": figure[:40]})
        asked = query.copy()
        asked["period"] = "custom"
        choice = Choice.read(asked, reader)
        if choice.problems:
            raise UnreadableError(" ".join(choice.problems))
        kept = QueryDict(choice.selection.query, mutable=True)
        for name in KEPT:
            if value := query.get(name, ""):
                kept[name] = value.replace("\x00", "")
        numbers = {name: _number(query, name) for name in ("weekday", "hour", "least", "most")}
        return cls(
            choice, figure, choice.period.first, choice.period.last,
            **numbers, also_tag=kept.get("also_tag", ""), no_tier=bool(kept.get("no_tier")), query=kept.urlencode(),
        )  # fmt: skip

    @property
    def label(self) -> str | Promise:
        return FIGURES[self.figure].label if self.figure in FIGURES else OTHERS[self.figure]

    @property
    def meaning(self) -> str | Promise:
        return FIGURES[self.figure].meaning if self.figure in FIGURES else ""

    @property
    def words(self) -> list[str]:
        """What narrows it: days, a field of the heat map, a bar, what a line of a table is of."""
        found = [] if self.figure in NOW else [self._days()]
        if self.weekday is not None and self.hour is not None:
            found.append(f"{WEEKDAYS[self.weekday]}, {self.hour:02d}:00–{self.hour + 1:02d}:00")
        if self.least is not None or self.most is not None:
            unit = FIGURES[self.figure].unit if self.figure in FIGURES else Unit.SECONDS
            found.append(wording.bar(Bar(self.least or 0, self.most, 0), unit))
        if self.also_tag:
            found.append(_("Tag: %(tag)s") % {"tag": self.also_tag})
        if self.no_tier:
            found.append(_("No tier"))
        return found

    @property
    def back(self) -> str:
        """The page with these days and filters."""
        return f"{reverse('analytics')}?{self.choice.query}"

    def conversations(self, reader: User) -> QuerySet[Conversation]:
        found = conversations_behind(
            reader.workspace, self.choice.scope, self.figure, first=self.first, last=self.last,
            weekday=self.weekday, hour=self.hour, least=self.least, most=self.most,
            working=self.choice.clock == Clock.WORKING,
        )  # fmt: skip
        if self.also_tag:
            found = found.filter(tags__contains=[self.also_tag])
        if self.no_tier:
            found = found.filter(Q(account=None) | Q(account__tier=""))
        return found.select_related("account", "owner", "channel")

    def _days(self) -> str:
        return wording.day(self.last) if self.figure == "backlog" else in_words(self.choice.period)


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Conversation]
    next: Key | None


def page(found: QuerySet[Conversation], after: Key | None, *, size: int = SHOWN) -> Page:
    if after:
        found = found.filter(Q(last_message_at__lt=after.at) | Q(last_message_at=after.at, pk__lt=after.id))
    rows = list(found[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, Key(rows[-1].last_message_at, rows[-1].pk) if more else None)


def every(found: QuerySet[Conversation]) -> Iterator[Conversation]:
    """All of them, a batch at a time, so that a file of a million takes the memory of a thousand."""
    after: Key | None = None
    while True:
        part = page(found, after, size=BATCH)
        yield from part.rows
        if part.next is None:
            return
        after = part.next


def _number(query: QueryDict, name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    most = {"weekday": 6, "hour": 23}.get(name, 10**9)
    if not (text.isascii() and text.isdigit() and len(text) < 11) or int(text) > most:
        raise UnreadableError(_("“%(what)s” can’t be read.") % {"what": f"{name}={text[:40]}"})
    return int(text)
