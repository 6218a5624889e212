"""Whom a teammate means when they write a name in Slack."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User, Workspace

MENTION = re.compile(r"<@([UW][A-Z0-9_]*)(?:\|[^>]*)?>")


def named_teammate(workspace: Workspace, words: str, *, me: User) -> User | None:
    """By mention, name or first name; `me`; None for `nobody`. ValidationError, in words, unless it is one person."""
    words = words.strip()
    if words.lower() in {"me", "nobody"}:
        return me if words.lower() == "me" else None
    mention = MENTION.fullmatch(words)
    name = words.removeprefix("@")
    active = workspace.users.filter(is_active=True)
    if mention:
        found = list(active.filter(external_id=mention[1]))
    else:
        found = list(active.filter(Q(name__iexact=name) | Q(name__istartswith=f"{name} "))[:2]) if name else []
    if not found:
        raise ValidationError("Write to whom: @teammate, me or nobody." if not name else "That is no teammate.")
    if len(found) > 1:
        raise ValidationError(f"Several teammates are called {name[:40]}: write the whole name, or @ and choose.")
    return found[0]
