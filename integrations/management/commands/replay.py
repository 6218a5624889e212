"""Replay recorded Slack requests, one a line, through the same way as live ones.

A line is an event envelope as JSON, or what interactivity or a command posted, as JSON or as the form itself.
Running it again stores nothing twice. A bad line is named and left out; the exit code is then 1.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from integrations.models import InboundEvent, Provider
from integrations.outbox import publish
from integrations.slack.inbox import drain
from integrations.slack.recorded import read_line
from integrations.slack.requests import Received, Refused
from integrations.slack.storage import store
from integrations.slack.tasks import drain_inbox
from integrations.tasks import send_deliveries
from integrations.wake import wake

CHUNK = 500
"""Requests stored with one statement."""
POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = __doc__.splitlines()[0]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = __doc__.partition("\n\n")[2]
        parser.add_argument("file", help="the recording; - reads standard input")
        parser.add_argument("--no-wait", action="store_false", dest="wait", help="leave the work to the workers")

    def handle(self, *, file: str, wait: bool, **_options: Any) -> None:
        self.refused = self.stored = 0
        external_ids: list[str] = []
        try:
            with _opened(file) as lines:
                for chunk in _chunks(self._received(file, lines)):
                    self.stored += store(chunk)
                    external_ids += [received.external_id for received in chunk]
                    self._report(f"{len(external_ids)} read, {self.stored} of them new")
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error
        wake(drain_inbox)
        if wait:
            self._work(external_ids)
        known = len(external_ids) - self.stored
        self.stdout.write(f"Stored {self.stored}, known already {known}, refused {self.refused}.")
        if self.refused:
            raise CommandError(f"{self.refused} line{'' if self.refused == 1 else 's'} refused: see above.")

    def _received(self, file: str, lines: Iterable[bytes]) -> Iterator[Received]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                received = read_line(line.removeprefix(b"\xef\xbb\xbf"))
            except Refused as refusal:
                self.refused += 1
                self.stderr.write(f"{file}:{number}: {refusal.reason}")
                continue
            if received:
                yield received

    def _work(self, external_ids: list[str]) -> None:
        """Do a worker's part, beside others if any run, until each request has its outcome."""
        while True:
            drain()
            outcomes = _outcomes(external_ids)
            if not outcomes[""]:
                break
            self._report(f"{outcomes['']} still to be worked")
            time.sleep(POLL_SECONDS)
        while publish():
            pass
        wake(send_deliveries)
        for outcome, count in outcomes.most_common():
            if count:
                self.stdout.write(f"{count:>8}  {outcome}")

    def _report(self, progress: str) -> None:
        """Beside the result, so that the result can be piped."""
        self.stderr.write(progress)


def _opened(file: str) -> BinaryIO:
    return sys.stdin.buffer if file == "-" else Path(file).open("rb")


def _chunks(received: Iterable[Received]) -> Iterator[list[Received]]:
    chunk: list[Received] = []
    for one in received:
        chunk.append(one)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _outcomes(external_ids: list[str]) -> Counter[str]:
    """How many came to what; "" is what nobody has worked yet."""
    outcomes: Counter[str] = Counter()
    tried = Q(processed_at=None, failed_at=None, attempts__gt=0)
    for start in range(0, len(external_ids), CHUNK * 10):
        mine = InboundEvent.objects.filter(
            provider=Provider.SLACK, external_id__in=external_ids[start : start + CHUNK * 10]
        )
        outcomes["put off: another must come first, or an error that is tried again"] += mine.filter(tried).count()
        outcomes["failed"] += mine.exclude(failed_at=None).count()
        outcomes.update(mine.filter(failed_at=None).exclude(tried).values_list("outcome", flat=True))
    return outcomes
