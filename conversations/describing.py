"""What a conversation is about, in few words: title, summary, topic, sentiment and suggested priority.

A language model gives all of them. Without one there are the title, which is the first telling sentence
(`excerpts.title_of`), and a priority where the customer's own words leave no doubt (`urgency`).
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from conversations.announce import announce
from conversations.excerpts import clean, one_line
from conversations.models import Automatic, Conversation, EventKind, Priority, Sentiment

TITLE_LENGTH: Final = 120
SENTENCE_LENGTH: Final = 195
TOPIC_LENGTH: Final = 40
TOPIC_WORDS: Final = 3
TOPICS: Final = 30
"""How many topics in use are offered."""
DESCRIBED: Final = ("summary", "topic", "described_at")
"""What only a description gives."""


@dataclass(frozen=True, slots=True)
class Description:
    """As a model wrote it. `need`: what the customer wants; `standing`: what is done and open."""

    title: str
    need: str
    standing: str
    topic: str
    sentiment: Sentiment
    priority: Priority


def describe(
    *, conversation: Conversation, description: Description, knew: datetime, by: Automatic
) -> Conversation | None:
    """Take a description over, cut and cleaned. `knew`: when the newest message was sent that it is about.

    None: something newer was said since, of which it knows nothing.
    """
    with transaction.atomic():
        fresh = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        if fresh.last_message_at != knew:
            return None
        told = _told(description)
        if told["title"] and _may_retitle(fresh):
            fresh.titled_at = fresh.opened_at  # nothing that is said later is more telling
        else:
            told["title"] = fresh.title
        fresh.described_at, fresh.version = knew, fresh.version + 1
        for name, value in told.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=[*told, "titled_at", "described_at", "version"])
        event = fresh.event(EventKind.DESCRIBED, by=by, at=max(timezone.now(), knew))
        event.data = {"title": fresh.title}
        event.save()
        announce(fresh.workspace_id, [fresh.pk])
    return fresh


def undescribe(conversation: Conversation) -> None:
    """Forget, in memory, what was written about it: something of which it may tell was deleted."""
    conversation.events.filter(kind=EventKind.DESCRIBED).update(data={})
    conversation.retitle()
    conversation.summary = conversation.topic = ""
    conversation.described_at = None


def topics_in_use(workspace_id: int) -> list[str]:
    """The workspace's commonest topics of late, so that the same matter gets the same tag."""
    described = Conversation.objects.filter(workspace=workspace_id).exclude(topic="")
    lately = described.order_by("-last_message_at").values_list("topic", flat=True)[:500]
    return [topic for topic, _ in Counter(lately).most_common(TOPICS)]


def _told(description: Description) -> dict[str, str]:
    summary = (one_line(clean(line), SENTENCE_LENGTH) for line in (description.need, description.standing))
    topic = " ".join(one_line(clean(description.topic), TOPIC_LENGTH).split()[:TOPIC_WORDS])
    return {
        "title": one_line(clean(description.title), TITLE_LENGTH),
        "summary": "\n".join(line for line in summary if line),
        "topic": topic.strip("#.,;:"),
        "sentiment": description.sentiment,
        "suggested_priority": description.priority,
    }


def _may_retitle(conversation: Conversation) -> bool:
    """Only a title that a rule or a model gave may be replaced: whatever else it says, a person wrote it."""
    last = conversation.events.filter(kind=EventKind.DESCRIBED).order_by("-pk").first()
    by_rule = copy(conversation)
    by_rule.retitle()
    return conversation.title in {"", by_rule.title, last.data.get("title", "") if last else ""}
