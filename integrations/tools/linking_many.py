"""Connecting many conversations with a tool at once: each by the same verb as on its own page."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from conversations.bulk import Outcome
from conversations.models import Conversation
from integrations.models import Installation, Link, LinkKind
from integrations.tools.linking import connect


def connect_many(conversations: Sequence[Conversation], installation: Installation, *, by: User) -> Outcome:
    """Have a ticket made for each; those that have one there are left alone. No way back: a ticket that was made
    stays, and is disconnected on its conversation's page."""
    taken = Link.objects.filter(
        installation=installation, conversation__in=conversations, kind=LinkKind.TICKET, ended_at=None
    )
    outcome, connected = Outcome(), set(taken.values_list("conversation_id", flat=True))
    for conversation in conversations:
        if conversation.pk in connected:
            continue
        try:
            connect(conversation, installation, by=by)
        except ValidationError as error:
            outcome.refusals[conversation.pk] = f"#{conversation.number}: {' '.join(error.messages)}"
        else:
            outcome.changed.append(conversation)
    return outcome


def words(outcome: Outcome, installation: Installation, *, asked: int) -> str:
    """What was done, for the person who did it; `asked`: how many were to be connected."""
    tool = installation.get_provider_display()
    done = len(outcome.changed)
    already = asked - done - len(outcome.refusals)
    told = []
    if done:
        text = ngettext(
            "%(count)d conversation connected with %(tool)s.", "%(count)d conversations connected with %(tool)s.", done
        )
        told.append(text % {"count": done, "tool": tool})
    if already:
        text = ngettext("%(count)d had a ticket there already.", "%(count)d had a ticket there already.", already)
        told.append(text % {"count": already})
    return " ".join(told) or _("Nothing was connected.")
