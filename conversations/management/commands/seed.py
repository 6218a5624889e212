"""Fill a workspace with invented conversations of the past year, up to a number.

Conversations that are there already count. May be interrupted: what was added stays, and the same command goes on.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import Workspace
from conversations.invention import conversations
from conversations.models import Conversation
from conversations.seeding import TEAMMATES, set_stage, write

BATCH = 2_000
"""Conversations in one transaction."""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--conversations", type=int, required=True, help="how many the workspace shall have")
        parser.add_argument("--workspace", default="", help="its name; made if there is none. Default: the first one")
        parser.add_argument("--seed", type=int, default=1, help="another number invents others")

    def handle(self, *, conversations: int, workspace: str, seed: int, **_: Any) -> None:
        if not 0 < conversations <= 10_000_000:
            raise CommandError("--conversations must be a number from 1 to 10,000,000.")
        found = _workspace(workspace)
        present = Conversation.objects.filter(workspace=found).count()
        if present >= conversations:
            self.stdout.write(f"{found} has {present:,} conversations: nothing to add.")
            return
        self._fill(found, present, conversations, seed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # so that the next query is planned with what is there now

    def _fill(self, workspace: Workspace, present: int, wanted: int, seed: int) -> None:
        until, started_at = timezone.now(), time.monotonic()
        stage = set_stage(workspace, accounts=min(max(wanted // 250, 3), 300))
        for first in range(present, wanted, BATCH):
            places = range(first, min(first + BATCH, wanted))
            invented = conversations(
                places, of=wanted, seed=seed, until=until, channels=len(stage.places), teammates=TEAMMATES
            )
            write(stage, list(invented), first_place=first)
            pace = (places.stop - present) / (time.monotonic() - started_at)
            self.stdout.write(f"{places.stop:,} of {wanted:,} conversations in {workspace}, {pace:,.0f} per second")
            self.stdout.flush()


def _workspace(name: str) -> Workspace:
    if name:
        return Workspace.objects.get_or_create(name=name)[0]
    return Workspace.objects.order_by("pk").first() or Workspace.objects.create(name="Acme")
