"""The console keeps the contract of a support tool."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from integrations.console.adapter import ConsoleAdapter
from integrations.models import ConsoleComment, ConsoleTicket, Installation
from tests.integrations.tools.contract import AdapterContract, Side


class ConsoleSide(Side):
    can_fail = False

    def __init__(self, installation: Installation, agent: User) -> None:
        self.adapter, self._agent = ConsoleAdapter(installation), agent
        self.agent = str(agent.email)

    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:
        written = ConsoleComment.objects.create(
            ticket_id=int(ticket), text=text, author_name=self._agent.name, author_email=self.agent, is_public=is_public
        )
        self._touch(ticket)
        return str(written.pk)

    def set_status(self, ticket: str, status: str) -> None:
        self._touch(ticket, status=status)

    def set_owner(self, ticket: str, email: str) -> None:
        self._touch(ticket, owner_email=email)

    def remove(self, ticket: str) -> None:
        ConsoleTicket.objects.get(pk=ticket).delete()

    def _touch(self, ticket: str, **changes: str) -> None:
        found = ConsoleTicket.objects.filter(pk=ticket)
        found.update(version=F("version") + 1, updated_at=timezone.now(), **changes)


class TestConsole(AdapterContract):
    @pytest.fixture
    def side(self, console: Installation, dana: User) -> ConsoleSide:
        return ConsoleSide(console, dana)
