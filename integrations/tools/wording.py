"""What a message says in a support tool."""

from __future__ import annotations

import hashlib
from datetime import UTC
from functools import partial

from django.conf import settings
from django.utils import timezone

from accounts.models import Contact, User
from conversations.excerpts import one_line
from conversations.models import GONE, Conversation, Message, MessageKind
from integrations.tools.config import Config
from integrations.tools.files import read_file
from integrations.tools.protocol import Abilities, File, NewComment, Person, TheirComment

SUBJECT = 150
CUT = "… (the rest is in Pylon)"


def subject(conversation: Conversation) -> str:
    return one_line(conversation.title, SUBJECT) or f"Conversation #{conversation.number}"


def page(conversation: Conversation) -> str:
    return f"{settings.BASE_URL}{conversation.get_absolute_url()}"


def address(message: Message) -> str:
    """Leads to the message, and is its own: by it a tool may find again what we have sent."""
    return f"{page(message.conversation)}?message={message.pk}#message-{message.pk}"


def said(message: Message, key: str, config: Config, can: Abilities) -> NewComment:
    """A message as a comment."""
    whose = author(message)
    files = [_file(message, file) for file in message.files] if not message.deleted_at else []
    fitting = [file for file in files if file.url == "" or file.size <= can.largest_file]
    text, html = (GONE, "") if message.deleted_at else (message.text, message.html)
    named = "".join(f"\n{file.name}: {file.url}" for file in files if file not in fitting)
    if len(text) + len(named) > can.longest_text:
        named = named[: can.longest_text - len(CUT)]
        text, html = text[: can.longest_text - len(CUT) - len(named)] + CUT, ""
    if named:
        text, html = f"{text}{named}".strip(), ""
    return NewComment(
        key=key, text=text or message.files_line or "…", html=html if len(html) <= can.longest_text else "",
        author=whose, at=message.sent_at, is_public=is_public(message, config, can), heading=heading(message, whose),
        url=address(message), files=fitting,
    )  # fmt: skip


def announcement(conversation: Conversation, key: str, text: str, can: Abilities) -> NewComment:
    """Something that we tell the tool ourselves, for its people alone where it can keep a secret."""
    return NewComment(
        key=key, text=text, html="", author=Person("Pylon", is_ours=True), at=timezone.now(), is_public=not can.private,
        heading="Pylon", url=f"{page(conversation)}?told={key}",
    )  # fmt: skip


def is_public(message: Message, config: Config, can: Abilities) -> bool:
    """Whether customers can read it there. A note never goes where they could: see `goes_over`."""
    if message.kind == MessageKind.NOTE or not can.public:
        return False
    return config.sends_public or not can.private


def goes_over(config: Config, can: Abilities) -> list[MessageKind]:
    """Which kinds of messages do. Notes only where the tool keeps them from customers."""
    keeps_secrets = can.private or not can.public
    notes = [MessageKind.NOTE] if config.sends_notes and keeps_secrets else []
    return [MessageKind.INBOUND, MessageKind.OUTBOUND, *notes]


def author(message: Message) -> Person:
    who: User | Contact | None = message.author_user or message.author_contact
    is_ours = message.kind != MessageKind.INBOUND
    if who is None:
        return Person(message.author_name or "Somebody", is_ours=is_ours)
    return Person(who.name, who.email or "", is_ours, f"slack:{who.external_id}" if who.external_id else "")


def requester(conversation: Conversation, opening: Message | None) -> Person:
    """The customer who asks: of the opening, else of the earliest message of theirs, else the company."""
    theirs = conversation.messages.filter(kind=MessageKind.INBOUND).exclude(author_contact=None)
    asked = opening if opening and opening.kind == MessageKind.INBOUND else None
    asked = asked or theirs.select_related("author_contact", "author_user").order_by("sent_at", "pk").first()
    if asked is None:
        return Person(conversation.account.name if conversation.account else str(conversation.channel))
    return author(asked)


def heading(message: Message, whose: Person) -> str:
    where = "in Slack" if message.ts else "in Pylon"
    what = " (internal note)" if message.kind == MessageKind.NOTE else ""
    return f"{whose.name}{what} {where}, {message.sent_at.astimezone(UTC):%d %b %Y %H:%M} UTC"


def fingerprint(message: Message) -> str:
    """Of what it says now."""
    names = "\n".join(str(file.get("id") or file.get("name") or "") for file in message.files)
    return _digest(f"{message.text}\0{names}")


def fingerprint_of(comment: TheirComment) -> str:
    return _digest(comment.text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _file(message: Message, file: dict[str, object]) -> File:
    size, link = file.get("size"), file.get("permalink") or file.get("url")
    return File(
        name=str(file.get("filename") or file.get("name") or "file"), type=str(file.get("type") or ""),
        size=size if isinstance(size, int) else 0, url=str(link or ""), read=partial(read_file, message, dict(file)),
    )  # fmt: skip
