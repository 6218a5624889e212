"""What goes into the thread of a triage post: notes written on the web, what was said, reminders."""

from __future__ import annotations

from typing import Any

from conversations.models import Message, MessageKind
from integrations.models import Delivery, Link, LinkKind
from integrations.slack import outsiders
from integrations.slack.client import SlackError, call, pages
from integrations.slack.reminders import in_the_thread
from integrations.slack.sending.triage_post import refuse_shared
from integrations.slack.triage_post import escape, quoted
from integrations.threads import threads_of
from triage.notes import remember_place

MARK = "pylon_thread"
OUTSIDERS = "people from outside are in the channel"
PAGES = 5
TOLD_AT_ONCE = 10
"""Messages in one post; of more, the newest."""


def send_note(delivery: Delivery) -> dict[str, Any]:
    """A note written on the web, under its writer's name."""
    link, event = _thread(delivery), delivery.event
    note = event.message if event else None
    if link is None or note is None or note.deleted_at:
        return {"skipped": "no thread, or no note any more"}
    if outsiders.are_in(delivery.installation, delivery.place):
        return {"skipped": OUTSIDERS}
    look: dict[str, Any] = {"username": f"{note.author_name} (note)"[:80]}
    if note.author_user and note.author_user.avatar_url:
        look["icon_url"] = note.author_user.avatar_url
    text = quoted(note.text or note.files_line, mark="")
    ts = _post(delivery, link, f"note:{note.pk}", text, **look)
    remember_place(note, channel_id=delivery.place, ts=ts)
    return {"ts": ts}


def send_story(delivery: Delivery) -> dict[str, Any]:
    """What was said since the thread was last told, in one post however much it is."""
    link = _thread(delivery)
    if link is None:
        return {"skipped": "no thread any more"}
    if outsiders.are_in(delivery.installation, delivery.place):
        return {"skipped": OUTSIDERS}
    news = Message.objects.filter(conversation=delivery.conversation_id, pk__gt=link.told_message_id)
    said = list(news.exclude(kind=MessageKind.NOTE).filter(deleted_at=None).order_by("-pk")[: TOLD_AT_ONCE + 1])
    if not said:
        return {"skipped": "told already"}
    newest = max(message.pk for message in said)
    shown = sorted(said[:TOLD_AT_ONCE], key=lambda message: (message.sent_at, message.pk))
    parts = [f"*{_head(message)}*\n{quoted(message.text or message.files_line, most=600)}" for message in shown]
    if len(said) > TOLD_AT_ONCE:
        parts.insert(0, "_Earlier messages are in the customer’s channel._")
    ts = _post(delivery, link, f"story:{newest}", "\n".join(parts))
    Link.objects.filter(pk=link.pk).update(told_message_id=newest)
    return {"ts": ts, "messages": len(shown)}


def send_reminder(delivery: Delivery) -> dict[str, Any]:
    link, event = _thread(delivery), delivery.event
    if link is None or event is None:
        return {"skipped": "no thread any more"}
    return {"ts": _post(delivery, link, f"reminder:{event.pk}", in_the_thread(event))}


def send_direct_message(delivery: Delivery) -> dict[str, Any]:
    """To one of ours, in their conversation with the app."""
    opened = call(delivery.installation, "conversations.open", users=delivery.place)
    channel = str((opened.get("channel") or {}).get("id") or "")
    key = f"direct:{delivery.pk}"
    if delivery.attempts > 1 and (ts := find_marked(delivery, "conversations.history", key, channel=channel)):
        return {"ts": ts}
    answer = call(
        delivery.installation, "chat.postMessage", channel=channel, text=delivery.request["text"],
        metadata=mark(key), unfurl_links=False, unfurl_media=False,
    )  # fmt: skip
    return {"ts": str(answer.get("ts"))}


def _head(message: Message) -> str:
    whose = "to the customer" if message.kind == MessageKind.OUTBOUND else ""
    return escape(" ".join(part for part in (message.author_name, whose) if part))


def _thread(delivery: Delivery) -> Link | None:
    """The post in whose thread it goes, or the internal thread. Raises SlackError while the post is not there yet."""
    refuse_shared(delivery)
    if thread_ts := delivery.request.get("thread"):
        kept = threads_of([delivery.conversation_id or 0]).get(delivery.conversation_id or 0, [])
        return next((one for one in kept if (one.place, one.external_id) == (delivery.place, thread_ts)), None)
    mine = Link.objects.filter(
        conversation=delivery.conversation_id, kind=LinkKind.TRIAGE_POST, place=delivery.place
    ).first()
    if mine is None:
        raise SlackError("the post is not there yet", permanent=False)
    return None if mine.ended_at else mine


def _post(delivery: Delivery, link: Link, key: str, text: str, **look: Any) -> str:
    """The ts. A try whose answer was lost is found by its mark."""
    where = {"channel": delivery.place, "ts": link.external_id}
    if delivery.attempts > 1 and (ts := find_marked(delivery, "conversations.replies", key, **where)):
        return ts
    answer = call(
        delivery.installation, "chat.postMessage", channel=delivery.place, thread_ts=link.external_id, text=text,
        metadata=mark(key), unfurl_links=False, unfurl_media=False, parse="none", link_names=False, **look,
    )  # fmt: skip
    return str(answer.get("ts"))


def mark(key: str) -> dict[str, Any]:
    return {"event_type": MARK, "event_payload": {"key": key}}


def find_marked(delivery: Delivery, method: str, key: str, **where: str) -> str:
    """The ts of what an earlier try posted without our hearing of it."""
    for message in pages(
        delivery.installation, method, "messages", most=PAGES, include_all_metadata=True, **where
    ):  # fmt: skip
        marked = message.get("metadata") or {}
        if marked.get("event_type") == MARK and (marked.get("event_payload") or {}).get("key") == key:
            return str(message.get("ts"))
    return ""
