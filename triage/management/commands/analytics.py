"""manage.py analytics rebuild | check: count everything anew, or compare what was counted with what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from conversations.analytics.checking import check
from conversations.analytics.counting import count_anew
from conversations.models import Ledger
from triage.reckoning import count_workspace, ledger_rules, rules_of

SHOWN = 50


class Command(BaseCommand):
    help = "Count the figures of analytics anew, or check them."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        rebuild = actions.add_parser("rebuild", help="count anew; can be interrupted: the worker goes on with it")
        rebuild.add_argument(
            "--from", dest="since", type=date.fromisoformat, metavar="YYYY-MM-DD",
            help="only conversations in which something happened since",
        )  # fmt: skip
        actions.add_parser("check", help="compare with messages and events; exit code 1 where they differ")

    def handle(self, *_args: Any, action: str, since: date | None = None, **_options: Any) -> None:
        if action == "rebuild":
            self._rebuild(since)
        else:
            self._check()

    def _rebuild(self, since: date | None) -> None:
        moment = datetime.combine(since, time.min, UTC) if since else None
        for workspace in Workspace.objects.order_by("pk"):
            rules_of(workspace)
            total = count_anew(workspace, since=moment)
            self.stdout.write(f"{workspace}: {total:,} conversations to count")
            count_workspace(workspace, say=self._progress)
            self.stdout.write("")

    def _progress(self, words: str) -> None:
        self.stdout.write(f"\r{words}", ending="")
        self.stdout.flush()

    def _check(self) -> None:
        count = 0
        for ledger in Ledger.objects.select_related("workspace").order_by("workspace"):
            for difference in check(ledger.workspace, ledger_rules(ledger)):
                count += 1
                if count <= SHOWN:
                    self.stdout.write(f"{ledger.workspace}: {difference}")
        if count:
            raise CommandError(f"{count} differences. `manage.py analytics rebuild` puts them right.")
        self.stdout.write("What was counted is what happened.")
