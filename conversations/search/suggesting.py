"""What the word that somebody is typing may become: a filter's name, or after its colon what it can be."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from conversations.models import Priority
from conversations.search.words import KEYS, quoted
from conversations.status import Status
from conversations.tagging import tags_in_use

OFFERED = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`query`: what was typed with the last word made whole."""

    label: str
    query: str
    hint: str = ""


def suggest(user: User, typed: str) -> list[Suggestion]:
    before, last = _last_word(typed)
    minus = "-" if last.startswith("-") else ""
    word = last.removeprefix("-")
    key, colon, begun = word.partition(":")
    key = key.casefold()
    if not colon:
        return [
            Suggestion(f"{minus}{name}:", f"{before}{minus}{name}:", hint)
            for name, hint in _hints().items()
            if word and name.startswith(key) and name != word
        ]
    if key not in KEYS:
        return []
    begun = begun.strip('"').casefold()
    values = [value for value in _values(user, key) if _begins(value, begun)]
    whole = [f"{minus}{key}:{quoted(value)}" for value in values if value.casefold() != begun][:OFFERED]
    return [Suggestion(words, f"{before}{words} ") for words in whole]


def _last_word(typed: str) -> tuple[str, str]:
    """Cut where the last word begins; a quotation that is still open belongs to it."""
    start, is_quoted = 0, False
    for place, letter in enumerate(typed):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter.isspace() and not is_quoted:
            start = place + 1
    return typed[:start], typed[start:]


def _begins(value: str, begun: str) -> bool:
    said = value.casefold()
    return said.startswith(begun) or any(part.startswith(begun) for part in said.replace("-", " ").split())


def _values(user: User, key: str) -> list[str]:
    workspace = user.workspace
    if key == "owner":
        people = workspace.users.filter(is_active=True).order_by("name").values_list("name", flat=True)
        return ["me", "none", *people[:500]]
    if key == "account":
        return ["none", *workspace.accounts.order_by("name").values_list("name", flat=True)[:2_000]]
    if key == "channel":
        return list(workspace.channels.exclude(name="").order_by("name").values_list("name", flat=True)[:2_000])
    if key == "tier":
        tiers = workspace.accounts.exclude(tier="").order_by("tier").values_list("tier", flat=True)
        return list(tiers.distinct())
    if key == "tag":
        return tags_in_use(workspace.pk)
    if key == "from":
        people = workspace.users.filter(is_active=True).order_by("name").values_list("name", flat=True)
        return ["me", *people[:500]]
    return {
        "status": [*Status.values, "open"],
        "priority": list(Priority.values),
        "is": ["unread", "waiting", "snoozed", "mine"],
        "has": ["file"],
        "in": ["notes", "replies", "questions"],
    }.get(key, ["today", "yesterday"])


def _hints() -> dict[str, str]:
    return {
        "owner": _("who is responsible: a name, me or none"),
        "status": _("todo, in_progress, closed or open"),
        "account": _("the customer’s company"),
        "channel": _("the Slack channel"),
        "tag": _("one of its tags"),
        "priority": _("urgent, high, normal or low"),
        "tier": _("the account’s tier"),
        "is": _("unread, waiting, snoozed or mine"),
        "has": _("file"),
        "from": _("who wrote the message"),
        "in": _("notes, replies or questions"),
        "before": _("a day, month or year: before:2026-01-01"),
        "after": _("that day or later"),
        "during": _("a day, month or year: during:2026-01"),
    }
