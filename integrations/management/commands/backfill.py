"""Bring in the past of customers' channels from Slack.

Bounded by date, and resumable: interrupted, or with its process killed, the same command goes on where it was. What is
stored already is not stored twice. Workers that run go on with it too; this command waits for what Slack delays.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Channel
from integrations.models import HistoryReading, ReadingState
from integrations.outbox import publish
from integrations.slack.history import begin_reading, work
from integrations.slack.history_forms import DAYS, QUIET_DAYS, bounds, readable_channels
from integrations.slack.history_tasks import read_history
from integrations.tasks import send_deliveries
from integrations.wake import wake

TURN_SECONDS = 2.0
POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = __doc__.splitlines()[0]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = __doc__.partition("\n\n")[2]
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--channel", nargs="+", metavar="NAME", help="by name or Slack id, with or without #")
        which.add_argument("--all", action="store_true", dest="every", help="all customers' channels")
        begin = parser.add_mutually_exclusive_group()
        begin.add_argument("--since", type=_day, metavar="2026-01-31", help="the first day (UTC)")
        begin.add_argument("--days", type=int, default=DAYS, help=f"or so many days back; {DAYS} if neither is given")
        parser.add_argument("--until", type=_day, metavar="2026-03-31", help="the last day; now if not given")
        parser.add_argument(
            "--quiet-days", type=int, default=QUIET_DAYS,
            help=f"conversations without a message for longer are closed; {QUIET_DAYS} if not given",
        )  # fmt: skip
        parser.add_argument("--no-wait", action="store_false", dest="wait", help="leave the work to the workers")

    def handle(
        self, *, channel: list[str] | None, since: date | None, days: int, until: date | None, quiet_days: int,
        wait: bool, **_options: Any,
    ) -> None:  # fmt: skip
        if days < 1 or quiet_days < 0:
            raise CommandError("--days must be at least 1, --quiet-days at least 0.")
        since = since or timezone.now().date() - timedelta(days=days)
        readings = [self._begin(one, since, until, quiet_days) for one in _channels(channel)]
        pks = [reading.pk for reading in readings]
        if not wait:
            wake(read_history)
            self.stdout.write(f"{len(pks)} channel{'' if len(pks) == 1 else 's'} left to the workers.")
            return
        try:
            self._work(pks)
        except KeyboardInterrupt:
            raise CommandError("Interrupted. The workers go on with it; so does the same command.") from None
        self._tell(pks)

    def _begin(self, channel: Channel, since: date, until: date | None, quiet_days: int) -> HistoryReading:
        under_way = HistoryReading.objects.under_way().filter(channel=channel, is_check=False).first()
        if under_way:
            self._report(f"{channel}: goes on with what is under way, up to {under_way.latest_at:%Y-%m-%d}")
            return under_way
        oldest, latest = bounds(since, until)
        try:
            return begin_reading(channel=channel, oldest=oldest, latest=latest, quiet_days=quiet_days)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error

    def _work(self, pks: Sequence[int]) -> None:
        shown: dict[int, str] = {}
        while True:
            is_idle = work(seconds=TURN_SECONDS, among=pks)
            while publish():
                pass
            readings = HistoryReading.objects.select_related("channel").filter(pk__in=pks).order_by("pk")
            for reading in readings:
                if shown.get(reading.pk) != (line := _line(reading)):
                    shown[reading.pk] = line
                    self._report(line)
            if not any(reading.is_under_way for reading in readings):
                break
            if is_idle:
                time.sleep(POLL_SECONDS)
        wake(send_deliveries)

    def _tell(self, pks: Sequence[int]) -> None:
        readings = HistoryReading.objects.select_related("channel").filter(pk__in=pks).order_by("pk")
        for reading in readings:
            self.stdout.write(f"{reading.channel}: {reading.messages_seen} seen, {reading.messages_new} new")
        failed = [reading for reading in readings if reading.state != ReadingState.DONE]
        if failed:
            names = ", ".join(f"{reading.channel} ({reading.explanation or 'stopped'})" for reading in failed)
            raise CommandError(f"Not brought in to the end: {names}.")

    def _report(self, progress: str) -> None:
        """Beside the result, so that the result can be piped."""
        self.stderr.write(progress)


def _line(reading: HistoryReading) -> str:
    said = f"{reading.channel}: {reading.percent} %, {reading.messages_seen} seen, {reading.messages_new} new"
    if reading.reached_at:
        said += f", up to {reading.reached_at:%Y-%m-%d %H:%M}"
    if reading.state == ReadingState.FAILED:
        return f"{said}; failed: {reading.explanation}"
    if reading.state == ReadingState.WAITING and reading.error:
        said += f"; waits until {reading.next_attempt_at:%H:%M:%S}: {reading.explanation}"
    return said


def _channels(names: Sequence[str] | None) -> list[Channel]:
    """CommandError unless each name is one channel's."""
    if names is None:
        found = list(readable_channels())
        if not found:
            raise CommandError("Pylon is in no customer's channel yet.")
        return found
    return [_channel(name.removeprefix("#")) for name in dict.fromkeys(names)]


def _channel(name: str) -> Channel:
    found = list(readable_channels().filter(Q(external_id=name) | Q(name=name)))
    if not found:
        raise CommandError(f"There is no customer's channel {name} that Pylon is in.")
    if len(found) > 1:
        raise CommandError(f"Several channels are named {name}: {', '.join(one.external_id for one in found)}.")
    return found[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no day; write it like 2026-01-31") from None
