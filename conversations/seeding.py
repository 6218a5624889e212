"""Writes invented conversations by COPY: a hundred thousand in about a minute.

The columns are stated by hand: to make a model instance for each of a million rows costs more than the database does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction

from accounts.models import Account, Channel, Contact, User, Workspace
from conversations.excerpts import one_line, title_of
from conversations.invention import Invented, Said, company, person
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind, Uncounted
from conversations.status import Status

TEAMMATES = 8
CONTACTS = 3
"""Of each account."""

CONVERSATION = [
    "id", "workspace_id", "number", "channel_id", "account_id", "owner_id", "title", "status", "status_by_person",
    "status_changed_at", "opened_at", "waiting_since", "first_response_at", "closed_at", "last_message_at",
    "last_message_text", "last_message_author", "last_message_inbound", "message_count", "version", "tags", "priority",
]  # fmt: skip
MESSAGE = [
    "id", "workspace_id", "conversation_id", "channel_id", "ts", "thread_ts", "kind", "text", "files",
    "author_user_id", "author_contact_id", "author_name", "sent_at", "created_at", "grouping_rule", "grouping_reason",
]  # fmt: skip
EVENT = [
    "workspace_id", "conversation_id", "message_id", "kind", "by_user_id", "by_contact_id", "by_rule", "reason",
    "data", "happened_at", "created_at", "published_at",
]  # fmt: skip
UNCOUNTED = ["workspace_id", "conversation_id"]
WHY = {
    Status.IN_PROGRESS: ("reply_continues", "We answered without concluding"),
    Status.CLOSED: ("reply_concludes", "Our reply concludes"),
}

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's channel and who writes in it."""

    channel: Channel
    contacts: list[Contact]


@dataclass(frozen=True, slots=True)
class Stage:
    """Whom invented conversations may be with."""

    workspace: Workspace
    places: list[Place]
    teammates: list[User]


def set_stage(workspace: Workspace, *, accounts: int) -> Stage:
    """Accounts with an owner, a channel and contacts each. What an earlier run made is found again."""
    with transaction.atomic():
        teammates = [_teammate(workspace, n) for n in range(TEAMMATES)]
        places = [_place(workspace, n, owner=teammates[n % TEAMMATES]) for n in range(accounts)]
    return Stage(workspace, places, teammates)


def write(stage: Stage, batch: Sequence[Invented], *, first_place: int) -> None:
    """All of the batch or, on an error, none. Nobody is told: the events count as published."""
    with transaction.atomic():
        rows = Rows(stage, iter(_take_ids(Message, sum(len(invented.said) for invented in batch))))
        ids, numbers = _take_ids(Conversation, len(batch)), stage.workspace.take_numbers(len(batch))
        for place, (pk, number, invented) in enumerate(zip(ids, numbers, batch, strict=True), first_place):
            rows.add(invented, pk=pk, number=number, place=place)
        _copy(Conversation, CONVERSATION, rows.conversations)
        _copy(Message, MESSAGE, rows.messages)
        _copy(ConversationEvent, EVENT, rows.events)
        _copy(Uncounted, UNCOUNTED, [(stage.workspace.pk, pk) for pk in ids])


@dataclass(slots=True)
class Rows:
    stage: Stage
    message_ids: Iterator[int]
    conversations: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    def add(self, invented: Invented, *, pk: int, number: int, place: int) -> None:
        where, teammate = self.stage.places[invented.channel], self.stage.teammates[invented.teammate]
        contact = where.contacts[invented.contact % CONTACTS]
        times = [_exact(said.at, place, turn) for turn, said in enumerate(invented.said)]
        status, changed_at = Status.TODO, times[0]
        waiting_since: datetime | None = None
        answered_at: datetime | None = None
        root: str | None = None
        for said, at in zip(invented.said, times, strict=True):
            author = contact if said.inbound else teammate
            root = self._say(said, conversation=pk, channel=where.channel, author=author, at=at, root=root)
            if said.leads_to:
                status, changed_at = said.leads_to, at
            if not said.inbound:
                waiting_since, answered_at = None, answered_at or at
            elif status != Status.CLOSED:
                waiting_since = waiting_since or at
        last = invented.said[-1]
        self.conversations.append((
            pk, self.stage.workspace.pk, number, where.channel.pk, where.channel.account_id, where.channel.owner_id,
            title_of(invented.said[0].text), status, False, changed_at, times[0], waiting_since, answered_at,
            changed_at if status == Status.CLOSED else None, times[-1], one_line(last.text, 300),
            (contact if last.inbound else teammate).name, last.inbound, len(times), 1,
            list(invented.tags), invented.priority,
        ))  # fmt: skip

    def _say(
        self, said: Said, *, conversation: int, channel: Channel, author: User | Contact, at: datetime, root: str | None
    ) -> str:
        """The rows of one message. Answers the thread's root."""
        ts, message, workspace = f"{at.timestamp():.6f}", next(self.message_ids), self.stage.workspace.pk
        by = (author.pk, None) if isinstance(author, User) else (None, author.pk)
        kind = MessageKind.INBOUND if said.inbound else MessageKind.OUTBOUND
        grouping = ("thread", "In the same Slack thread") if root else ("new", "Nothing was going on")
        self.messages.append((
            message, workspace, conversation, channel.pk, ts, root, kind, said.text, "[]", *by, author.name,
            at, at, *grouping,
        ))  # fmt: skip
        events: list[tuple[EventKind, Row, str]] = [(EventKind.MESSAGE_ADDED, (*by, "", ""), "{}")]
        if root is None:
            events.insert(0, (EventKind.OPENED, (None, None, *grouping), "{}"))
        if said.leads_to:
            change = f'{{"to": "{said.leads_to}"}}'
            events.append((EventKind.STATUS_CHANGED, (None, None, *WHY[said.leads_to]), change))
        for event, why, data in events:
            self.events.append((workspace, conversation, message, event, *why, data, at, at, at))
        return root or ts


def _teammate(workspace: Workspace, place: int) -> User:
    """Seen in Slack, without a sign-in."""
    return User.objects.get_or_create(
        workspace=workspace,
        external_id=f"USEED{place}",
        defaults={"name": person(place * 5), "password": make_password(None)},
    )[0]


def _place(workspace: Workspace, place: int, *, owner: User) -> Place:
    name = company(place)
    slug = name.lower().replace(" ", "-")
    account, _ = Account.objects.get_or_create(
        workspace=workspace, name=name, defaults={"owner": owner, "domains": [f"{slug}.example"]}
    )
    channel, _ = Channel.objects.get_or_create(
        workspace=workspace, external_id=f"CSEED{place}",
        defaults={"name": f"ext-{slug}", "account": account, "owner": owner, "is_shared": True},
    )  # fmt: skip
    contacts = [
        Contact.objects.get_or_create(
            workspace=workspace, external_id=f"WSEED{n}",
            defaults={"name": person(n), "account": account, "email": f"contact{n}@{slug}.example"},
        )[0]
        for n in range(place * CONTACTS, (place + 1) * CONTACTS)
    ]  # fmt: skip
    return Place(channel, contacts)


def _exact(at: datetime, place: int, turn: int) -> datetime:
    """Whole seconds, then the place: no two messages of a channel have the same time stamp."""
    return at.replace(microsecond=(place * 10 + turn) % 1_000_000)


def _take_ids(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[models.Model], columns: list[str], rows: list[Row]) -> None:
    """The columns that aren't given have what a new row would have."""
    given = {*columns, model._meta.pk.column}
    others = [f for f in model._meta.concrete_fields if f.column not in given and not f.null]
    rest = tuple(field.get_db_prep_save(field.get_default(), connection) for field in others)
    names = ", ".join(f'"{column}"' for column in [*columns, *(field.column for field in others)])
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row((*row, *rest))
