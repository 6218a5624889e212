"""A conversation, and what people and rules do to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Channel, Contact, User, Workspace
from accounts.roles import require_change
from conversations import status as rules
from conversations.announce import announce
from conversations.excerpts import clean, one_line
from conversations.models.actors import Actor, Automatic
from conversations.models.event import ConversationEvent, EventKind
from conversations.models.message import GONE, Message, MessageKind
from conversations.status import Standing, Status
from conversations.urgency import raised

ON_THE_BOARD = Q(merged_into__isnull=True, is_unsorted=False, snoozed_until__isnull=True)
TAGS, TAG_LENGTH = 20, 40
"""Tags of a conversation at most, and their characters."""
TAGS_BYTES = 2_000
"""All of a conversation's tags together: the board's index carries them, and PostgreSQL takes 2,704 bytes there."""


class Sentiment(models.TextChoices):
    POSITIVE = "positive", _("Positive")
    NEUTRAL = "neutral", _("Neutral")
    NEGATIVE = "negative", _("Negative")


class Priority(models.TextChoices):
    URGENT = "urgent", _("Urgent")
    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def unclosed(self) -> Self:
        return self.exclude(status=Status.CLOSED)

    def listed(self) -> Self:
        """Neither merged into another nor a channel's messages that are in none."""
        return self.filter(merged_into=None, is_unsorted=False)

    def newest_first(self) -> Self:
        return self.order_by("-last_message_at", "-pk")


class Conversation(models.Model):
    """Messages about one matter. What a card shows is kept on the row, so that a board reads one table."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    number = models.PositiveIntegerField()
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="conversations")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations")
    owner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_conversations"
    )
    title = models.CharField(max_length=200, blank=True)
    titled_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The message that the title is of. Empty: only a greeting."
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.TODO)
    priority = models.CharField(max_length=16, choices=Priority.choices, default=Priority.NORMAL)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text="Out of sight until then, or a new message.")
    response_due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the response target ends; empty: none runs."
    )
    summary = models.CharField(max_length=400, blank=True)
    topic = models.CharField(max_length=60, blank=True)
    sentiment = models.CharField(max_length=16, choices=Sentiment.choices, blank=True)
    suggested_priority = models.CharField(max_length=16, choices=Priority.choices, blank=True)
    described_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The newest message that the summary knew."
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="merged"
    )
    is_unsorted = models.BooleanField(
        default=False,
        editable=False,
        help_text="Holds a channel’s messages of which nobody has made a conversation; on no board.",
    )
    status_by_person = models.BooleanField(default=False, editable=False)
    status_changed_at = models.DateTimeField(editable=False)
    opened_at = models.DateTimeField()
    waiting_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the customer last began to wait for us; empty while nobody waits.",
    )
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField()
    last_message_text = models.CharField(max_length=300, blank=True)
    last_message_author = models.CharField(max_length=120, blank=True)
    last_message_inbound = models.BooleanField(default=True)
    message_count = models.PositiveIntegerField(default=0)
    linked = models.JSONField(
        default=list, blank=True, editable=False,
        help_text="Tickets in support tools: tool, number and url of each, is_stopped where it waits for a person.",
    )  # fmt: skip
    version = models.PositiveIntegerField(
        default=1,
        editable=False,
        help_text="Counts up with every visible change; a drawn card is named by it.",
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="conversation_number_once"),
            models.UniqueConstraint(fields=["channel"], condition=Q(is_unsorted=True), name="unsorted_once_in_channel"),
        ]
        indexes = [
            # Of what the board shows alone: so the columns are counted in the index, without looking at the rows. It
            # carries what no index of its own has in the columns' order, so that these are filtered in it too.
            models.Index(
                F("workspace"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD, include=["tags", "account"], name="board",
            ),
            models.Index(
                F("workspace"), F("owner"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD, name="board_of_owner",
            ),
            models.Index(
                F("workspace"), F("account"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD, name="board_of_account",
            ),
            models.Index(
                F("workspace"), F("channel"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD, name="board_of_channel",
            ),
            models.Index(
                F("workspace"), F("priority"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD, name="board_of_priority",
            ),
            models.Index(
                F("workspace"), F("status"), F("last_message_at").desc(), F("id").desc(),
                condition=ON_THE_BOARD & Q(waiting_since__isnull=False), name="board_of_waiting",
            ),
            models.Index(F("workspace"), F("last_message_at").desc(), F("id").desc(), name="conversation_recent"),
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="snoozed"),
            models.Index(
                fields=["workspace"], name="unclosed",
                condition=~Q(status=Status.CLOSED) & Q(is_unsorted=False, merged_into__isnull=True),
            ),
            GinIndex(fields=["tags"], name="board_of_tags"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.number} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return f"/conversations/{self.number}/"

    # What people and rules do ─────────────────────────────────────────────────────────────────────────

    def close(self, *, by: Actor, reason: str = "") -> Self:
        return self.set_status(Status.CLOSED, by=by, reason=reason)

    def start(self, *, by: Actor) -> Self:
        """We are on it, without having concluded."""
        return self.set_status(Status.IN_PROGRESS, by=by)

    def reopen(self, *, by: Actor) -> Self:
        return self.set_status(Status.TODO, by=by)

    def set_status(self, status: Status, *, by: Actor, reason: str = "") -> Self:
        """`reason`: why, or from where, a person did it."""
        require_change(by)
        with transaction.atomic():
            self._lock()
            event = self.move(status, by=by, at=max(timezone.now(), self.last_message_at))
            if event:
                event.reason = event.reason or reason[:300]
                self._save_changed("status", "status_by_person", "status_changed_at", "closed_at", "waiting_since")
                event.save()
                announce(self.workspace_id, [self.pk])
        return self

    def assign(self, owner: User | None, *, by: Actor, reason: str = "") -> Self:
        """Change who is responsible. The owner must be a teammate of the conversation's workspace."""
        if owner and owner.workspace_id != self.workspace_id:
            raise ValidationError(gettext("The owner must be a teammate of this workspace."))
        with transaction.atomic():
            self._lock()
            before = self.owner
            data = {
                "from": before.name if before else None, "to": owner.name if owner else None,
                "from_id": before.pk if before else None, "to_id": owner.pk if owner else None,
            }  # fmt: skip
            return self._change("owner", owner, EventKind.OWNER_CHANGED, by=by, reason=reason, data=data)

    def prioritise(self, priority: Priority, *, by: Actor) -> Self:
        with transaction.atomic():
            self._lock()
            data = {"from": self.priority, "to": priority}
            return self._change("priority", priority, EventKind.PRIORITY_CHANGED, by=by, data=data)

    def tag(self, tags: Collection[str], *, by: Actor) -> Self:
        """Have these tags and no others. Raises ValidationError for one that is too long, or too many."""
        chosen = sorted({one_line(clean(tag), TAG_LENGTH + 1) for tag in tags} - {""}, key=str.casefold)
        if len(chosen) > TAGS or any(len(tag) > TAG_LENGTH for tag in chosen):
            message = gettext("At most %(tags)d tags of at most %(length)d characters.")
            raise ValidationError(message % {"tags": TAGS, "length": TAG_LENGTH})
        if sum(len(tag.encode()) for tag in chosen) > TAGS_BYTES:
            raise ValidationError(gettext("These tags are too long together: leave one out, or shorten them."))
        with transaction.atomic():
            self._lock()
            data = {"from": self.tags, "to": chosen}
            return self._change("tags", chosen, EventKind.TAGS_CHANGED, by=by, data=data)

    def snooze(self, until: datetime, *, by: Actor) -> Self:
        """Put out of sight until then, or until the customer asks something more."""
        if until <= timezone.now():
            raise ValidationError(gettext("Choose a time to come: that one is over."))
        with transaction.atomic():
            self._lock()
            return self._change("snoozed_until", until, EventKind.SNOOZED, by=by, data={"until": until.isoformat()})

    def wake(self, *, by: Actor) -> Self:
        """Bring a snoozed conversation back into sight."""
        with transaction.atomic():
            self._lock()
            return self._change("snoozed_until", None, EventKind.WOKEN, by=by)

    def show_linked(
        self,
        linked: list[dict[str, Any]],
        *,
        by: Actor,
        told: EventKind | None = None,
        data: dict[str, Any] | None = None,
    ) -> Self:
        """Have the card say with which tickets it is connected (see `linked`). `told`: what happened, with its `data`,
        where the timeline is to say so."""
        with transaction.atomic():
            self._lock()
            if self.linked != linked:
                self.linked = linked
                self._save_changed("linked")
            if told:
                event = self.event(told, by=by, at=timezone.now())
                event.data = data or {}
                event.save()
            announce(self.workspace_id, [self.pk])
        return self

    def add_note(
        self,
        text: str,
        *,
        by: Actor,
        channel: Channel | None = None,
        ts: str | None = None,
        at: datetime | None = None,
        html: str = "",
        files: list[dict[str, object]] | None = None,
        author_name: str = "",
    ) -> Message:
        """An internal note. One written in Slack carries its (channel, ts) and is stored once, whoever said it there.
        `author_name`: of somebody elsewhere, for whom a rule adds it."""
        if ts is None:
            require_change(by)
        with transaction.atomic():
            self._lock()
            if channel and ts:
                known = Message.objects.filter(channel=channel, ts=ts).first()
                if known:
                    return known
            at = at or timezone.now()
            note = Message.objects.create(
                workspace_id=self.workspace_id, conversation=self, kind=MessageKind.NOTE, text=clean(text),
                author_user=by if isinstance(by, User) else None, author_name=author_name[:120] or _name(by),
                channel=channel, ts=ts, sent_at=at, html=clean(html), files=clean(files or []),
            )  # fmt: skip
            self._save_changed()
            self.event(EventKind.NOTE_ADDED, by=by, at=at, message=note).save()
            announce(self.workspace_id, [self.pk])
        return note

    # What one transaction of many changes is made of ──────────────────────────────────────────────────

    def move(
        self, status: Status, *, by: Actor, at: datetime, message: Message | None = None
    ) -> ConversationEvent | None:
        """Change the status in memory and return the event to record, or None when nothing changes.

        A rule acts on a `message`; it does not override what a person decided after that message had come.
        """
        person = isinstance(by, User) or by.for_person
        if status == self.status or (not person and self.status_by_person and not self._is_news(message)):
            return None
        before = self.status
        self.stand(rules.moved(self.standing, status, at, by_person=person))
        event = self.event(EventKind.STATUS_CHANGED, by=by, at=self.status_changed_at, message=message)
        event.data = {"from": before, "to": status, "seen": self.last_message_at.isoformat()}
        if isinstance(by, Automatic) and by.for_person:
            event.data["for_person"] = True
        return event

    def event(
        self, kind: EventKind, *, by: Actor | Contact | None, at: datetime,
        message: Message | None = None, reason: str = "",
    ) -> ConversationEvent:  # fmt: skip
        """An unsaved event of this conversation."""
        return ConversationEvent(
            workspace_id=self.workspace_id, conversation=self, kind=kind, happened_at=at, message=message,
            by_user=by if isinstance(by, User) else None,
            by_contact=by if isinstance(by, Contact) else None,
            by_rule=by.rule if isinstance(by, Automatic) else "",
            reason=(by.reason if isinstance(by, Automatic) else reason)[:300],
        )  # fmt: skip

    @property
    def standing(self) -> Standing:
        return Standing(
            Status(self.status) if self.message_count else None,
            self.waiting_since, self.first_response_at, self.status_changed_at, self.status_by_person,
        )  # fmt: skip

    def stand(self, standing: Standing) -> None:
        """Take a standing over, in memory."""
        self.status = standing.status or self.status
        self.status_by_person = standing.by_person
        self.status_changed_at = standing.changed_at or self.status_changed_at
        self.closed_at = self.status_changed_at if self.status == Status.CLOSED else None
        self.waiting_since, self.first_response_at = standing.waiting_since, standing.first_response_at

    def show(self, message: Message) -> None:
        """Take a message onto the card, in memory. A late one counts but doesn't displace a newer one."""
        self.message_count += 1
        self._consider_title(message)
        self.opened_at = min(self.opened_at, message.sent_at)
        if message.kind == MessageKind.INBOUND:
            self.suggested_priority = raised(self.suggested_priority, message.text)
        if self.message_count > 1 and message.sent_at < self.last_message_at:
            return
        self.last_message_at = message.sent_at
        self.last_message_text = message.excerpt
        self.last_message_author = message.author_name
        self.last_message_inbound = message.kind == MessageKind.INBOUND

    def retitle(self) -> None:
        """Take the title anew from what was said, in memory."""
        self.title, self.titled_at = GONE, None
        is_first = True
        said = self.messages.exclude(kind=MessageKind.NOTE).filter(deleted_at=None).order_by("sent_at", "pk")
        for message in said.iterator(chunk_size=20):
            self._consider_title(message, is_first=is_first)
            is_first = False
            if self.titled_at:
                return

    def _consider_title(self, message: Message, *, is_first: bool | None = None) -> None:
        """The title is that of the customer's earliest message that says what the matter is, whatever the order in
        which they come; until there is one, that of the first message."""
        if self.titled_at and message.sent_at >= self.titled_at:
            return
        if message.kind == MessageKind.INBOUND and message.is_telling:
            self.title, self.titled_at = message.heading, message.sent_at
            return
        if is_first is None:
            is_first = self.message_count == 1 or message.sent_at < self.opened_at
        if self.titled_at is None and is_first:
            self.title = message.heading

    def _change(
        self, name: str, value: object, kind: EventKind, *, by: Actor, reason: str = "",
        data: dict[str, Any] | None = None,
    ) -> Self:  # fmt: skip
        """Set one field of the locked row, with its event; nothing when it has that value already."""
        require_change(by)
        if getattr(self, name) == value:
            return self
        setattr(self, name, value)
        self._save_changed(name)
        event = self.event(kind, by=by, at=timezone.now(), reason=reason)
        event.data = data or {}
        event.save()
        announce(self.workspace_id, [self.pk])
        return self

    def _is_news(self, message: Message | None) -> bool:
        # By arrival, in our own clock: Slack's may differ, and a person decided on what was there to be seen.
        return message is not None and message.created_at > self.status_changed_at

    def _lock(self) -> None:
        """Lock the row and read it afresh: what the caller loaded may be old."""
        # Not a full lock: rows that refer to the conversation may still be written meanwhile.
        fresh = Conversation.objects.select_for_update(no_key=True).get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    def _save_changed(self, *fields: str) -> None:
        self.version += 1
        self.save(update_fields=[*fields, "version"])


def _name(by: Actor) -> str:
    return by.name if isinstance(by, User) else by.rule
