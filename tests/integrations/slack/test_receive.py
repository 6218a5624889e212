"""The receiver as it runs: the ASGI application in a web process, asked over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
from django.conf import settings
from django.db import connection

from integrations.models import InboundEvent
from integrations.slack import receive
from integrations.slack.requests import MAX_BODY, Received
from tests.integrations.slack.envelopes import FORM, JSON, SECRET, envelope, said, signed
from tests.processes import Processes, database_url

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = ["/slack/events", "/slack/interactivity", "/slack/commands"]
CLICK = urlencode({"payload": json.dumps({"type": "block_actions", "trigger_id": "1.2", "actions": []})}).encode()
COMMAND = urlencode({"command": "/pylon", "text": "", "trigger_id": "3.4"}).encode()


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with Processes(tmp_path_factory.mktemp("web"), SLACK_SIGNING_SECRET=SECRET) as processes:
        address = processes.start_web()
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            yield client


def post(
    web: httpx.Client, body: bytes, *, path: str = PATHS[0], content_type: str = JSON, **headers: str
) -> httpx.Response:
    return web.post(path, content=body, headers={"Content-Type": content_type, **signed(body), **headers})


def event(text: str = "Hi") -> bytes:
    return json.dumps(envelope(said(text, user="U1", channel="C1"))).encode()


@pytest.mark.parametrize("path", PATHS)
def test_every_address_takes_every_kind(web: httpx.Client, path: str) -> None:
    for content_type, body in [(JSON, event()), (FORM, CLICK), (FORM, COMMAND)]:
        response = post(web, body, path=path, content_type=content_type)
        assert (response.status_code, response.content) == (200, b"")
    kinds = InboundEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["message", "block_actions", "slash_command"]


@pytest.mark.parametrize("path", PATHS)
def test_the_handshake(web: httpx.Client, path: str) -> None:
    response = post(web, b'{"type": "url_verification", "challenge": "<b>3eZb</b>"}', path=path)
    assert (response.status_code, response.text) == (200, "<b>3eZb</b>")
    assert response.headers["content-type"].startswith("text/plain")
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_only_posts(web: httpx.Client, path: str, method: str) -> None:
    response = web.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(event(), {"X-Slack-Signature": "v0=0"}, 401, id="wrong signature"),
        pytest.param(event(), {"X-Slack-Request-Timestamp": "1700000000"}, 401, id="old"),
        pytest.param(event(), {"X-Slack-Request-Timestamp": ""}, 401, id="no time"),
        pytest.param(b"hello", {}, 400, id="not JSON"),
        pytest.param(b"[]", {}, 400, id="not an object"),
        pytest.param(b'"\xff"', {}, 400, id="not UTF-8"),
        pytest.param(b"[" * 100_000, {}, 400, id="deeply nested"),
        pytest.param(b"text=1", {"Content-Type": FORM}, 400, id="a form of something else"),
        pytest.param(b" " * (MAX_BODY + 1), {}, 413, id="too large"),
    ],
)
def test_refused(web: httpx.Client, body: bytes, headers: dict[str, str], status: int) -> None:
    assert post(web, body, **headers).status_code == status
    assert not InboundEvent.objects.exists()


def test_too_large_without_saying_so(web: httpx.Client) -> None:
    response = web.post(PATHS[0], content=iter([b" " * 1_000_000] * 6))
    assert response.status_code == 413


def test_one_row_for_each_delivery(web: httpx.Client) -> None:
    body = event()
    for headers in ({}, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}):
        assert post(web, body, **headers).status_code == 200
    row = InboundEvent.objects.get()
    assert row.body == body.decode()
    assert row.processed_at is None


def test_the_same_event_ten_times_at_once(web: httpx.Client) -> None:
    body = event()
    with ThreadPoolExecutor(10) as pool:
        assert [r.status_code for r in pool.map(lambda _: post(web, body), range(10))] == [200] * 10
    assert InboundEvent.objects.count() == 1


def test_good_and_bad_at_once(web: httpx.Client) -> None:
    bodies = [event() if number % 3 else b"hello" for number in range(60)]
    with ThreadPoolExecutor(20) as pool:
        answers = [response.status_code for response in pool.map(lambda body: post(web, body), bodies)]
    assert answers == [200 if number % 3 else 400 for number in range(60)]
    assert InboundEvent.objects.count() == 40


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "👋" * 250_000,
        "a\x00b\x07\x1b[31m",
        "\u202eקריאה\u202c \u200f",
        "<!channel> & <script>",
        "\ud83d",
    ],
    ids=["1 MB", "1 MB of emoji", "control characters", "right to left", "markup", "half a character"],
)
def test_hostile_text_is_kept(web: httpx.Client, text: str) -> None:
    assert post(web, event(text)).status_code == 200
    kept = json.loads(InboundEvent.objects.get().body)["event"]["text"]
    assert kept == text.replace("\x00", "").replace("\ud83d", "\ufffd")


def test_what_one_body_breaks_others_survive() -> None:
    """No request leads there; should one find a way, it is alone."""

    async def store() -> list[type]:
        good, bad = Received("1", "message", "T:C", "{}"), Received("2", "message\x00", "T:C", "{}")
        batch = [(one, asyncio.get_running_loop().create_future()) for one in (good, bad, good)]
        connection = await receive._insert(None, batch)
        await connection.close()
        return [type(future.exception()) for _, future in batch]

    assert asyncio.run(store()) == [type(None), psycopg.errors.UntranslatableCharacter, type(None)]
    assert InboundEvent.objects.count() == 1


class Door:
    """A way to the database that can be shut; `slam` also ends the connections that were made through it."""

    def __init__(self, folder: Path) -> None:
        known = connection.settings_dict
        name = f".s.PGSQL.{known['PORT'] or 5432}"
        self._socket, self._link = Path(known["HOST"]) / name, folder / name
        self._others = _backends()
        self.open()

    def open(self) -> None:
        self._link.symlink_to(self._socket)

    def shut(self) -> None:
        self._link.unlink()

    def slam(self) -> None:
        with connection.cursor() as cursor:
            for pid in _backends() - self._others:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


def _backends() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.skipif(bool(settings.DATABASE_URL), reason="needs the embedded database's socket")
def test_a_database_that_goes_away_and_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("db")
    door = Door(folder)
    url = database_url(HOST=str(folder))
    with (
        Processes(folder, SLACK_SIGNING_SECRET=SECRET, DATABASE_URL=url) as processes,
        httpx.Client(base_url=processes.start_web(), timeout=30, trust_env=False) as web,
    ):
        assert post(web, event()).status_code == 200
        door.slam()
        assert post(web, event()).status_code == 200, "a dead connection is replaced at once"
        door.shut()
        door.slam()
        late = event()
        assert post(web, late).status_code == 503
        assert InboundEvent.objects.count() == 2
        door.open()
        assert post(web, late).status_code == 200
    assert InboundEvent.objects.count() == 3
