"""Starts the embedded PostgreSQL and Redis that the tests run against, unless DATABASE_URL and REDIS_URL name
others. With pytest-xdist each worker has a database of its own in the first process's PostgreSQL, and its own Redis.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest
from django.conf import settings

from pylon import embedded
from pylon.languages import compile_catalogues

pytest_plugins = ["tests.fixtures", "tests.slack_fixtures"]

LONG = (
    "tests/test_main_path.py", "tests/benchmarks/", "tests/browser/", "tests/pylon/test_bootstrap.py",
    "tests/pylon/test_embedded.py", "tests/integrations/slack/test_storm.py", "tests/peers/",
)  # fmt: skip
_services = pytest.StashKey[ExitStack]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first: no process begins one when the others have nothing left to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_sessionstart(session: pytest.Session) -> None:
    if settings.SETTINGS_MODULE != "tests.settings":
        pytest.exit("The tests need DJANGO_SETTINGS_MODULE=tests.settings: others would use your own data.", 1)
    stack = session.config.stash[_services] = ExitStack()
    if hasattr(session.config, "workerinput"):
        home, postgres, redis = getattr(settings, "REDIS_HOME", None), False, True
        if home is None:
            return
    else:
        home, postgres, redis = settings.PYLON_HOME, not settings.DATABASE_URL, not settings.REDIS_URL
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    try:
        stack.enter_context(embedded.services(home, postgres=postgres, redis=redis, durable=False))
    except embedded.EmbeddedError as error:
        pytest.exit(str(error), 1)
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
    compile_catalogues()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _services in config.stash:
        config.stash[_services].close()
