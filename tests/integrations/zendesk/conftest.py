from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.zendesk.double import Server, Zendesk, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Zendesk()) as running:
        yield running
