"""The console as a support tool: its tickets are rows of ours, and what is done to them is told in the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversations.status import Status
from integrations.models import ConsoleComment, ConsoleStatus, ConsoleTicket, Installation
from integrations.tools.errors import Gone, Refused, ToolError
from integrations.tools.protocol import (
    Abilities,
    Changes,
    Choice,
    Choices,
    Counterpart,
    Finding,
    NewComment,
    NewTicket,
    Person,
    TheirComment,
    TheirFile,
    Touched,
    Webhook,
)  # fmt: skip

log = structlog.get_logger(__name__)

FOUND = 10
POLLED = 100
OUT = {Status.TODO: ConsoleStatus.OPEN, Status.IN_PROGRESS: ConsoleStatus.PENDING, Status.CLOSED: ConsoleStatus.SOLVED}


class ConsoleAdapter:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._tickets = ConsoleTicket.objects.filter(installation_id=installation.pk)

    @property
    def can(self) -> Abilities:
        return Abilities(edits=True, deletes=True, webhooks=False, polls=timedelta(minutes=1))

    def check(self) -> list[Finding]:
        return [Finding(f"The console answers; it keeps {self._tickets.count()} tickets", is_good=True)]

    def choices(self) -> Choices:
        active = User.objects.filter(workspace=self._installation.workspace_id, is_active=True).exclude(email=None)
        return Choices(
            statuses=[Choice(value, str(label)) for value, label in ConsoleStatus.choices],
            status_out={ours.value: theirs.value for ours, theirs in OUT.items()},
            status_in={theirs.value: ours.value for ours, theirs in OUT.items()},
            agents=[Person(user.name, user.email or "", is_ours=True) for user in active],
        )

    def create(self, ticket: NewTicket) -> Counterpart:
        with transaction.atomic():
            Installation.objects.select_for_update(no_key=True).get(
                pk=self._installation.pk
            )  # one number after another
            number = (self._tickets.aggregate(last=Max("number"))["last"] or 0) + 1
            requester = " ".join(part for part in (ticket.requester.name, ticket.requester.email) if part)
            made = ConsoleTicket.objects.create(
                installation=self._installation, number=number, key=ticket.key, title=ticket.subject[:200],
                requester=requester[:160], status=ticket.status or ConsoleStatus.OPEN, source=ticket.url,
                owner_email=ticket.owner_email if self._has_agent(ticket.owner_email) else "",
            )  # fmt: skip
            opening = _comment(made, ticket.opening)
        log.info("a ticket in the console", number=number, title=made.title, requester=made.requester)
        return self._told(made, opening_id=str(opening.pk))

    def created(self, key: str) -> Counterpart | None:
        made = self._tickets.filter(key=key).first()
        opening = made.comments.order_by("pk").first() if made else None
        return self._told(made, opening_id=str(opening.pk) if opening else "opening") if made else None

    def get(self, external_id: str) -> Counterpart:
        return self._told(self._ticket(external_id))

    def find(self, text: str) -> list[Counterpart]:
        text = text.strip()
        last = text.rstrip("/").rpartition("/")[2].lstrip("#")
        named = (
            Q(number=int(last)) if last.isascii() and last.isdigit() and len(last) < 10 else Q(title__icontains=text)
        )
        return [self._told(ticket) for ticket in self._tickets.filter(named)[:FOUND]]

    def comments(self, external_id: str) -> list[TheirComment]:
        return [
            TheirComment(
                str(comment.pk), comment.text, Person(comment.author_name, comment.author_email, comment.is_ours),
                comment.created_at, comment.is_public, comment.key, [TheirFile(**file) for file in comment.files],
            )
            for comment in self._ticket(external_id).comments.all()
        ]  # fmt: skip

    def add(self, external_id: str, comment: NewComment) -> str:
        ticket = self._ticket(external_id)
        try:
            with transaction.atomic():
                added = _comment(ticket, comment)
                self._touch(ticket)
        except IntegrityError:
            raise ToolError("There is such a comment already.", permanent=True) from None
        log.info("a comment in the console", number=ticket.number, by=comment.author.name, is_public=comment.is_public)
        return str(added.pk)

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:
        ticket = self._ticket(external_id)
        if not ticket.comments.filter(pk=_whole(comment_id)).update(text=comment.text, files=_files(comment)):
            raise Gone("The comment is gone from the console.")
        self._touch(ticket)

    def delete(self, external_id: str, comment_id: str) -> None:
        ticket = self._ticket(external_id)
        ticket.comments.filter(pk=_whole(comment_id)).delete()
        self._touch(ticket)

    def set_status(self, external_id: str, status: str) -> None:
        if status not in ConsoleStatus.values:
            raise ToolError(f"The console knows no status “{status[:40]}”.", permanent=True)
        self._touch(self._ticket(external_id), status=status)

    def set_owner(self, external_id: str, email: str) -> bool:
        ticket = self._ticket(external_id)
        if email and not self._has_agent(email):
            return False
        self._touch(ticket, owner_email=email)
        return True

    def changes(self, cursor: str) -> Changes:
        """The cursor is the time and the id of the last ticket told of."""
        if not cursor:
            return Changes([], f"{timezone.now().isoformat()} 0")
        at, _, pk = cursor.partition(" ")
        since = self._tickets.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=int(pk))).order_by(
            "updated_at", "pk"
        )
        found = list(since[:POLLED])
        if not found:
            return Changes([], cursor)
        touched = [Touched(str(ticket.pk), str(ticket.version)) for ticket in found]
        return Changes(touched, f"{found[-1].updated_at.isoformat()} {found[-1].pk}", is_more=len(found) == POLLED)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:  # noqa: ARG002 - there is nothing to look at
        raise Refused("The console is part of Pylon and sends no webhooks.", status=404)

    def touched(self, body: str) -> list[str]:  # noqa: ARG002 - as above
        raise ValueError("the console sends no webhooks")

    def _ticket(self, external_id: str) -> ConsoleTicket:
        ticket = self._tickets.filter(pk=_whole(external_id)).first()
        if ticket is None:
            raise Gone("The ticket is gone from the console.")
        return ticket

    def _touch(self, ticket: ConsoleTicket, **changes: Any) -> None:
        self._tickets.filter(pk=ticket.pk).update(version=F("version") + 1, updated_at=timezone.now(), **changes)
        log.info("a ticket changed in the console", number=ticket.number, **changes)

    def _has_agent(self, email: str) -> bool:
        active = User.objects.filter(workspace=self._installation.workspace_id, is_active=True)
        return bool(email) and active.filter(email__iexact=email).exists()

    def _told(self, ticket: ConsoleTicket, *, opening_id: str = "opening") -> Counterpart:
        page = reverse("console-ticket", args=[self._installation.pk, ticket.number])
        owner = User.objects.filter(email__iexact=ticket.owner_email).first() if ticket.owner_email else None
        return Counterpart(
            str(ticket.pk), str(ticket.number), f"{settings.BASE_URL}{page}", ticket.title, ticket.status,
            Person(owner.name if owner else "", ticket.owner_email, is_ours=True) if ticket.owner_email else None,
            ticket.updated_at, str(ticket.version), opening_id,
        )  # fmt: skip


def _comment(ticket: ConsoleTicket, comment: NewComment) -> ConsoleComment:
    return ConsoleComment.objects.create(
        ticket=ticket, key=comment.key, text=comment.text, author_name=comment.author.name[:160],
        author_email=comment.author.email, is_ours=comment.author.is_ours, is_public=comment.is_public,
        files=_files(comment), created_at=comment.at,
    )  # fmt: skip


def _files(comment: NewComment) -> list[dict[str, Any]]:
    """Names and addresses: the console keeps no files."""
    return [{"name": file.name, "url": file.url, "type": file.type, "size": file.size} for file in comment.files]


def _whole(external_id: str) -> int:
    return int(external_id) if external_id.isascii() and external_id.isdigit() and len(external_id) < 19 else 0
