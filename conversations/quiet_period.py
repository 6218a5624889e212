"""The plain way to group: who spoke last, and how long ago. Pure."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence

from conversations.decision import Decision, Spoken, Utterance
from conversations.replies import is_pleasantry

COLLEAGUE_SHARE = 0.5
"""A colleague of the first writer joins a matter for this share of the quiet period."""
PLEASANTRY_SECONDS = 7 * 24 * 3600
"""A thank-you may come days later."""
ANSWER_SECONDS = 3 * 24 * 3600
"""Our answer in the channel is often the next morning's."""


def place(
    utterance: Utterance, recent: Sequence[Spoken], closed: Container[Hashable], quiet_seconds: float
) -> Decision:
    """`recent`: what was said in conversations, outside threads, nearest last."""
    rule = _place_answer if utterance.from_teammate else _place_question
    return rule(utterance, recent, closed, quiet_seconds)


def own_last(utterance: Utterance, recent: Sequence[Spoken]) -> Spoken | None:
    return next((spoken for spoken in reversed(recent) if spoken.author == utterance.author), None)


def _place_question(
    utterance: Utterance, recent: Sequence[Spoken], closed: Container[Hashable], quiet: float
) -> Decision:
    last = recent[-1] if recent else None
    own = own_last(utterance, recent)
    if last and is_pleasantry(utterance.text):
        if own and gap(utterance, own) <= PLEASANTRY_SECONDS:
            reason = "A thank-you or the like, put to what the same person wrote last"
            return Decision(own.conversation, "pleasantry", reason, 0.8, answers=own.key)
        if gap(utterance, last) <= quiet:
            reason = "A thank-you or the like, put to what was said last"
            return Decision(last.conversation, "pleasantry", reason, 0.6, answers=last.key)
    if own and own.conversation not in closed:
        since = _since_active(utterance, recent, own.conversation)
        if since <= quiet:
            reason = f"Same person, {duration(since)} after the last message"
            runner_up = last.conversation if last and last.conversation != own.conversation else None
            score = _closeness(since, quiet)
            return Decision(own.conversation, "quiet_period", reason, score, runner_up, answers=own.key)
    if last and last.conversation not in closed and gap(utterance, last) <= quiet * COLLEAGUE_SHARE:
        since = gap(utterance, last)
        reason = f"Same channel, {duration(since)} after the last message"
        score = _closeness(since, quiet) * 0.8
        return Decision(last.conversation, "quiet_period", reason, score, answers=last.key)
    return Decision(None, *_why_new(utterance, last, closed, quiet), 0.7, last.conversation if last else None)


def _place_answer(
    utterance: Utterance, recent: Sequence[Spoken], closed: Container[Hashable], quiet: float
) -> Decision:
    last = recent[-1] if recent else None
    if last and gap(utterance, last) <= quiet:
        since = gap(utterance, last)
        reason = f"Our answer {duration(since)} after the last message"
        return Decision(last.conversation, "quiet_period", reason, _closeness(since, quiet), answers=last.key)
    still_open = [s for s in recent if s.conversation not in closed and gap(utterance, s) <= ANSWER_SECONDS]
    if still_open:
        only = len({s.conversation for s in still_open}) == 1
        reason = f"Our answer to the {'only' if only else 'newest'} open conversation"
        newest = still_open[-1]
        score = 0.8 if only else 0.5
        return Decision(newest.conversation, "open_conversation", reason, score, answers=newest.key)
    return Decision(None, *_why_new(utterance, last, closed, quiet), 0.7, last.conversation if last else None)


def _why_new(utterance: Utterance, last: Spoken | None, closed: Container[Hashable], quiet: float) -> tuple[str, str]:
    if last is None:
        return "first", "The first message of the channel"
    since = gap(utterance, last)
    if since > quiet:
        return "quiet_period", f"After a silence of {duration(since)} (new after {duration(quiet)})"
    if last.conversation in closed:
        return "after_closed", "The last conversation was already closed"
    return "other_person", f"Another person, {duration(since)} after the last message"


def _since_active(utterance: Utterance, recent: Sequence[Spoken], conversation: Hashable) -> float:
    """Seconds since anybody spoke in the conversation."""
    return min(gap(utterance, s) for s in recent if s.conversation == conversation)


def gap(utterance: Utterance, spoken: Spoken) -> float:
    """Seconds between the two, whichever came first."""
    return abs(utterance.at - spoken.at)


def duration(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{round(seconds)} second{'' if round(seconds) == 1 else 's'}"


def _closeness(since: float, quiet: float) -> float:
    return round(1 - 0.5 * min(since / quiet, 1.0), 3) if quiet else 1.0
