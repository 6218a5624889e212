from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.models import Account, Channel, Contact, Grouping, User, Workspace
from conversations.models import Message
from tests import cast
from tests.integrations.openai.model_server import ModelServer, obey
from tests.integrations.openai.steps import MINUTE, unsure


@pytest.fixture
def model(settings: Settings) -> Iterator[ModelServer]:
    """A model without a key, as a server of one's own may be; it answers what a customer tells it to."""
    cache.clear()
    with ModelServer(obey) as server:
        settings.OPENAI_BASE_URL = server.url
        settings.OPENAI_MODEL = "stand-in"
        settings.OPENAI_TIMEOUT = 5
        yield server


@pytest.fixture
def channel(workspace: Workspace, account: Account, dana: User) -> Channel:
    """By quiet period: so the offline decision is plain, and each test says itself what is unsure."""
    return cast.make_channel(workspace=workspace, account=account, owner=dana, grouping=Grouping.QUIET_PERIOD)


@pytest.fixture
def invoice(channel: Channel, contact: Contact) -> Message:
    """A conversation from hours ago, of which the model may be shown but is not asked."""
    return cast.say("Our invoice of May is wrong", channel=channel, by=contact, ago=timedelta(hours=9))


@pytest.fixture
def doubt(invoice: Message, channel: Channel, contact: Contact) -> Message:
    """Put into a conversation of its own, unsurely."""
    return unsure(cast.say("Who corrects it?", channel=channel, by=contact, ago=MINUTE))
