"""Whatever both sides do at once, and however often the line breaks: in the end they agree, nothing is doubled or lost,
and the calls are few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, MessageKind
from conversations.services import delete_message, edit_message
from conversations.status import Status
from integrations.console.adapter import OUT
from integrations.models import ConsoleTicket, Delivery, DeliveryState, Direction, Installation, Link, LinkedMessage
from integrations.outbox import publish
from integrations.tools.errors import Unreachable
from integrations.tools.hearing import hear
from integrations.tools.linking import connect
from integrations.tools.working import work
from tests import cast
from tests.integrations.tools.faulty import WRITES, Crash, Line

T = TypeVar("T")
CALLS_PER_STEP = 14
"""At most, on average: a turn reads the ticket and its comments, and a try whose answer was lost looks for it."""


class World:
    def __init__(self, console: Installation, channel: Channel, contact: Contact, team: list[User], line: Line) -> None:
        self.console, self.channel, self.contact, self.team, self.line = console, channel, contact, team, line
        self.root = cast.say("The export is empty", channel=channel, by=contact)
        self.link = connect(self.root.conversation, console, by=team[0])
        self.count = 0

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.root.conversation_id)

    @property
    def ticket(self) -> ConsoleTicket | None:
        return ConsoleTicket.objects.filter(installation=self.console).first()

    # Here ─────────────────────────────────────────────────────────────────────────────────────────────

    def customer_writes(self) -> None:
        cast.say(self._words(), channel=self.channel, by=self.contact, thread_ts=str(self.root.ts))

    def we_answer(self) -> None:
        cast.say(self._words(), channel=self.channel, by=self.team[1], thread_ts=str(self.root.ts))

    def we_note(self) -> None:
        self.conversation.add_note(self._words(), by=self.team[1])

    def we_edit(self) -> None:
        newest = self.conversation.messages.filter(deleted_at=None).exclude(ts=None).last()
        if newest:
            edit_message(channel=self.channel, ts=str(newest.ts), text=self._words(), edited_at=timezone.now())

    def we_delete(self) -> None:
        newest = self.conversation.messages.filter(deleted_at=None).exclude(ts=None).last()
        if newest and newest != self.root:
            delete_message(channel=self.channel, ts=str(newest.ts), deleted_at=timezone.now())

    def we_move(self) -> None:
        self.conversation.set_status(self._pick(list(Status)), by=self.team[0])

    def we_assign(self) -> None:
        self.conversation.assign(self._pick([*self.team, None]), by=self.team[0])

    # There ────────────────────────────────────────────────────────────────────────────────────────────

    def they_comment(self) -> None:
        if self.ticket:
            self.ticket.comments.create(text=self._words(), author_name="Ann", is_public=self.count % 2 == 0)
            self._touch()

    def they_edit(self) -> None:
        if self.ticket and (theirs := self.ticket.comments.filter(key="").last()):
            theirs.text = self._words()
            theirs.save()
            self._touch()

    def they_delete(self) -> None:
        if self.ticket and (theirs := self.ticket.comments.filter(key="").last()):
            theirs.delete()
            self._touch()

    def they_move(self) -> None:
        self._touch(status=self._pick(list(OUT.values())))

    def they_assign(self) -> None:
        self._touch(owner_email=self._pick([str(self.team[0].email), str(self.team[1].email), ""]))

    def they_tell(self) -> None:
        """The tool's webhook, perhaps once more."""
        if self.ticket:
            hear(self.console, [str(self.ticket.pk)])

    # Between ──────────────────────────────────────────────────────────────────────────────────────────

    def events_are_published(self) -> None:
        publish()

    def links_are_worked(self) -> None:
        try:
            work()
        except Crash:
            self.line.mends()

    def answer_gets_lost(self) -> None:
        self.line.breaks(after=Unreachable("The console did not answer."), only=WRITES)

    def tool_is_away(self) -> None:
        self.line.breaks(before=Unreachable("The console did not answer."))

    def worker_dies(self) -> None:
        self.line.breaks(after=Crash(), only=WRITES)

    def time_passes(self) -> None:
        """Leases and pauses end."""
        now = timezone.now()
        Link.objects.exclude(claimed_until=None).update(claimed_until=now - timedelta(seconds=1))
        Link.objects.exclude(due_at=None).update(due_at=now)
        Installation.objects.exclude(paused_until=None).update(paused_until=now)

    def settle(self) -> None:
        self.line.mends()
        self.they_tell()
        for _ in range(12):
            self.time_passes()
            if not publish() and not Link.objects.exclude(due_at=None).exists():
                return
            work()
        raise AssertionError("it never settles")

    def _touch(self, **changes: str) -> None:
        found = ConsoleTicket.objects.filter(installation=self.console)
        found.update(version=F("version") + 1, updated_at=timezone.now(), **changes)

    def _words(self) -> str:
        self.count += 1
        return f"Could you look at number {self.count}?"

    def _pick(self, among: Sequence[T]) -> T:
        self.count += 1
        return among[self.count % len(among)]


STEPS = [
    World.customer_writes, World.we_answer, World.we_note, World.we_edit, World.we_delete, World.we_move,
    World.we_assign, World.they_comment, World.they_edit, World.they_delete, World.they_move, World.they_assign,
    World.they_tell, World.events_are_published, World.links_are_worked, World.links_are_worked,
    World.answer_gets_lost, World.tool_is_away, World.worker_dies, World.time_passes,
]  # fmt: skip
NAMES = [step.__name__ for step in STEPS]


@pytest.fixture
def world(console: Installation, channel: Channel, contact: Contact, omar: User, line: Line) -> World:
    dana = console.installed_by
    assert dana
    return World(console, channel, contact, [dana, omar], line)


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=st.lists(st.sampled_from(NAMES), min_size=4, max_size=30))
@example(steps=["worker_dies", "links_are_worked", "we_edit", "time_passes", "links_are_worked"])
@example(
    steps=["links_are_worked", "we_move", "answer_gets_lost", "events_are_published", "links_are_worked", "we_move"]
)
@example(steps=["links_are_worked", "they_move", "we_move", "they_tell", "they_tell", "links_are_worked", "we_assign"])
def test_both_sides_agree_in_the_end(world: World, steps: list[str]) -> None:
    with transaction.atomic():
        world.count = 0
        world.line.mends()
        world.line.calls.clear()
        for step in steps:
            getattr(world, step)()
        world.settle()
        check(world)
        assert len(world.line.calls) <= CALLS_PER_STEP * (len(steps) + 2)
        world.line.calls.clear()
        world.they_tell()
        world.settle()
        assert not WRITES & set(world.line.calls)
        transaction.set_rollback(True)


def check(world: World) -> None:
    conversation, ticket = world.conversation, ConsoleTicket.objects.get()
    link = Link.objects.get(pk=world.link.pk)
    assert (link.stopped_because, link.trouble, link.failures) == ("", "", 0)
    assert not Delivery.objects.filter(link=link).exclude(state=DeliveryState.DONE).exists()
    came = LinkedMessage.objects.filter(link=link, direction=Direction.IN)
    ours = conversation.messages.filter(deleted_at=None).exclude(pk__in=came.values("message"))
    there = {comment.key: comment.text for comment in ticket.comments.exclude(key="")}
    assert there == {f"m{message.pk}": message.text for message in ours}
    taken = conversation.messages.filter(deleted_at=None, pk__in=came.values("message"))
    theirs = sorted(ticket.comments.filter(key="").values_list("text", flat=True))
    assert sorted(taken.values_list("text", flat=True)) == theirs
    assert all(message.kind == MessageKind.NOTE for message in taken)
    assert ticket.status == OUT[Status(conversation.status)]
    assert ticket.owner_email == (conversation.owner.email if conversation.owner else "")
