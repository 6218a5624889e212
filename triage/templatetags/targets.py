"""`{% load targets %}`: response targets, and why an answer is due when it is."""

from __future__ import annotations

from django import template

from conversations.models import Conversation
from triage import target_words
from triage.deadlines import Explained, explain
from triage.models import ResponseTarget

register = template.Library()
register.filter("lasting", target_words.lasting)
register.filter("left", target_words.left)

SHOWN = 8
"""Stretches of a wait; of more the last."""


@register.inclusion_tag("conversations/_due.html")
def why_due(conversation: Conversation) -> dict[str, object]:
    """`{% why_due conversation %}`: the answer's deadline, and how it comes about. One query while somebody waits."""
    explained = explain(conversation) if conversation.waiting_since else None
    return {"conversation": conversation, "explained": explained, **(_shown(explained) if explained else {})}


@register.filter
def whom(target: ResponseTarget) -> str:
    """`{{ target|whom }}`: "Enterprise, Urgent" """
    return target_words.whom(target.tier, target.priority)


def _shown(explained: Explained) -> dict[str, object]:
    stretches = explained.stretches
    return {
        "stretches": stretches[-SHOWN:],
        "earlier": max(0, len(stretches) - SHOWN),
        "whom": target_words.whom(explained.target.tier, explained.target.priority),
    }
