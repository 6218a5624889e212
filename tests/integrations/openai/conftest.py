from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.integrations.openai.model_server import ModelServer, obey


@pytest.fixture
def model(settings: Settings) -> Iterator[ModelServer]:
    """A model without a key, as a server of one's own may be; it answers what a customer tells it to."""
    cache.clear()
    with ModelServer(obey) as server:
        settings.OPENAI_BASE_URL = server.url
        settings.OPENAI_MODEL = "stand-in"
        settings.OPENAI_TIMEOUT = 5
        yield server
