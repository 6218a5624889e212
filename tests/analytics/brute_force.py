"""The figures, worked out the long way: straight from messages and events, for one day and one question at a time.

Follows docs/analytics.md, not the code: no running state, no sums of sums, percentiles from all values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Workspace
from conversations.models import Conversation, ConversationEvent, Correction, EventKind, Message, MessageKind
from conversations.replies import is_pleasantry

MODEL_AND_RULES = {
    "reply_concludes", "reply_continues", "customer_wrote", "pleasantry", "we_wrote_first", "late_message", "model",
}  # fmt: skip
Due = Callable[[datetime], datetime | None]


@dataclass
class Happening:
    """A message or a change of the status, in its place."""

    at: datetime
    message: Message | None = None
    event: ConversationEvent | None = None

    @property
    def asks(self) -> bool:
        one = self.message
        return bool(one and one.kind == MessageKind.INBOUND and (one.files or not is_pleasantry(one.text)))

    @property
    def answers(self) -> bool:
        return bool(self.message and self.message.kind == MessageKind.OUTBOUND)

    def becomes(self, status: str) -> bool:
        return bool(self.event and self.event.data["to"] == status)


@dataclass
class Found:
    kind: str
    at: datetime
    conversation: Conversation
    owner: int
    began: datetime | None = None
    replies: int | None = None

    @property
    def seconds(self) -> int | None:
        return self.replies if self.began is None else int((self.at - self.began).total_seconds())


def find_all(workspace: Workspace, due: Due) -> list[Found]:
    return [
        found
        for conversation in Conversation.objects.filter(workspace=workspace).order_by("pk")
        for found in find(conversation, due)
    ]


def find(conversation: Conversation, due: Due) -> Iterator[Found]:
    def owner_at(at: datetime) -> int:
        changes = [one for one in events if one.kind == EventKind.OWNER_CHANGED]
        if not changes:
            return conversation.owner_id or 0
        known = [one for one in changes if one.happened_at <= at]
        return (known[-1].data["to_id"] if known else changes[0].data["from_id"]) or 0

    def note(kind: str, at: datetime, began: datetime | None = None, replies: int | None = None) -> Found:
        return Found(kind, at, conversation, owner_at(at), began, replies)

    events = list(conversation.events.order_by("pk"))
    for correction in Correction.objects.filter(target=conversation, undone_at=None):
        yield Found("correction", correction.created_at, conversation, conversation.owner_id or 0)
    if conversation.is_unsorted or conversation.merged_into_id:
        return
    happened = in_order(conversation, events)
    opened_at = min((one.at for one in happened if one.message), default=conversation.opened_at)
    yield note("new", opened_at)
    yield from waits(happened, note, due)
    yield from stays(happened, opened_at, note)
    yield from automatic(happened, events, note)


def in_order(conversation: Conversation, events: list[ConversationEvent]) -> list[Happening]:
    """The messages by time; each change after what was known when it was made, and after the change before it."""
    messages = list(conversation.messages.exclude(kind=MessageKind.NOTE).order_by("sent_at", "pk"))
    happened = [Happening(one.sent_at, one) for one in messages]
    times = {one.pk: one.sent_at for one in messages}
    least = 0
    latest = min(times.values(), default=conversation.opened_at)
    for event in events:
        if event.kind != EventKind.STATUS_CHANGED:
            continue
        knows = times.get(event.message_id or 0, event.happened_at)
        if event.message_id is None and "seen" in event.data:
            knows = datetime.fromisoformat(event.data["seen"])
        place = max([n + 1 for n, one in enumerate(happened) if one.message and one.at <= knows], default=0)
        least = max(place, least)
        latest = max(latest, event.happened_at)
        happened.insert(least, Happening(latest, event=event))
        least += 1
    return happened


def waits(
    happened: list[Happening], note: Callable[..., Found], due: Callable[..., datetime | None]
) -> Iterator[Found]:
    """Whoever asked first since the last answer, or since it was closed, waits."""
    answered = False
    status = "todo"
    over = [-1]
    for n, one in enumerate(happened):
        closes = one.becomes("closed") and status != "closed"
        since = [
            other.at
            for m, other in enumerate(happened[:n])
            if m > over[-1] and (other.asks or (other.becomes("todo") and status_before(happened, m) != "todo"))
        ]
        if (one.answers or closes) and since:
            at = max(one.at, since[0])
            kind = ("next_response" if answered else "first_response") if one.answers else "unanswered"
            answered = answered or one.answers
            yield note(kind, at, since[0])
            due_at = due(since[0])
            if due_at and at > due_at:
                yield note("target_missed", at)
            elif due_at and one.answers:
                yield note("target_met", at)
        if one.answers or closes:
            over.append(n)
        status = one.event.data["to"] if one.event else status


def status_before(happened: list[Happening], place: int) -> str:
    changes = [one.event.data["to"] for one in happened[:place] if one.event]
    return changes[-1] if changes else "todo"


def stays(happened: list[Happening], opened_at: datetime, note: Callable[..., Found]) -> Iterator[Found]:
    """What lies between the changes to another status."""
    marks = [(-1, opened_at, "todo", "")]
    for n, one in enumerate(happened):
        if one.event and one.event.data["to"] != marks[-1][2]:
            marks.append((n, max(one.at, marks[-1][1]), one.event.data["to"], one.event.by_rule))
    for (_, since, status, _), (_, until, _, _) in pairwise(marks):
        if status != "closed" and until > since:
            yield note("time_todo" if status == "todo" else "time_in_progress", until, since)
    number = 0
    for is_closed, group in groupby(marks, key=lambda mark: mark[2] == "closed"):
        spell = list(group)
        if is_closed:
            continue
        ends = [mark for mark in marks if mark[0] > spell[-1][0] and mark[2] == "closed"][:1]
        began, rule = spell[0][1], spell[0][3]
        if ends and ends[0][1] == began == opened_at:
            continue
        number += 1
        if number > 1 and rule not in {"regrouped", "late_message"}:
            yield note("reopened", began)
        yield note("opens", began)
        if ends:
            replies = [one for n, one in enumerate(happened) if spell[0][0] < n < ends[0][0] and one.answers]
            yield note("closed", ends[0][1], began)
            yield note("touches", ends[0][1], None, len(replies))
            yield note("ends", ends[0][1])


def automatic(
    happened: list[Happening], events: list[ConversationEvent], note: Callable[..., Found]
) -> Iterator[Found]:
    told = [one for one in events if one.kind in {EventKind.STATUS_CHANGED, EventKind.MESSAGE_ADDED}]
    since = None
    for one in happened:
        if one.event and one.event.by_rule in MODEL_AND_RULES:
            at = max(one.at, since) if since else one.at
            yield note("auto_change", at)
            later = [other for other in told if other.pk > one.event.pk][:1]
            if later and later[0].kind == EventKind.STATUS_CHANGED and later[0].by_user_id:
                soon = later[0].created_at - one.event.created_at <= timedelta(hours=24)
                taken_up = (one.event.data["to"], later[0].data["to"]) == ("todo", "in_progress")
                if soon and not taken_up:
                    yield note("auto_corrected", at)
        if one.event:
            since = one.at


# What a page shows of it ──────────────────────────────────────────────────────────────────────────────


def on(found: list[Found], kind: str, first: date, last: date, zone: ZoneInfo) -> list[Found]:
    return [one for one in found if one.kind == kind and first <= one.at.astimezone(zone).date() <= last]


def percentile(values: list[int], share: float) -> int | None:
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else None


def open_at_end_of(found: list[Found], day: date, zone: ZoneInfo) -> int:
    past = [one.kind for one in found if one.at.astimezone(zone).date() <= day]
    return past.count("opens") - past.count("ends")


def conversations_open_at_end_of(found: list[Found], day: date, zone: ZoneInfo) -> set[int]:
    by_conversation = {one.conversation.pk: [other for other in found if other.conversation == one.conversation]
                       for one in found}  # fmt: skip
    return {pk for pk, mine in by_conversation.items() if open_at_end_of(mine, day, zone)}


def working_minutes(calendar: dict[str, Any], began: datetime, ended: datetime) -> float:
    """Minute by minute, by what a clock on the wall of the calendar's zone shows."""
    zone, minutes = ZoneInfo(calendar["time_zone"]), 0.0
    at = began
    while at < ended:
        following = min(ended, at.replace(second=0, microsecond=0) + timedelta(minutes=1))
        local = at.astimezone(zone)
        shown = f"{local:%H:%M}"
        hours = calendar["hours"].get(str(local.weekday()), [])
        if f"{local.date()}" not in calendar["holidays"] and any(opens <= shown < closes for opens, closes in hours):
            minutes += (following - at).total_seconds() / 60
        at = following
    return minutes
