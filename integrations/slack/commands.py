"""`/pylon`, typed by a teammate. What it answers is seen by them alone, also in a customer's channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from accounts.quiet import zone_of
from accounts.roles import NotAllowed
from conversations import snoozing
from conversations.finding import find, numbered, waiting_for
from conversations.models import Conversation
from conversations.status import Status
from integrations.models import Installation
from integrations.slack import channel_commands
from integrations.slack.acting import teammate, why_not
from integrations.slack.answering import answer
from integrations.slack.lines import line, moment, named
from integrations.slack.naming import named_teammate
from integrations.slack.triage_post import escape

LISTED, FOUND = 20, 10


@dataclass(frozen=True, slots=True)
class Typed:
    """What came after the command's word, and who typed it where."""

    installation: Installation
    user: User
    channel_id: str
    rest: str


Command: TypeAlias = Callable[[Typed], str]
"""Answers in Slack's markup; ValidationError, in words, for what can't be done."""


def command(installation: Installation, payload: dict[str, Any]) -> str:
    """Answers what was done, in words."""
    user = teammate(installation, {"id": payload.get("user_id"), "team_id": payload.get("team_id")})
    if user is None:
        return "typed by somebody who is no teammate: nothing done"
    word, _, rest = str(payload.get("text") or "help").strip().partition(" ")
    act = COMMANDS.get(word.lower())
    typed = Typed(installation, user, str(payload.get("channel_id") or ""), rest.strip())
    try:
        text = act(typed) if act else _unknown(word)
    except ValidationError as error:
        text = escape(" ".join(error.messages))
    except NotAllowed:
        text = why_not(user)
    if not answer(installation, payload, text):
        return "an answer's address that isn't Slack's: nothing sent"
    return word.lower() if act else "no command of ours"


# Looking ───────────────────────────────────────────────────────────────────────────────────────────


def _help(_typed: Typed) -> str:
    return (
        "*Pylon* keeps track of the conversations with customers in this workspace's shared channels.\n"
        "• `/pylon mine`: your open conversations, the longest waiting first\n"
        "• `/pylon find WORDS`: conversations by number, title or what was said\n"
        "• `/pylon close #12`, `start #12`, `reopen #12`\n"
        "• `/pylon assign #12 @teammate`, or `me`, or `nobody`\n"
        "• `/pylon snooze #12 2h`, `tomorrow` or `2026-12-01`; `wake #12`\n"
        "• `/pylon triage here`: show conversations in this channel; `triage here for me`: yours\n"
        "• `/pylon status`: how it stands\n"
        "Invite me to a channel with `/invite @Pylon`: whoever invites me owns its conversations.\n"
        "*Acknowledge* under a post in the triage channel closes its conversation. "
        "A reply in the thread of such a post is an internal note: customers never see it.\n"
        f"The board: {settings.BASE_URL}/board/"
    )


def _mine(typed: Typed) -> str:
    waiting = waiting_for(typed.user)
    found = list(waiting[:LISTED])
    if not found:
        return f"No open conversation is yours. The board: {settings.BASE_URL}/board/"
    more = waiting.count() - len(found) if len(found) == LISTED else 0
    lines = [line(conversation) for conversation in found]
    if more:
        lines.append(f"and <{settings.BASE_URL}/board/?owner={typed.user.pk}|{more} more>")
    return "\n".join(lines)


def _find(typed: Typed) -> str:
    if not typed.rest:
        return "Write what to look for: `/pylon find invoice export`"
    # Slack has escaped what was typed.
    question = typed.rest.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    found = find(typed.installation.workspace, question, most=FOUND, reader=typed.user)
    return "\n".join(map(line, found)) or f"Nothing found for “{escape(question[:100])}”."


def _status(typed: Typed) -> str:
    workspace = typed.installation.workspace
    listed = workspace.conversations.listed()
    waiting = listed.filter(status=Status.TODO).count()
    under_way = listed.filter(status=Status.IN_PROGRESS).count()
    board = f"<{settings.BASE_URL}/board/|Board>"
    return (
        f"{board}: {waiting} {Status.TODO.label}, {under_way} {Status.IN_PROGRESS.label}. "
        f"Yours: {waiting_for(typed.user).count()} open.\n"
        + channel_commands.describe(typed.installation, typed.channel_id)
    )


# Doing ─────────────────────────────────────────────────────────────────────────────────────────────


def _close(typed: Typed) -> str:
    conversation, _ = _conversation(typed)
    return f"Closed: {named(conversation.close(by=typed.user))}"


def _start(typed: Typed) -> str:
    conversation, _ = _conversation(typed)
    return f"In Progress: {named(conversation.start(by=typed.user))}"


def _reopen(typed: Typed) -> str:
    conversation, _ = _conversation(typed)
    return f"To Do: {named(conversation.reopen(by=typed.user))}"


def _assign(typed: Typed) -> str:
    conversation, whom = _conversation(typed)
    owner = named_teammate(typed.installation.workspace, whom, me=typed.user)
    conversation.assign(owner, by=typed.user)
    return f"{escape(owner.name) if owner else 'Nobody'} owns {named(conversation)}"


def _snooze(typed: Typed) -> str:
    conversation, words = _conversation(typed)
    try:
        until = snoozing.until(words, now=timezone.now(), zone=zone_of(typed.user))
    except ValueError as error:
        raise ValidationError(str(error)) from None
    conversation.snooze(until, by=typed.user)
    return f"Out of sight until {moment(until)}, or a new message: {named(conversation)}"


def _wake(typed: Typed) -> str:
    conversation, _ = _conversation(typed)
    return f"Back in sight: {named(conversation.wake(by=typed.user))}"


def _triage(typed: Typed) -> str:
    words = typed.rest.lower().split()
    if words not in (["here"], ["here", "for", "me"]):
        return "Write `/pylon triage here`, or `/pylon triage here for me`."
    whose = typed.user if len(words) > 1 else None
    return channel_commands.triage_here(typed.installation, typed.user, typed.channel_id, whose=whose)


COMMANDS: Mapping[str, Command] = {
    "help": _help,
    "mine": _mine,
    "find": _find,
    "status": _status,
    "close": _close,
    "start": _start,
    "reopen": _reopen,
    "assign": _assign,
    "snooze": _snooze,
    "wake": _wake,
    "triage": _triage,
}


def _unknown(word: str) -> str:
    near = get_close_matches(word.lower(), COMMANDS, n=1)
    meant = f"Did you mean `/pylon {near[0]}`? " if near else ""
    return f"There is no `{escape(word[:40].replace('`', ''))}`. {meant}Try `/pylon help`."


def _conversation(typed: Typed) -> tuple[Conversation, str]:
    """The one whose number comes first, and what comes after it."""
    number, _, rest = typed.rest.partition(" ")
    found = numbered(typed.installation.workspace, number)
    if found is None:
        raise ValidationError(
            f"There is no conversation {number[:20]}." if number else "Which one? Write its number, for instance #12."
        )
    return found, rest.strip()
