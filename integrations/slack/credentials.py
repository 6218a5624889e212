"""The Slack apps of this deployment: the environment's, which comes first, and those pasted on the settings page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from integrations.models import Installation, SlackApp
from integrations.slack.requests import Signer

ENVIRONMENT = "environment"
FRESH_SECONDS = 5
"""How long a removed app's secret may still be taken, and how often bad signatures make us look for new ones."""


@dataclass(frozen=True, slots=True)
class App:
    """`key`: the row's primary key, or `ENVIRONMENT`."""

    key: str
    client_id: str
    client_secret: str
    signing_secret: str
    app_token: str

    @property
    def is_of_environment(self) -> bool:
        return self.key == ENVIRONMENT

    @property
    def row_id(self) -> int | None:
        return None if self.is_of_environment else int(self.key)

    @property
    def can_install(self) -> bool:
        return bool(self.client_id and self.client_secret)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the page of an app in Slack shows. `app_token` empty: as it was."""

    client_id: str
    client_secret: str
    signing_secret: str
    app_token: str = ""


def apps() -> list[App]:
    """All that are known, the environment's first, then the newest."""
    return [*_of_environment(), *map(of_row, SlackApp.objects.order_by("-pk"))]


def app_named(key: str) -> App | None:
    """The app of that key; without a key the first that can be installed."""
    return next((app for app in apps() if (app.key == key if key else app.can_install)), None)


def app_of(installation: Installation) -> App | None:
    """The one through which the installation was made."""
    row = installation.slack_app
    return of_row(row) if row else next(_of_environment(), None)


def of_row(row: SlackApp) -> App:
    secrets = {name: str(row.credentials.get(name) or "") for name in ("client_secret", "signing_secret", "app_token")}
    return App(key=str(row.pk), client_id=row.client_id, **secrets)


class Signers:
    """For the processes that take Slack's requests: who may sign them."""

    def __init__(self) -> None:
        self._rows: list[Signer] = []
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    @property
    def are_fresh(self) -> bool:
        return time.monotonic() - self._read_at < FRESH_SECONDS

    @property
    def of_environment(self) -> list[Signer]:
        return [Signer(settings.SLACK_SIGNING_SECRET, None)] if settings.SLACK_SIGNING_SECRET else []

    @property
    def of_rows(self) -> list[Signer]:
        """As last read."""
        return self._rows

    def read(self) -> None:
        """If that was not done lately. May wait for the database: not for an event loop's thread. Raises
        DatabaseError, or ImproperlyConfigured when SECRET_KEY has changed."""
        with self._lock:
            if not self.are_fresh:
                self._rows = list(_signers())
                self._read_at = time.monotonic()

    def read_in_thread(self) -> None:
        """The same in a borrowed thread: it keeps no connection."""
        try:
            self.read()
        finally:
            connections.close_all()


def _signers() -> Iterator[Signer]:
    rows = {row.pk: of_row(row).signing_secret for row in SlackApp.objects.all()}
    teams: dict[int, set[str]] = {pk: set() for pk in rows}
    for pk, team in Installation.objects.filter(slack_app__in=rows).values_list("slack_app", "external_id"):
        teams[pk].add(team)
    return (Signer(secret, frozenset(teams[pk])) for pk, secret in rows.items() if secret)


def _of_environment() -> Iterator[App]:
    app = App(
        ENVIRONMENT, settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET, settings.SLACK_SIGNING_SECRET,
        settings.SLACK_APP_TOKEN,
    )  # fmt: skip
    if app.client_id or app.signing_secret or app.app_token:
        yield app
