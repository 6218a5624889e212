"""Connecting a conversation with a ticket, and letting go of it. Nothing of a conversation goes to a tool before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import require_change
from conversations.models import Actor, Automatic, Conversation, ConversationEvent, EventKind
from integrations.models import Installation, Link, LinkKind
from integrations.tools import ending
from integrations.tools.config import Automatic as When
from integrations.tools.config import Config
from integrations.tools.ending import LinkEnd
from integrations.tools.protocol import Counterpart
from integrations.tools.reading import know_comments
from integrations.tools.registry import TOOLS, adapter_of
from integrations.tools.sending import note_ticket
from integrations.tools.showing import show_links
from integrations.tools.tasks import work_links
from integrations.trouble import TROUBLE
from integrations.wake import wake
from triage.preview import facts_of


def choosable(conversation: Conversation) -> list[Installation]:
    """The tools with which it could be connected now."""
    if conversation.merged_into_id or conversation.is_unsorted:
        return []
    taken = Link.objects.filter(conversation=conversation, kind=LinkKind.TICKET, ended_at=None)
    tools = Installation.objects.filter(
        workspace=conversation.workspace_id, provider__in=TOOLS, revoked_at=None, removed_at=None
    )
    return list(tools.exclude(pk__in=taken.values("installation")).order_by("created_at"))


def connect(conversation: Conversation, installation: Installation, *, by: Actor) -> Link:
    """Have a ticket made, with what was said so far. One that was connected before is taken up again. Answers at once:
    the tool is told afterwards. ValidationError, in words, where it can't be."""
    _check(conversation, installation, by)
    with transaction.atomic():
        Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        if known := _active(conversation, installation):
            return known
        link = _former(conversation, installation) or _new(conversation, installation)
        link.origin, link.linked_by = conversation, by if isinstance(by, User) else None
        link.due_at = link.heard_at = timezone.now()
        link.ended_at = link.stopped_at = None
        link.ended_because = link.stopped_because = ""
        try:
            with transaction.atomic():
                link.save()
        except IntegrityError:
            raise ValidationError(_("Its former ticket is connected with another conversation by now.")) from None
        if link.external_id:
            _tell_linked(link, by=by)
        transaction.on_commit(partial(wake, work_links))
    return link


def link_existing(conversation: Conversation, installation: Installation, external_id: str, *, by: User) -> Link:
    """Connect with a ticket that is there already, as `find` gave it. What was said there before stays there; what was
    said here goes over. Asks the tool; raises ToolError, and ValidationError, in words."""
    _check(conversation, installation, by)
    adapter = adapter_of(installation)
    ticket = adapter.get(external_id)
    comments = adapter.comments(ticket.external_id)
    with transaction.atomic():
        Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        _refuse_taken(conversation, installation, ticket)
        link = _new(conversation, installation)
        note_ticket(link, ticket)
        link.linked_by = by
        # Our status goes over. So does our owner; theirs is taken over where nobody owns it here.
        link.their_owner = link.their_owner if conversation.owner_id else ""
        link.due_at = link.heard_at = timezone.now()
        link.save()
        know_comments(link, comments)
        _tell_linked(link, by=by)
        transaction.on_commit(partial(wake, work_links))
    return link


def find(installation: Installation, text: str) -> list[Counterpart]:
    """Tickets by number, address or words. Asks the tool; raises ToolError."""
    return adapter_of(installation).find(text.strip()[:300])[:10] if text.strip() else []


def disconnect(link: Link, *, by: User) -> None:
    """Keep both sides as they are and in step no more. Connecting again takes the same ticket up."""
    require_change(by)
    if link.workspace_id != by.workspace_id:
        raise ValidationError(_("This conversation is of another workspace."))
    ending.end(link, LinkEnd.DISCONNECTED, by=by)


def connect_new(events: Sequence[ConversationEvent]) -> None:
    """Of the conversations that were opened: connect those that a tool is to have by itself."""
    opened = {event.conversation_id for event in events if event.kind == EventKind.OPENED}
    if not opened:
        return
    tools = Installation.objects.filter(provider__in=TOOLS, revoked_at=None, removed_at=None)
    configs = {
        tool: config for tool in tools.filter(workspace__in={event.workspace_id for event in events})
        if (config := Config.read(tool.config)).automatic != When.NEVER
    }  # fmt: skip
    if not configs:
        return
    for conversation in Conversation.objects.filter(pk__in=opened).listed().select_related("account"):
        for tool, config in configs.items():
            fits = config.automatic == When.ALWAYS or config.rule.lets_through(facts_of(conversation))
            if fits and tool.workspace_id == conversation.workspace_id:
                connect(conversation, tool, by=Automatic(tool.provider, "New conversations connect by themselves"))


# What they are made of ────────────────────────────────────────────────────────────────────────────────


def _check(conversation: Conversation, installation: Installation, by: Actor) -> None:
    require_change(by)
    workspaces = {conversation.workspace_id, installation.workspace_id}
    if isinstance(by, User):
        workspaces.add(by.workspace_id)
    if len(workspaces) > 1:
        raise ValidationError(_("This conversation is of another workspace."))
    if installation.provider not in TOOLS or installation.removed_at:
        raise ValidationError(_("This tool is not connected."))
    if conversation.merged_into_id or conversation.is_unsorted:
        raise ValidationError(_("This is no conversation of its own."))
    if installation.revoked_at:
        because = TROUBLE.told(installation.revoked_because)
        raise ValidationError(because or _("This tool must be connected again first."))


def _active(conversation: Conversation, installation: Installation) -> Link | None:
    return Link.objects.filter(
        conversation=conversation, installation=installation, kind=LinkKind.TICKET, ended_at=None
    ).first()


def _former(conversation: Conversation, installation: Installation) -> Link | None:
    """The last one that a person had ended."""
    ended = Link.objects.filter(conversation=conversation, installation=installation, kind=LinkKind.TICKET)
    return ended.filter(ended_because=LinkEnd.DISCONNECTED).order_by("-ended_at").first()


def _new(conversation: Conversation, installation: Installation) -> Link:
    return Link(
        workspace_id=conversation.workspace_id, conversation=conversation, installation=installation,
        kind=LinkKind.TICKET, origin=conversation,
    )  # fmt: skip


def _refuse_taken(conversation: Conversation, installation: Installation, ticket: Counterpart) -> None:
    if mine := _active(conversation, installation):
        raise ValidationError(_("It is connected with %(number)s already.") % {"number": mine.number or "…"})
    taken = Link.objects.filter(installation=installation, external_id=ticket.external_id, ended_at=None)
    if other := taken.select_related("conversation").first():
        words = {"ticket": ticket.number, "number": other.conversation.number}
        raise ValidationError(_("%(ticket)s is connected with #%(number)s already.") % words)


def _tell_linked(link: Link, *, by: Actor) -> None:
    told = {"tool": link.installation.get_provider_display(), "number": link.number, "url": link.url}
    show_links(link.conversation, by=by, told=EventKind.LINKED, data=told)
