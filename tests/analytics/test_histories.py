"""Random histories through the real verbs: the figures are those of the long way, and what is counted step by step is
what is counted at once."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Channel, User, Workspace
from conversations import corrections, services
from conversations.analytics.answers import Bar, Report, Value
from conversations.analytics.behind import conversations_behind
from conversations.analytics.checking import check
from conversations.analytics.counting import count_anew
from conversations.analytics.figures import FIGURES, Unit
from conversations.analytics.period import Period, Step
from conversations.analytics.report import report
from conversations.analytics.scope import Scope
from conversations.models import Conversation, ConversationEvent, Correction, Fact, Ledger, Message, Tally
from conversations.status import Status
from tests import cast
from tests.analytics import brute_force
from triage.models import Calendar, ResponseTarget
from triage.reckoning import count_all, ledger_rules

pytestmark = pytest.mark.django_db

ASKS = "The export is empty since this morning, can you have a look?"
TEXTS = [ASKS, "Could you also send us the invoice?", "Thanks a lot!", "Let me check with the team.",
         "This is fixed now, please try again."]  # fmt: skip
HOURS = [["08:00", "12:30"], ["13:15", "24:00"]]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
STARTS = [datetime(2026, 3, 27, 20, tzinfo=UTC), datetime(2026, 10, 30, 3, tzinfo=UTC)]
"""Shortly before clocks are changed, and a month ends."""
TARGET = timedelta(minutes=90)
EXAMPLES = 10

place = st.integers(0, 5)
says = st.tuples(st.just("say"), st.integers(0, 2), st.sampled_from(TEXTS), place, st.sampled_from([0, 0, 0, 45, 600]))
acts = st.one_of(
    says, says, says,
    st.tuples(st.just("status"), place, st.sampled_from(list(Status)), place, place),
    st.tuples(st.just("assign"), place, place, place, place),
    st.tuples(st.just("tag"), place, st.sampled_from([[], ["bug"], ["bug", "billing"]]), place, place),
    st.tuples(st.sampled_from(["move", "merge", "split", "undo", "delete", "account"]), place, place, place, place),
)  # fmt: skip


@dataclass
class World:
    """A workspace, and a clock that the examples put forward."""

    workspace: Workspace
    now: datetime
    people: list[Any] = field(default_factory=list)
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        account = cast.make_account(workspace=self.workspace, tier="Gold")
        dana, omar = (cast.make_teammate(workspace=self.workspace, name=name) for name in ("Dana", "Omar"))
        self.people = [cast.make_contact(workspace=self.workspace, account=account), dana, omar]
        self.channel = cast.make_channel(workspace=self.workspace, account=account, owner=dana)

    def do(self, act: tuple[Any, ...]) -> None:
        kind, first, second, third, fourth = act
        dana = self.people[1]
        if kind == "say":
            self._say(self.people[first], second, third, timedelta(minutes=fourth))
            return
        conversation = self._conversation(first)
        if conversation is None:
            return
        with suppress(ValidationError), transaction.atomic():
            if kind == "status":
                conversation.set_status(second, by=dana)
            elif kind == "assign":
                conversation.assign([None, *self.people[1:]][second % 3], by=dana)
            elif kind == "tag":
                conversation.tag(second, by=dana)
            elif kind == "merge":
                corrections.merge(source=conversation, target=self._other(conversation, second), by=dana)
            elif kind == "account":
                account = cast.make_account(workspace=self.workspace, tier="Silver")
                services_change_account(self.channel, account, dana)
            else:
                self._correct(kind, conversation, second, dana)

    def _correct(self, kind: str, conversation: Conversation, which: int, by: User) -> None:
        messages = list(conversation.messages.order_by("sent_at", "pk"))
        if kind == "undo":
            last = Correction.objects.filter(workspace=self.workspace, undone_at=None).order_by("-pk").first()
            if last:
                corrections.undo(correction=last, by=by)
        elif not messages:
            return
        elif kind == "delete":
            one = messages[which % len(messages)]
            services.delete_message(channel=self.channel, ts=str(one.ts), deleted_at=self.now)
        elif kind == "split":
            corrections.split_off(messages=[messages[which % len(messages)]], by=by)
        elif kind == "move":
            chosen = [messages[which % len(messages)]]
            corrections.move_messages(messages=chosen, to=self._other(conversation, which), by=by)

    def _say(self, by: Any, text: str, thread: int, late: timedelta) -> None:
        roots = list(Message.objects.filter(channel=self.channel, thread_ts=None).order_by("-sent_at")[:6])
        root = roots[thread].ts if thread < len(roots) else None
        cast.say(text, channel=self.channel, by=by, at=self.now - late, thread_ts=root)

    def _conversation(self, number: int) -> Conversation | None:
        rows = list(Conversation.objects.filter(workspace=self.workspace).order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def _other(self, conversation: Conversation, number: int) -> Conversation:
        rows = list(Conversation.objects.filter(workspace=self.workspace).exclude(pk=conversation.pk).order_by("pk"))
        if not rows:
            raise ValidationError("There is no other.")
        return rows[number % len(rows)]


def set_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the time is asked for, and where a row's default is the function that tells it."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)
    for model in (Message, ConversationEvent, Correction):
        monkeypatch.setattr(model._meta.get_field("created_at"), "_get_default", lambda: world.now)


def services_change_account(channel: Channel, account: Any, by: User) -> None:
    from conversations.channel_changes import change_channel  # noqa: PLC0415

    change_channel(channel=channel, by=by, changes={"account": account})


def due(since: datetime) -> datetime:
    return since + TARGET


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_figures_are_those_of_the_long_way(data: st.DataObject, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    with transaction.atomic():
        _example(data, monkeypatch)
        transaction.set_rollback(True)


def _example(data: st.DataObject, monkeypatch: pytest.MonkeyPatch) -> None:
    start = data.draw(st.sampled_from(STARTS))
    world = World(cast.make_workspace(time_zone=data.draw(st.sampled_from(ZONES))), start)
    set_clock(world, monkeypatch)
    calendar = {
        "time_zone": data.draw(st.sampled_from(ZONES)), "holidays": {f"{(start + timedelta(days=2)).date()}": "Rest"},
        "hours": {str(day): HOURS for day in range(6)},
    }  # fmt: skip
    Calendar.objects.create(workspace=world.workspace, name="Ours", **calendar)
    ResponseTarget.objects.create(workspace=world.workspace, minutes=TARGET.total_seconds() // 60)
    for _ in range(data.draw(st.integers(1, 14))):
        world.now += timedelta(minutes=data.draw(st.sampled_from([1, 20, 130, 700, 1500])), seconds=7)
        world.do(data.draw(acts))
        count_all()
        assert list(check(world.workspace, ledger_rules(Ledger.objects.get(workspace=world.workspace)))) == []
    found = brute_force.find_all(world.workspace, due)
    period = Period((start - timedelta(days=3)).date(), (world.now + timedelta(days=2)).date(), Step.WEEK)
    for scope in (Scope(), Scope(owners=frozenset({world.people[1].pk}))):
        mine = [one for one in found if not scope.owners or one.owner in scope.owners]
        compare(report(world.workspace, scope, period), mine, calendar, whole=not scope.owners)
    behind = conversations_behind(world.workspace, Scope(), "closed", first=period.first, last=period.last)
    assert {one.pk for one in behind} == {one.conversation.pk for one in found if one.kind == "closed"}
    compare_backlogs(world.workspace, found, period)
    assert_rebuilt_is_the_same(world.workspace)


def compare(seen: Report, found: list[brute_force.Found], calendar: dict[str, Any], *, whole: bool) -> None:
    zone, period = ZoneInfo(seen.zone), seen.period
    for figure in FIGURES.values():
        value = seen.totals[figure.key].now
        mine = brute_force.on(found, figure.kinds[0], period.first, period.last, zone)
        if figure.unit == Unit.SHARE:
            count = sum(len(brute_force.on(found, kind, period.first, period.last, zone)) for kind in figure.whole)
            assert (value.count, value.value) == (count, len(mine) / count if count else None)
            continue
        assert value.count == len(mine), figure.key
        for point in seen.series:
            some = brute_force.on(mine, figure.kinds[0], point.start, point.last, zone)
            assert point.values[figure.key].count == len(some), (figure.key, point.start)
        if figure.unit != Unit.COUNT:
            compare_durations(value, mine, calendar, seen.distributions[figure.key])
    local = [one.at.astimezone(zone) for one in found if one.kind == "new"]
    for weekday, hour in product(range(7), range(24)):
        assert seen.heat["new"][weekday][hour] == sum((at.weekday(), at.hour) == (weekday, hour) for at in local)
    compare_tables(seen, found)
    if whole:
        for point in seen.series:
            assert point.backlog == brute_force.open_at_end_of(found, point.last, zone)
        assert seen.series[-1].backlog == seen.now.open


def compare_backlogs(workspace: Workspace, found: list[brute_force.Found], period: Period) -> None:
    """The conversations that were open at the end of each day."""
    zone = ZoneInfo(workspace.time_zone)
    for n in range(period.days):
        day = period.first + timedelta(days=n)
        behind = conversations_behind(workspace, Scope(), "backlog", first=day, last=day)
        assert {one.pk for one in behind} == brute_force.conversations_open_at_end_of(found, day, zone), day


def compare_durations(value: Value, mine: list[brute_force.Found], calendar: dict[str, Any], bars: list[Bar]) -> None:
    values = [one.seconds or 0 for one in mine]
    same(value.wall, values)
    if value.working:
        minutes = [brute_force.working_minutes(calendar, one.began, one.at) for one in mine if one.began]
        same(value.working, [round(60 * one) for one in minutes])
    for bar in bars:
        assert bar.count == sum(bar.least <= one and (bar.most is None or one < bar.most) for one in values)


def compare_tables(seen: Report, found: list[brute_force.Found]) -> None:
    for line in seen.tables["owner"]:
        assert line.values["closed"].count == sum(one.kind == "closed" and one.owner == line.key for one in found)
    for line in seen.tables["account"]:
        theirs = [one for one in found if (one.conversation.account_id or 0) == line.key]
        assert line.values["new"].count == sum(one.kind == "new" for one in theirs)
    for line in seen.tables["tag"]:
        tagged = [one for one in found if line.key in one.conversation.tags]
        assert line.values["first_response"].count == sum(one.kind == "first_response" for one in tagged)


def same(summary: Any, values: list[int]) -> None:
    assert summary.count == len(values)
    if values:
        assert summary.mean == pytest.approx(sum(values) / len(values), abs=1)
        for share, read in ((0.5, summary.median), (0.9, summary.p90)):
            assert read == pytest.approx(brute_force.percentile(values, share), rel=0.0501, abs=1)


def assert_rebuilt_is_the_same(workspace: Workspace) -> None:
    before = picture(workspace)
    Tally.objects.filter(workspace=workspace).delete()
    Fact.objects.filter(workspace=workspace).delete()
    count_anew(workspace)
    count_all()
    assert picture(workspace) == before


def picture(workspace: Workspace) -> list[Any]:
    facts = Fact.objects.filter(workspace=workspace).values_list(
        "conversation",
        "kind",
        "at",
        "began_at",
        "due_at",
        "day",
        "hour",
        "owner_id",
        "account_id",
        "tags",
        "value",
        "working",
    )
    tallies = Tally.objects.filter(workspace=workspace).values_list(
        "span", "day", "slice", "key", "owner_id", "sums", "spreads", "figures"
    )
    return [*sorted(map(repr, facts)), *sorted(json.dumps(one, sort_keys=True, default=str) for one in tallies)]
