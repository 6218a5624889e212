"""Deciding which conversation a message belongs to. Pure: (message, what was said before, settings) → decision.

Order of evidence: the Slack thread, then what a person corrected, then the linker or, where a channel is set so, a
plainer rule. What is done beside the linker was measured; docs/grouping.md has the figures.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from accounts.models import Grouping
from conversations import quiet_period
from conversations.decision import Decision, Known, Settings, Spoken, Utterance
from conversations.linking import Linking, link
from conversations.linking_reading import AGREES, ASKS, GOES_ON, GREETS, read
from conversations.quiet_period import PLEASANTRY_SECONDS, duration, gap, own_last
from conversations.replies import is_pleasantry
from conversations.wording import WORDS

__all__ = ["Decision", "Known", "Settings", "Spoken", "Utterance", "group"]

OURS_OPENS, OURS_ANSWERS = 0.5, 2.0
"""How much less likely a message of ours opens a conversation, and more likely answers one in which a customer spoke
last, than the linker thinks: it doesn't know who is one of us."""
IN_THREAD, WHEN_CLOSED, WHEN_QUIET, FOR_STRANGER = 0.1, 0.2, 0.5, 0.2
"""How much less likely something outside threads goes on in a conversation that is held in a Slack thread, and what a
customer writes in one that was closed a while ago, or has been silent for the quiet period, the more so if it is not
the customer's own: the linker knows neither threads nor statuses, nor channels in which the same few people have one
matter after the other."""
AT_ONCE_SECONDS = 600
"""What we say so soon after a customer is an answer, also if it begins with a greeting; and what a customer says so
soon after a conversation was closed may well go on in it."""
LONG_SECONDS, OVER_SECONDS = 2 * 24 * 3600, 14 * 24 * 3600
"""After the first silence nothing goes on outside threads without a word in common, after the second nothing at all."""
UNSURE = 0.5
"""The score where the linker and what stands beside it disagree."""


def group(
    utterance: Utterance,
    recent: Sequence[Spoken],
    *,
    known: Known,
    settings: Settings,
    following: Sequence[Spoken] = (),
) -> Decision:
    """`recent`: earlier messages of the channel outside threads, newest last, of which the last 100 count; those that
    are in no conversation have none. `following`: later ones that are known already, because this one comes late,
    nearest last.
    """
    placed = [spoken for spoken in recent if spoken.conversation is not None]
    if utterance.thread is not None:
        return _in_thread(utterance.thread, placed, known, settings.mode)
    match settings.mode:
        case Grouping.THREADS:
            return Decision(None, "threads_only", "Nobody has replied to it in a thread yet", 1.0, waits=True)
        case Grouping.MANUAL:
            return Decision(None, "by_hand", "Nobody has made a conversation of it yet", 1.0, waits=True)
        case Grouping.EACH_MESSAGE:
            return Decision(None, "each_message", "Every message opens a conversation here", 1.0, _last(placed))
        case Grouping.QUIET_PERIOD:
            decision = quiet_period.place(utterance, placed, known.closed, settings.quiet_seconds)
        case _:
            decision = _by_correction(utterance, placed, known, settings) or _by_linker(
                utterance, recent, known, settings
            )
    if decision.conversation is None and following and not utterance.from_teammate:
        later = [spoken for spoken in following if spoken.conversation is not None]
        joined = quiet_period.place(utterance, later, known.closed, settings.quiet_seconds)
        if joined.conversation is not None and joined.rule == "quiet_period":
            return replace(joined, rule="late", reason="Came late: goes on in what was said shortly after it")
    return decision


def _in_thread(thread: str, placed: Sequence[Spoken], known: Known, mode: Grouping) -> Decision:
    if thread in known.threads:
        return Decision(known.threads[thread], "thread", "In the same Slack thread", 1.0)
    if mode == Grouping.MANUAL:
        return Decision(None, "by_hand", "Nobody has made a conversation of its thread yet", 1.0, waits=True)
    if thread in known.waiting:
        return Decision(None, "thread", "Somebody replied in a Slack thread", 1.0, takes_thread=True)
    return Decision(None, "thread", "In a Slack thread that was not known yet", 1.0, _last(placed))


def _by_correction(utterance: Utterance, placed: Sequence[Spoken], known: Known, settings: Settings) -> Decision | None:
    """Who goes on from a message that a person moved, follows it; a greeting begins anew."""
    own = own_last(utterance, placed)
    if own is None or own.key not in known.corrected or own.conversation in known.closed:
        return None
    since = gap(utterance, own)
    if since > settings.quiet_seconds or _greets(utterance.text):
        return None
    reason = f"Goes on from a message {duration(since)} before: {known.corrected[own.key]}"
    return Decision(own.conversation, "correction", reason, 0.9, answers=own.key)


def _by_linker(utterance: Utterance, recent: Sequence[Spoken], known: Known, settings: Settings) -> Decision:
    if not recent:
        return Decision(None, "first", "The first message of the channel", 1.0)
    new = Spoken(
        None, utterance.at, utterance.author, utterance.text, None, utterance.from_teammate, utterance.author_name
    )
    last = {spoken.conversation: spoken for spoken in recent}
    threaded = {spoken.conversation for spoken in recent if spoken.key in known.replied}
    asked = {
        key: one
        for key, one in last.items()
        if one.from_teammate is False and key not in known.closed and key not in threaded
    }
    mine = {spoken.conversation for spoken in recent if spoken.author == utterance.author}
    is_pleasant = is_pleasantry(utterance.text)

    def odds(conversation: Hashable | None) -> float:
        if conversation is None:
            return OURS_OPENS if utterance.from_teammate else 1.0
        weight = IN_THREAD if conversation in threaded else 1.0
        if utterance.from_teammate:
            return weight * (OURS_ANSWERS if conversation in asked else 1.0)
        if is_pleasant:
            return 1.0
        silence = gap(utterance, last[conversation])
        if conversation in known.closed and silence > AT_ONCE_SECONDS:
            weight *= WHEN_CLOSED
        if silence > settings.quiet_seconds:
            weight *= WHEN_QUIET if conversation in mine else WHEN_QUIET * FOR_STRANGER
        return weight

    linking = link(new, recent, None if utterance.from_teammate is None else odds)
    best, *others = linking.ranked
    runner_up = others[0].conversation if others else None
    if best.conversation is None:
        own = own_last(utterance, [spoken for spoken in recent if spoken.conversation is not None])
        if own and is_pleasant and gap(utterance, own) <= PLEASANTRY_SECONDS:
            reason = "A thank-you or the like, put to what the same person wrote last"
            return Decision(own.conversation, "pleasantry", reason, UNSURE, answers=own.key)
        for one in others if utterance.from_teammate else ():
            if one.conversation in asked and gap(utterance, asked[one.conversation]) <= AT_ONCE_SECONDS:
                reason = f"Our answer {duration(gap(utterance, asked[one.conversation]))} after the customer's message"
                return Decision(one.conversation, "open_conversation", reason, UNSURE, answers=one.message)
    elif why := _why_anew(utterance, last[best.conversation], linking, settings):
        return Decision(None, "silence", why, UNSURE, best.conversation)
    reason = linking.reason[:1].upper() + linking.reason[1:]
    return Decision(best.conversation, "linked", reason, round(best.score, 3), runner_up, answers=best.message)


def _why_anew(utterance: Utterance, before: Spoken, linking: Linking, settings: Settings) -> str:
    """Why it begins anew although the linker, trained where nobody is silent for so long, would go on. Empty: it
    goes on."""
    since = gap(utterance, before)
    if since > OVER_SECONDS:
        return f"After a silence of {duration(since)}"
    if utterance.from_teammate or since <= settings.quiet_seconds or linking.shared:
        return ""
    if before.author != utterance.author and read(before.text).marks[ASKS]:
        return ""
    marks = read(utterance.text).marks
    if since <= LONG_SECONDS and (not (marks[ASKS] or _greets(utterance.text)) or marks[GOES_ON] or marks[AGREES]):
        return ""
    if is_pleasantry(utterance.text):
        return ""
    what = "question" if marks[ASKS] else "message"
    return f"A {what} after a silence of {duration(since)}, without a word in common with what was said before"


def _greets(text: str) -> bool:
    reading = read(text)
    return bool(reading.marks[GREETS]) or reading.leading_name in WORDS["greeting"]


def _last(placed: Sequence[Spoken]) -> Hashable | None:
    return placed[-1].conversation if placed else None
