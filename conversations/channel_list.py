"""The channels of a workspace as its settings list them: filtered, page by page, with what was said last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, ChannelKind
from conversations.models import Message, MessageKind

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty: all. `state`: "in", "left", "archived" or "shared"; `lacks`: "owner" or "account"; `text`: in the name."""

    kind: str = ""
    state: str = ""
    lacks: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """What is no choice is none."""
        kind, state, lacks = (query.get(name, "") for name in ("kind", "state", "lacks"))
        return cls(
            kind=kind if kind in ChannelKind.values else "",
            state=state if state in STATES else "",
            lacks=lacks if lacks in {"owner", "account"} else "",
            text=query.get("q", "").replace("\x00", "").strip().lstrip("#")[:80],
        )

    def __bool__(self) -> bool:
        return bool(self.kind or self.state or self.lacks or self.text)


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: the key to go on after, where there are more."""

    channels: list[Channel]
    next: int | None


STATES = {
    "in": (_("Pylon is in it"), Q(left_at=None, archived_at=None)),
    "left": (_("Left"), Q(left_at__isnull=False)),
    "archived": (_("Archived"), Q(archived_at__isnull=False)),
    "shared": (_("Shared"), Q(is_shared=True)),
}
"""In words, and as a condition."""


def page(workspace_id: int, chosen: Filter, *, after: int | None = None) -> Page:
    """In order of their names. Each has `last_message_at`, of what was said with the customer."""
    found = listed(workspace_id)
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    if chosen.state:
        found = found.filter(STATES[chosen.state][1])
    if chosen.lacks:
        found = found.filter(**{chosen.lacks: None}, kind=ChannelKind.CUSTOMER)
    if chosen.text:
        found = found.filter(name__icontains=chosen.text)
    last = Channel.objects.filter(workspace=workspace_id, pk=after).first() if after else None
    if last:
        found = found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    rows = list(found.order_by("name", "pk")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def listed(workspace_id: int) -> QuerySet[Channel]:
    said = Message.objects.filter(channel=OuterRef("pk")).exclude(kind=MessageKind.NOTE).order_by("-sent_at")
    channels = Channel.objects.filter(workspace=workspace_id).select_related("workspace", "account", "owner")
    return channels.annotate(last_message_at=Subquery(said.values("sent_at")[:1]))
