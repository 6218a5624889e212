"""`{% load tickets %}`: the tickets of a conversation, and what can be done about them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from conversations.models import Conversation
from integrations.tools.connecting import tools_of
from integrations.tools.showing import links_of
from integrations.tools.standing import standing

register = template.Library()


@register.inclusion_tag("integrations/_links.html", takes_context=True)
def ticket_links(context: Context, conversation: Conversation) -> dict[str, Any]:
    """The panel; nothing where no tool is connected."""
    links = links_of(conversation)
    taken = {link.installation_id for link in links}
    is_own = not conversation.merged_into_id and not conversation.is_unsorted
    tools = [tool for tool in tools_of(conversation.workspace) if not tool.revoked_at] if is_own else []
    return {
        "conversation": conversation, "standings": [standing(link) for link in links],
        "tools": [tool for tool in tools if tool.pk not in taken],
        "user": context["user"], "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.inclusion_tag("integrations/_bulk_connect.html", takes_context=True)
def bulk_connect(context: Context) -> dict[str, Any]:
    """The board's choice of a tool for the selected cards; nothing where no tool is connected."""
    return {"tools": [tool for tool in tools_of(context["user"].workspace) if not tool.revoked_at]}
