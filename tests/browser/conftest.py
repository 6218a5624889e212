"""A real web process (granian, the ASGI application) on the test's database, and Debian's or Google's Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
START_SECONDS = 60


class Web:
    """The web process. `stop` and `start` break and mend what browsers are connected to."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = environment | {"BASE_URL": self.address}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--workers", "1"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "pylon.asgi:application"],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx.get(f"{self.address}/sign-in/", timeout=10)
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The web process did not start:\n{self.log.read_text('utf-8')}")
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(START_SECONDS)
            self.process = None


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One Chromium for these tests, and gone before the others.

    Playwright keeps an event loop running in the test's thread. There Django refuses to ask the database unless
    told otherwise, and has connections of their own, which nobody else would close.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def web_process(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    values = connection.settings_dict
    host, user, password = (quote(str(values[key]), safe="") for key in ("HOST", "USER", "PASSWORD"))
    port = f"&port={values['PORT']}" if values["PORT"] else ""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "pylon.settings",
        "DATABASE_URL": f"postgresql://{user}:{password}@/{values['NAME']}?host={host}{port}",
        "REDIS_URL": settings.REDIS_ADDRESS,
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_POOL": "4",
        "DEBUG": "true",  # serves static files as they lie in the folders
    }
    web = Web(environment, tmp_path_factory.mktemp("web") / "log")
    web.start()
    yield web
    web.stop()


@pytest.fixture
def web(transactional_db: None, web_process: Web) -> Web:
    """The web process, on a database that is empty but for what the test makes."""
    return web_process


@pytest.fixture
def open_as(browser: Browser, web: Web) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own, signed in as somebody. Fails on any script error or refused file."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_as(user: User, path: str = "/board/", **options: object) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(**{"base_url": web.address, **options})  # type: ignore[arg-type]
        contexts.append(context)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": web.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert errors == []


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
