"""What follows in conversations when accounts are merged or taken apart: timelines, cards, and saved views."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import QueryDict
from django.utils import timezone

from accounts.models import AccountMerge, User
from conversations.announce import announce
from conversations.models import Conversation, EventKind, SavedView
from conversations.status import Status
from conversations.writing import insert_rows

BATCH = 500
VIEWS = "saved_views"


def on_merged(merge: AccountMerge, by: User, **_: Any) -> None:
    _tell(merge.moved["conversations"], was=merge.gone["name"], now=merge.kept.name, by=by)
    merge.moved[VIEWS] = _follow(merge)


def on_undone(merge: AccountMerge, by: User, **_: Any) -> None:
    ours = Conversation.objects.filter(workspace=merge.workspace_id, account=merge.gone_id)
    back = list(ours.filter(pk__in=merge.moved["conversations"]).order_by("pk").values_list("pk", flat=True))
    _tell(back, was=merge.kept.name, now=merge.gone["name"], by=by)
    for pk, (before, after) in merge.moved.get(VIEWS, {}).items():
        SavedView.objects.filter(workspace=merge.workspace_id, pk=pk, query=after).update(query=before)


def _tell(ids: list[int], *, was: str, now: str, by: User) -> None:
    """Whoever follows the closed ones is told nothing: they would come up again everywhere."""
    at = timezone.now()
    for start in range(0, len(ids), BATCH):
        batch = list(Conversation.objects.filter(pk__in=ids[start : start + BATCH]).order_by("pk"))
        events = []
        for row in batch:
            event = row.event(EventKind.ACCOUNT_CHANGED, by=by, at=at)
            event.data = {"from": was, "to": now}
            event.published_at = at if row.status == Status.CLOSED else None
            events.append(event)
        Conversation.objects.filter(pk__in=[row.pk for row in batch]).update(version=F("version") + 1)
        insert_rows(events)
        if batch:
            announce(by.workspace_id, [row.pk for row in batch])


def _follow(merge: AccountMerge) -> dict[str, list[str]]:
    """Answers, by the view's id, its query before and after."""
    gone, kept, followed = str(merge.gone_id), str(merge.kept_id), {}
    for view in SavedView.objects.filter(workspace=merge.workspace_id, query__contains="account="):
        query = QueryDict(view.query, mutable=True)
        chosen = query.getlist("account")
        if gone in chosen:
            query.setlist("account", list(dict.fromkeys(kept if one == gone else one for one in chosen)))
            followed[str(view.pk)] = [view.query, query.urlencode()]
            SavedView.objects.filter(pk=view.pk).update(query=query.urlencode())
    return followed
