from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.intercom.double import Intercom
from tests.integrations.intercom.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Intercom()) as running:
        yield running
