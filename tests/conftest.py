"""Starts the embedded PostgreSQL and Redis that the tests run against, unless DATABASE_URL and REDIS_URL name
others. With pytest-xdist only the first process does; each worker has its own databases in them.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest
from django.conf import settings

from pylon import embedded

pytest_plugins = ["tests.fixtures"]

_services = pytest.StashKey[ExitStack]()


def pytest_sessionstart(session: pytest.Session) -> None:
    if settings.SETTINGS_MODULE != "tests.settings":
        pytest.exit("The tests need DJANGO_SETTINGS_MODULE=tests.settings: others would use your own data.", 1)
    if hasattr(session.config, "workerinput"):
        return
    stack = session.config.stash[_services] = ExitStack()
    stack.callback(shutil.rmtree, settings.PYLON_HOME, ignore_errors=True)
    try:
        stack.enter_context(
            embedded.services(
                settings.PYLON_HOME,
                postgres=not settings.DATABASE_URL,
                redis=not settings.REDIS_URL,
                durable=False,
            )
        )
    except embedded.EmbeddedError as error:
        pytest.exit(str(error), 1)
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing


def pytest_unconfigure(config: pytest.Config) -> None:
    if _services in config.stash:
        config.stash[_services].close()
