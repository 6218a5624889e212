"""Compares both sides of a tool's links, in batches beside other work: what they should agree on, and don't.

Nothing is changed by comparing. What is chosen then is mended by letting the ordinary ways run again: what is missing
there is planned anew, what is missing here is read anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.roles import require_admin
from conversations.excerpts import one_line
from conversations.status import Status
from integrations.models import (
    Comparison,
    Difference,
    DifferenceKind,
    Direction,
    Installation,
    Link,
    LinkedMessage,
    LinkKind,
)  # fmt: skip
from integrations.tools.config import Config
from integrations.tools.errors import Gone, ToolError
from integrations.tools.matching import is_word_for_word
from integrations.tools.planning import owner_key, tell_again, waiting
from integrations.tools.protocol import Adapter, Counterpart, TheirComment
from integrations.tools.registry import adapter_of
from integrations.tools.sending import NEVER_TOLD
from integrations.tools.tasks import compare_tools, work_links
from integrations.tools.wording import fingerprint, fingerprint_of, goes_over, said
from integrations.wake import wake

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
AGAIN = timedelta(seconds=30)
SHOWN = 120
"""Characters of a wording."""


def begin(installation: Installation, *, by: User) -> Comparison:
    """Start one, unless one is running: then that."""
    require_admin(by)
    total = _links(installation).count()
    try:
        with transaction.atomic():
            comparison = Comparison.objects.create(installation=installation, started_by=by, total=total)
    except IntegrityError:
        return Comparison.objects.get(installation=installation, finished_at=None)
    transaction.on_commit(partial(wake, compare_tools))
    return comparison


def go_on(*, seconds: float) -> bool:
    """Compare some more of what is being compared. False: there is more at once."""
    deadline = time.monotonic() + seconds
    while comparison := _claim():
        adapter = adapter_of(comparison.installation)
        for link in _links(comparison.installation).filter(pk__gt=comparison.reached).order_by("pk"):
            if not _compare(comparison, link, adapter):
                break
            if time.monotonic() > deadline:
                Comparison.objects.filter(pk=comparison.pk).update(next_at=timezone.now())
                return False
        else:
            Comparison.objects.filter(pk=comparison.pk).update(finished_at=timezone.now())
    return True


def differences(
    link: Link, ticket: Counterpart, comments: Sequence[TheirComment], adapter: Adapter
) -> list[Difference]:
    """Unsaved. What is on its way counts as there."""
    found = [*_of_standing(link, ticket)] if not waiting(link).exists() else []
    there = {comment.external_id for comment in comments}
    rows = list(LinkedMessage.objects.filter(link=link).select_related("message"))
    sent = [row for row in sorted(rows, key=lambda row: row.pk) if row.direction == Direction.OUT and row.external_id]
    for row in sent[1:]:  # the opening may be the ticket's description, which is no comment
        message = row.message
        if message and not message.deleted_at and row.gone_at is None and row.external_id not in there:
            ours = one_line(message.text, SHOWN)
            found.append(Difference(link=link, kind=DifferenceKind.MISSING_THERE, subject=str(message.pk), ours=ours))
    kinds = goes_over(Config.read(link.installation.config), adapter.can)
    unsent = link.conversation.messages.filter(kind__in=kinds, deleted_at=None).exclude(linked_messages__link=link)
    for message in unsent.exclude(reply__linked_messages__link=link).order_by("sent_at", "pk"):
        ours = one_line(message.text or message.files_line, SHOWN)
        found.append(Difference(link=link, kind=DifferenceKind.MISSING_THERE, subject=str(message.pk), ours=ours))
    found += _of_wording(link, rows, comments, adapter)
    known = {row.external_id for row in rows}
    found += [
        Difference(
            link=link, kind=DifferenceKind.MISSING_HERE, subject=one.external_id,
            theirs=one_line(f"{one.author.name}: {one.text}", SHOWN),
        )
        for one in comments
        if one.external_id not in known and not one.key
    ]  # fmt: skip
    return found


def mend(difference: Difference, *, by: User, ours: bool = True) -> None:
    """`ours`: of status and owner, ours goes over; otherwise theirs comes here."""
    require_admin(by)
    link, now = difference.link, timezone.now()
    with transaction.atomic():
        changes: dict[str, object] = {"due_at": now}
        match difference.kind:
            case DifferenceKind.MISSING_THERE:
                LinkedMessage.objects.filter(
                    link=link, message=int(difference.subject), direction=Direction.OUT
                ).delete()
            case DifferenceKind.MISSING_HERE:
                changes |= {"heard_at": now, "their_version": ""}
            case DifferenceKind.WORDING:
                changes |= {"heard_at": now, "their_version": ""}  # what was written there is read anew
                for row in LinkedMessage.objects.filter(
                    link=link, external_id=difference.subject, direction=Direction.OUT, gone_at=None
                ):
                    tell_again(link, row)
            case DifferenceKind.STATUS if ours:
                changes |= {"our_status": "", "their_status": difference.theirs[:64]}
            case DifferenceKind.OWNER if ours:
                changes |= {"our_owner": NEVER_TOLD, "their_owner": difference.theirs[:254]}
            case DifferenceKind.STATUS:
                changes |= {"our_status": link.conversation.status, "their_status": "-"}
                changes |= {"heard_at": now, "their_version": ""}
            case DifferenceKind.OWNER:
                changes |= {"our_owner": owner_key(link.conversation.owner), "their_owner": "-"}
                changes |= {"heard_at": now, "their_version": ""}
        Link.objects.filter(pk=link.pk, ended_at=None).update(**changes)
        Difference.objects.filter(pk=difference.pk).update(mended_at=now)
        transaction.on_commit(partial(wake, work_links))


def _links(installation: Installation) -> QuerySet[Link]:
    links = Link.objects.filter(installation=installation, kind=LinkKind.TICKET, ended_at=None)
    return links.exclude(external_id="").select_related("installation", "conversation__owner")


def _claim() -> Comparison | None:
    now = timezone.now()
    due = Comparison.objects.filter(finished_at=None, next_at__lte=now, installation__revoked_at=None)
    with transaction.atomic():
        comparison = due.select_for_update(of=("self",), skip_locked=True).select_related("installation").first()
        if comparison:
            Comparison.objects.filter(pk=comparison.pk).update(next_at=now + LEASE)
    return comparison


def _compare(comparison: Comparison, link: Link, adapter: Adapter) -> bool:
    """False where the tool does not answer now: it goes on there later."""
    try:
        ticket = adapter.get(link.external_id)
        found = differences(link, ticket, adapter.comments(link.external_id), adapter)
    except Gone as error:
        found = [Difference(link=link, kind=DifferenceKind.GONE, theirs=str(error)[:300])]
    except ToolError as error:
        if not error.permanent:
            wait = AGAIN if error.retry_after is None else timedelta(seconds=error.retry_after)
            Comparison.objects.filter(pk=comparison.pk).update(next_at=timezone.now() + wait, trouble=str(error)[:300])
            return False
        found = [Difference(link=link, kind=DifferenceKind.GONE, theirs=str(error)[:300])]
    with transaction.atomic():
        for difference in found:
            difference.comparison = comparison
        Difference.objects.bulk_create(found)
        Comparison.objects.filter(pk=comparison.pk).update(
            reached=link.pk, compared=F("compared") + 1, trouble="", next_at=timezone.now() + LEASE
        )
    return True


def _of_wording(
    link: Link, rows: Sequence[LinkedMessage], comments: Sequence[TheirComment], adapter: Adapter
) -> list[Difference]:
    """Comments of theirs that were reworded since we took them over, and ours that stand there otherwise than we sent
    them. The latter only where the tool lets a comment be changed: elsewhere nobody can have."""
    found: list[Difference] = []
    config = Config.read(link.installation.config)
    there = {comment.external_id: comment for comment in comments}
    for row in rows:
        message, comment = row.message, there.get(row.external_id)
        if comment is None or row.gone_at is not None or not row.fingerprint:
            continue
        if row.direction == Direction.IN:
            is_same = row.fingerprint == fingerprint_of(comment)
        elif message and adapter.can.edits and not message.deleted_at and row.fingerprint == fingerprint(message):
            is_same = is_word_for_word(said(message, row.key, config, adapter.can), comment)
        else:
            continue  # it can't be, or is on its way
        if not is_same:
            ours = one_line(message.text, SHOWN) if message else ""
            theirs = one_line(comment.text, SHOWN)
            found.append(
                Difference(link=link, kind=DifferenceKind.WORDING, subject=row.external_id, ours=ours, theirs=theirs)
            )
    return found


def _of_standing(link: Link, ticket: Counterpart) -> list[Difference]:
    """Where the map says nothing of a status, nothing can differ."""
    found, conversation = [], link.conversation
    config = Config.read(link.installation.config)
    mapped = config.ours(ticket.status)
    if mapped and mapped != conversation.status:
        ours = str(Status(conversation.status).label)
        found.append(Difference(link=link, kind=DifferenceKind.STATUS, ours=ours, theirs=ticket.status))
    theirs = ticket.owner.email.lower() if ticket.owner else ""
    ours_key = owner_key(conversation.owner)
    is_known = not theirs or User.objects.filter(workspace=link.workspace_id, email__iexact=theirs).exists()
    if theirs != ours_key and is_known:
        found.append(Difference(link=link, kind=DifferenceKind.OWNER, ours=ours_key, theirs=theirs))
    return found
