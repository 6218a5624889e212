"""Deciding which conversation a message belongs to. Pure: (message, what was said before, settings) → decision.

Order of evidence: the Slack thread, then who spoke last and how long ago.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from conversations.replies import is_pleasantry

Key = TypeVar("Key")
"""What names a conversation: a row not yet saved has no id, so that the caller chooses."""

COLLEAGUE_SHARE = 0.5
"""A colleague of the first writer joins a matter for this share of the quiet period."""
PLEASANTRY_SECONDS = 7 * 24 * 3600
"""A thank-you may come days later."""
ANSWER_SECONDS = 3 * 24 * 3600
"""Our answer in the channel is often the next morning's."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message to be grouped. `at` in epoch seconds; `author` one string per speaker."""

    at: float
    author: str
    from_teammate: bool
    text: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken(Generic[Key]):
    """An earlier message of the channel, outside threads, and where it went."""

    at: float
    author: str
    conversation: Key


@dataclass(frozen=True, slots=True)
class Decision(Generic[Key]):
    """`conversation` None: a new one. `reason` is read by people; `score` is 0 to 1."""

    conversation: Key | None
    rule: str
    reason: str
    score: float
    runner_up: Key | None = None


def group(
    utterance: Utterance,
    recent: Sequence[Spoken[Key]],
    *,
    threads: Mapping[str, Key],
    closed: Container[Key],
    quiet_seconds: float,
    following: Sequence[Spoken[Key]] = (),
) -> Decision[Key]:
    """`recent`: earlier messages of the channel, newest last; `following`: later ones that are known already, because
    this one comes late, nearest last; `threads` by the root's ts; `closed` conversations.
    """
    last = recent[-1].conversation if recent else None
    if utterance.thread:
        if utterance.thread in threads:
            return Decision(threads[utterance.thread], "thread", "In the same Slack thread", 1.0)
        return Decision(None, "thread", "In a Slack thread that was not known yet", 1.0, last)
    if utterance.from_teammate:
        return _place_answer(utterance, recent, closed, quiet_seconds)
    decision = _place_question(utterance, recent, closed, quiet_seconds)
    if decision.conversation is None and following:
        joined = _place_question(utterance, following, closed, quiet_seconds)
        if joined.conversation is not None and joined.rule == "quiet_period":
            return replace(joined, rule="late", reason="Came late: goes on in what was said shortly after it")
    return decision


def _place_question(
    utterance: Utterance, recent: Sequence[Spoken[Key]], closed: Container[Key], quiet: float
) -> Decision[Key]:
    last = recent[-1] if recent else None
    own = next((s for s in reversed(recent) if s.author == utterance.author), None)
    if last and is_pleasantry(utterance.text):
        if own and _gap(utterance, own) <= PLEASANTRY_SECONDS:
            reason = "A thank-you or the like, put to what the same person wrote last"
            return Decision(own.conversation, "pleasantry", reason, 0.8)
        if _gap(utterance, last) <= quiet:
            reason = "A thank-you or the like, put to what was said last"
            return Decision(last.conversation, "pleasantry", reason, 0.6)
    if own and own.conversation not in closed:
        gap = _since_active(utterance, recent, own.conversation)
        if gap <= quiet:
            reason = f"Same person, {_duration(gap)} after the last message"
            runner_up = last.conversation if last and last.conversation != own.conversation else None
            return Decision(own.conversation, "quiet_period", reason, _closeness(gap, quiet), runner_up)
    if last and last.conversation not in closed and _gap(utterance, last) <= quiet * COLLEAGUE_SHARE:
        gap = _gap(utterance, last)
        reason = f"Same channel, {_duration(gap)} after the last message"
        return Decision(last.conversation, "quiet_period", reason, _closeness(gap, quiet) * 0.8)
    return Decision(None, *_why_new(utterance, last, closed, quiet), 0.7, last.conversation if last else None)


def _place_answer(
    utterance: Utterance, recent: Sequence[Spoken[Key]], closed: Container[Key], quiet: float
) -> Decision[Key]:
    last = recent[-1] if recent else None
    if last and _gap(utterance, last) <= quiet:
        gap = _gap(utterance, last)
        reason = f"Our answer {_duration(gap)} after the last message"
        return Decision(last.conversation, "quiet_period", reason, _closeness(gap, quiet))
    still_open = [s for s in recent if s.conversation not in closed and _gap(utterance, s) <= ANSWER_SECONDS]
    if still_open:
        only = len({s.conversation for s in still_open}) == 1
        reason = f"Our answer to the {'only' if only else 'newest'} open conversation"
        return Decision(still_open[-1].conversation, "open_conversation", reason, 0.8 if only else 0.5)
    return Decision(None, *_why_new(utterance, last, closed, quiet), 0.7, last.conversation if last else None)


def _why_new(utterance: Utterance, last: Spoken[Key] | None, closed: Container[Key], quiet: float) -> tuple[str, str]:
    if last is None:
        return "first", "The first message of the channel"
    gap = _gap(utterance, last)
    if gap > quiet:
        return "quiet_period", f"After a silence of {_duration(gap)} (new after {_duration(quiet)})"
    if last.conversation in closed:
        return "after_closed", "The last conversation was already closed"
    return "other_person", f"Another person, {_duration(gap)} after the last message"


def _since_active(utterance: Utterance, recent: Sequence[Spoken[Key]], conversation: Key) -> float:
    """Seconds since anybody spoke in the conversation."""
    return min(_gap(utterance, s) for s in recent if s.conversation == conversation)


def _gap(utterance: Utterance, spoken: Spoken[Key]) -> float:
    """Seconds between the two, whichever came first."""
    return abs(utterance.at - spoken.at)


def _closeness(gap: float, quiet: float) -> float:
    return round(1 - 0.5 * min(gap / quiet, 1.0), 3) if quiet else 1.0


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{round(seconds)} second{'' if round(seconds) == 1 else 's'}"
