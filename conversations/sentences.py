"""What happened, as a sentence of the timeline: what was done, the moment it ends with, and the reason."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.models import ConversationEvent, EventKind, Priority
from conversations.reasons import REASONS
from conversations.status import Status

_REMINDED: Final[dict[str, Promise]] = {
    "warning": gettext_lazy("An answer was soon due,"),
    "due": gettext_lazy("An answer was due"),
    "escalation": gettext_lazy("No answer, due"),
}
_TAKEN_BACK: Final[dict[str, Promise]] = {
    "move": gettext_lazy("%(who)s took a move back, with %(other)s"),
    "split": gettext_lazy("%(who)s took a split back, with %(other)s"),
    "merge": gettext_lazy("%(who)s took a merge back, with %(other)s"),
}
_DONE: Final[dict[EventKind, Promise]] = {
    EventKind.OPENED: gettext_lazy("%(who)s opened this conversation"),
    EventKind.STATUS_CHANGED: gettext_lazy("%(who)s moved it to %(to)s"),
    EventKind.OWNER_CHANGED: gettext_lazy("%(who)s made %(to)s the owner"),
    EventKind.PRIORITY_CHANGED: gettext_lazy("%(who)s made its priority %(to)s"),
    EventKind.TAGS_CHANGED: gettext_lazy("%(who)s tagged it %(to)s"),
    EventKind.SNOOZED: gettext_lazy("%(who)s snoozed it until"),
    EventKind.WOKEN: gettext_lazy("%(who)s brought it back"),
    EventKind.ACCOUNT_CHANGED: gettext_lazy("%(who)s moved it to the account %(to)s"),
    EventKind.LINKED: gettext_lazy("%(who)s connected it with %(ticket)s"),
    EventKind.UNLINKED: gettext_lazy("%(who)s took its connection with %(ticket)s away"),
    EventKind.MESSAGES_MOVED_IN: gettext_lazy("%(who)s moved %(what)s here from %(other)s"),
    EventKind.MESSAGES_MOVED_OUT: gettext_lazy("%(who)s moved %(what)s to %(other)s"),
    EventKind.SPLIT_OFF: gettext_lazy("%(who)s made %(other)s of %(what)s"),
}
_TAKEN_AWAY: Final[dict[EventKind, Promise]] = {
    EventKind.OWNER_CHANGED: gettext_lazy("%(who)s took the owner away"),
    EventKind.TAGS_CHANGED: gettext_lazy("%(who)s took its tags off"),
    EventKind.ACCOUNT_CHANGED: gettext_lazy("%(who)s took it off its account"),
}


def sentence(event: ConversationEvent) -> str:
    told: str = str(_pattern(event)) % {
        "who": event.by_name or _("Somebody"),
        "to": _to(event),
        "what": _what(event),
        "other": _other(event),
        "ticket": f"{event.data.get('tool', '')} {event.data.get('number', '')}".strip(),
    }
    return told


def until(event: ConversationEvent) -> datetime | None:
    name = {EventKind.SNOOZED: "until", EventKind.REMINDED: "due_at"}.get(EventKind(event.kind))
    return datetime.fromisoformat(event.data[name]) if name else None


def reason(event: ConversationEvent) -> str:
    """Of a reminder: who was told."""
    if event.kind != EventKind.REMINDED:
        return REASONS.told(event.reason)
    told = event.data.get("told", [])
    if not told:
        return _("nobody owns it")
    return ngettext("%(who)s was reminded", "%(who)s were reminded", len(told)) % {"who": get_text_list(told, _("and"))}


def _pattern(event: ConversationEvent) -> str | Promise:
    is_here = event.data.get("side") == "target"
    match event.kind:
        case EventKind.REMINDED:
            return _REMINDED[event.data["kind"]]
        case EventKind.CORRECTION_UNDONE:
            return _TAKEN_BACK[event.data["kind"]]
        case EventKind.MERGED:
            return _("%(who)s merged %(other)s into this") if is_here else _("%(who)s merged this into %(other)s")
        case kind if event.data.get("to") or kind not in _TAKEN_AWAY:
            return _DONE[EventKind(kind)]
        case kind:
            return _TAKEN_AWAY[EventKind(kind)]


def _to(event: ConversationEvent) -> str:
    to = event.data.get("to")
    match event.kind:
        case EventKind.STATUS_CHANGED:
            return str(Status(to).label)
        case EventKind.PRIORITY_CHANGED:
            return str(Priority(to).label)
        case EventKind.TAGS_CHANGED:
            return str(get_text_list(to or [], _("and")))
        case _:
            return str(to or "")


def _other(event: ConversationEvent) -> str:
    return _("those in no conversation") if event.data.get("other_is_unsorted") else f"#{event.data.get('other', '')}"


def _what(event: ConversationEvent) -> str:
    count: int = event.data.get("count", 0)
    if count == 1:
        return _("a message")
    return ngettext("%(count)d message", "%(count)d messages", count) % {"count": count}
