"""A message's files: fetched from Slack with our token, for those who may read the message."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client
from pytest_django import Settings

from accounts.models import Channel, Contact, User
from conversations.models import Message
from integrations.models import Installation
from integrations.slack import files
from integrations.slack.files import described, is_slacks
from integrations.tools.files import Unavailable, read_file
from integrations.tools.limits import LARGEST_FILE
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, said, work
from tests.sandbox_process import SandboxProcess

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class FilesServer(ThreadingHTTPServer):
    """Stands in for Slack's file server: answers as told, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answer: tuple[int, dict[str, str], bytes] = (200, {"Content-Type": "text/plain"}, b"content")
        self.at: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: FilesServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.server.at.get(self.path, self.server.answer)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing is printed."""


@pytest.fixture
def slack(settings: Settings) -> Iterator[FilesServer]:
    server = FilesServer()
    settings.SLACK_API_URL = f"{server.url}/api/"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def message(installation: Installation, channel: Channel, contact: Contact, slack: FilesServer) -> Message:
    file = {"id": "F1", "name": "report.txt", "mimetype": "text/plain", "size": 7, "url_private": f"{slack.url}/F1"}
    picture = {"id": "F2", "name": "a.png", "mimetype": "image/png", "url_private": f"{slack.url}/F2",
               "thumb_360": f"{slack.url}/F2-small"}  # fmt: skip
    return cast.say("Look", channel=channel, by=contact, files=[described(file), described(picture)])


def url(message: Message, file_id: str = "F1") -> str:
    return f"/files/{message.pk}/{file_id}/"


def told(answer: Json) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def body(response: Any) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response)


# Who gets what ────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_passed_on_to_be_saved(as_dana: Client, message: Message, slack: FilesServer) -> None:
    response = as_dana.get(url(message))
    assert body(response) == b"content"
    assert slack.asked == [("/F1", "Bearer xoxb-test")]
    headers = response.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == 'attachment; filename="report.txt"'
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == "7"


def test_a_picture_is_shown_and_so_is_its_small_one(as_dana: Client, message: Message, slack: FilesServer) -> None:
    slack.answer = (200, {"Content-Type": "image/png"}, PNG)
    response = as_dana.get(url(message, "F2") + "?thumb")
    assert (body(response), response.headers["Content-Type"]) == (PNG, "image/png")
    assert response.headers["Content-Disposition"] == 'inline; filename="a.png"'
    assert [path for path, _ in slack.asked] == ["/F2-small"]


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/xml", "application/pdf", "", "image/png/x"])
def test_what_could_run_is_only_saved(as_dana: Client, message: Message, slack: FilesServer, kind: str) -> None:
    slack.answer = (200, {"Content-Type": kind}, b"<svg onload=alert(1)>")
    response = as_dana.get(url(message, "F2"))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    body(response)


def test_strangers_and_the_signed_out_get_nothing(
    client: Client, stranger: User, message: Message, slack: FilesServer
) -> None:
    assert client.get(url(message)).headers["Location"].startswith("/sign-in/")
    client.force_login(stranger)
    assert client.get(url(message)).status_code == 404
    assert slack.asked == []


def test_there_is_no_other_file(as_dana: Client, message: Message, slack: FilesServer) -> None:
    assert as_dana.get(url(message, "F3")).status_code == 404
    assert as_dana.get(f"/files/{message.pk + 1}/F1/").status_code == 404
    Message.objects.update(deleted_at=message.sent_at)
    assert as_dana.get(url(message)).status_code == 404
    assert slack.asked == []


def test_a_notes_file(as_dana: Client, message: Message, dana: User, slack: FilesServer) -> None:
    note = message.conversation.add_note("See", by=dana, channel=message.channel, ts="1.1", files=message.files)
    assert body(as_dana.get(url(note))) == b"content"


def test_it_streams_under_asgi(message: Message, dana: User, slack: FilesServer) -> None:
    slack.answer = (200, {"Content-Type": "text/plain"}, b"x" * 300_000)

    async def fetch() -> bytes:
        client = AsyncClient()
        await client.aforce_login(dana)
        response = await client.get(url(message))
        assert isinstance(response, StreamingHttpResponse)
        return b"".join([chunk async for chunk in response])

    assert async_to_sync(fetch)() == b"x" * 300_000


# What goes wrong ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, {}, b""), (404, "no longer has")),
        ((410, {}, b""), (404, "no longer has")),
        ((403, {}, b""), (403, "files:read")),
        ((500, {}, b""), (502, "Try again")),
        ((429, {}, b""), (502, "Try again")),
        ((200, {"Content-Type": "text/html; charset=utf-8"}, b"Sign in"), (403, "files:read")),
        ((200, {"Content-Length": str(files.LARGEST + 1)}, b""), (413, "too large")),
        ((302, {"Location": "https://evil.example/F1"}, b""), (403, "files:read")),
        ((302, {"Location": "/again"}, b""), (403, "files:read")),
        ((302, {"Location": "http://[bad"}, b""), (403, "files:read")),
    ],
)
def test_a_file_that_cannot_be_had_is_told_plainly(
    as_dana: Client,
    message: Message,
    slack: FilesServer,
    answer: tuple[int, dict[str, str], bytes],
    expected: tuple[int, str],
) -> None:
    slack.answer = answer
    response = as_dana.get(url(message))
    status, words = expected
    assert response.status_code == status
    page = response.content.decode()
    assert words in page
    assert message.conversation.get_absolute_url() in page
    assert len(slack.asked) <= files.HOPS


def test_nobody_answers(as_dana: Client, message: Message, settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    Message.objects.update(files=[{"id": "F1", "name": "x", "url": "http://127.0.0.1:9/F1"}])
    assert as_dana.get(url(message)).status_code == 502


def test_a_file_that_grows_beyond_its_limit_is_cut_off(
    as_dana: Client, message: Message, slack: FilesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = as_dana.get(url(message))
    monkeypatch.setattr(files, "LARGEST", 3)
    with pytest.raises(files.FileError, match="too_large"):
        body(response)


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.txt", True),
        ("https://files.slack-gov.com/files-pri/T1-F1/a.txt", True),
        ("http://127.0.0.1:9/files-pri/x", True),
        ("http://files.slack.com/x", False),
        ("https://files.slack.com:8443/x", False),
        ("https://slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://token@files.slack.com/x", False),
        ("https://files.slack.com\\@evil.example/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("http://127.0.0.1:10/x", False),
        ("file:///etc/passwd", False),
        ("", False),
        ("https://", False),
        ("http://[::", False),
    ],
)
def test_the_token_goes_to_slack_alone(address: str, ours: bool) -> None:
    assert is_slacks(address) is ours


def test_an_address_elsewhere_is_not_even_asked(as_dana: Client, message: Message, slack: FilesServer) -> None:
    Message.objects.update(files=[{"id": "F1", "name": "x", "url": "https://evil.example/F1"}])
    assert as_dana.get(url(message)).status_code == 403


# What Slack tells ─────────────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_of_a_file() -> None:
    full = {
        "id": "F1", "name": "shot.png", "title": "The error", "mimetype": "image/png", "size": 10,
        "permalink": "https://acme.slack.com/files/F1", "url_private": "https://files.slack.com/F1",
        "url_private_download": "https://files.slack.com/d/F1", "thumb_360": "https://files.slack.com/t/F1",
        "thumb_360_w": 360, "thumb_360_h": 115, "preview": "secret",
    }  # fmt: skip
    assert described(full) == {
        "id": "F1", "name": "The error", "filename": "shot.png", "type": "image/png", "size": 10,
        "permalink": "https://acme.slack.com/files/F1", "url": "https://files.slack.com/F1",
        "thumb": "https://files.slack.com/t/F1", "thumb_width": 360, "thumb_height": 115,
    }  # fmt: skip


def test_a_file_that_lives_elsewhere_is_linked_to() -> None:
    drive = {"id": "F1", "name": "Plan", "is_external": True, "url_private": "https://drive.example/plan", "size": 0,
             "permalink": "https://acme.slack.com/files/F1", "thumb_360": "https://drive.example/t"}  # fmt: skip
    assert described(drive) == {
        "id": "F1", "name": "Plan", "type": "", "size": 0, "permalink": "https://drive.example/plan"
    }  # fmt: skip


def test_stubs_of_a_shared_channel_are_looked_up(sandbox: SandboxProcess, acme: Installation, client: Client) -> None:
    client.force_login(User.objects.get(workspace=acme.workspace, name="Dana Reyes"))
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    picture = {"name": "shot.png", "content_base64": base64.b64encode(PNG).decode()}
    ts = sandbox.post_message("#ext-globex", "mia.tanaka", "Look", files=[picture])
    bodies = [json.loads(delivery["body"])["event"] for delivery in sandbox.settle()["deliveries"]]
    event = next(event for event in bodies if event.get("ts") == ts)
    assert event["files"] == [{"id": event["files"][0]["id"], "file_access": "check_file_info"}]
    assert work(envelope(event, team=acme.external_id)) == ["captured"]
    message = Message.objects.get()
    (file,) = message.files
    assert (file["name"], file["type"], file["size"]) == ("shot.png", "image/png", len(PNG))
    assert body(client.get(url(message, file["id"]))) == PNG
    assert body(client.get(url(message, file["id"]) + "?thumb")) == PNG


def test_a_stub_that_could_not_be_looked_up_is_when_it_is_opened(
    installation: Installation, channel: Channel, contact: Contact, as_dana: Client, slack: FilesServer
) -> None:
    stub = {"id": "F1", "file_access": "check_file_info"}
    event = said("Look", user=contact.external_id, channel=channel.external_id, team=cast.THEIR_TEAM, files=[stub])
    slack.answer = (503, {}, b"")
    assert work(envelope(event)) == ["captured"]
    message = Message.objects.get()
    assert [(file["name"], file.get("is_stub")) for file in message.files] == [("File", True)]
    assert as_dana.get(url(message)).status_code == 502
    assert url(message) in as_dana.get(message.conversation.get_absolute_url()).content.decode()
    file: Json = {"id": "F1", "name": "a.txt", "url_private": f"{slack.url}/F1"}
    slack.answer = (200, {"Content-Type": "text/plain"}, b"content")
    slack.at["/api/files.info"] = told({"ok": True, "file": file})
    assert body(as_dana.get(url(message))) == b"content"
    message.refresh_from_db()
    assert [file["name"] for file in message.files] == ["a.txt"]
    slack.at["/api/files.info"] = told({"ok": False, "error": "file_not_found"})
    Message.objects.update(files=[described(stub)])
    assert as_dana.get(url(message)).status_code == 404


# What goes on to a support tool ───────────────────────────────────────────────────────────────────────


def test_a_tool_gets_a_file_by_our_token(message: Message, installation: Installation, slack: FilesServer) -> None:
    assert read_file(message, message.files[0]) == b"content"
    assert slack.asked == [("/F1", f"Bearer {installation.credentials['bot_token']}")]


def test_a_tool_gets_a_file_that_slack_told_only_the_id_of(message: Message, slack: FilesServer) -> None:
    file: Json = {"id": "F1", "name": "a.txt", "url_private": f"{slack.url}/F1"}
    slack.at["/api/files.info"] = told({"ok": True, "file": file})
    assert read_file(message, described({"id": "F1", "file_access": "check_file_info"})) == b"content"


@pytest.mark.parametrize(
    ("answer", "is_passing"),
    [
        ((404, {}, b""), False),
        ((403, {}, b""), False),
        ((503, {}, b""), True),
        ((200, {"Content-Type": "text/html"}, b"Sign in"), False),
        ((302, {"Location": "https://evil.example/F1"}, b""), False),
        ((200, {"Content-Type": "text/plain"}, b"x" * (LARGEST_FILE + 1)), False),
    ],
    ids=["gone", "forbidden", "out of order", "a page to sign in", "led elsewhere", "too large"],
)
def test_a_file_that_a_tool_can_not_get(
    message: Message, slack: FilesServer, answer: tuple[int, dict[str, str], bytes], is_passing: bool
) -> None:
    slack.answer = answer
    with pytest.raises(Unavailable, match=r"report\.txt") as error:
        read_file(message, message.files[0])
    assert error.value.permanent is not is_passing


def test_a_file_of_no_address_can_not_be_got(message: Message, slack: FilesServer) -> None:
    with pytest.raises(Unavailable):
        read_file(message, {"id": "F1", "name": "report.txt"})
    slack.answer = (503, {}, b"")
    with pytest.raises(Unavailable) as error:
        read_file(message, {"id": "F1", "name": "report.txt", "is_stub": True})
    assert not error.value.permanent, "Slack may tell it later"
