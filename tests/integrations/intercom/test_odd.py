"""What Intercom does in its own way, and what can go wrong there."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from integrations.intercom import bodies
from integrations.intercom.adapter import IntercomAdapter
from integrations.intercom.tool import INTERCOM, connect, make
from integrations.models import InboundEvent, Installation
from integrations.tools.connecting import connect_tool
from integrations.tools.errors import Refused, ToolError, Unauthorised
from integrations.tools.protocol import File, Person
from tests.integrations.intercom import double
from tests.integrations.intercom.double import APP, SECRET, TOKEN, signed
from tests.integrations.intercom.server import Server
from tests.integrations.intercom.test_contract import installed
from tests.integrations.tools.contract import DANA, HANK, new_comment, new_ticket

LOU = Person("Lou", "", key="slack:W000002")


@pytest.fixture(params=["ticket", "conversation"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def adapter(server: Server, kind: str) -> IntercomAdapter:
    return make(installed(server, kind))


# People ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_contact_is_made_once_with_or_without_an_address(server: Server, adapter: IntercomAdapter) -> None:
    for asks in (HANK, HANK, LOU, LOU, Person("Globex")):
        adapter.create(new_ticket(requester=asks))
    made = [(one["external_id"], one["email"]) for one in server.intercom.contacts.values()]
    assert made == [("slack:W000001", HANK.email), ("slack:W000002", ""), ("pylon:Globex", "")]


def test_a_contact_that_is_there_is_taken_by_its_address(server: Server, adapter: IntercomAdapter) -> None:
    server.intercom.create_contact({"role": "user", "external_id": "crm-7", "email": HANK.email})
    adapter.create(new_ticket())
    assert len(server.intercom.contacts) == 1


@pytest.mark.parametrize("is_archived", [True, False])
def test_a_contact_that_no_search_finds_yet_is_taken(
    server: Server, adapter: IntercomAdapter, *, is_archived: bool
) -> None:
    known = server.intercom.create_contact({"role": "user", "external_id": "crm-7", "email": HANK.email})
    known["archived"], server.intercom.hides_from_search = is_archived, not is_archived
    adapter.create(new_ticket())
    assert list(server.intercom.contacts) == [known["id"]]
    assert not known["archived"]


def test_everybody_speaks_in_their_own_name_as_far_as_possible(
    server: Server, adapter: IntercomAdapter, kind: str
) -> None:
    made = adapter.create(new_ticket()).external_id
    for author, is_public in ((HANK, True), (LOU, True), (DANA, True), (DANA, False)):
        adapter.add(made, new_comment("Hello", author=author, is_public=is_public))
    parts = server.intercom.items[kind][made]["parts"]
    said = [(part["part_type"], part["author"]["name"], "Hank Scorpio in Slack" in part["body"]) for part in parts]
    assert said == [
        ("comment", "Hank Scorpio", False), ("comment", "Kim Writer", True), ("comment", "Dana Reyes", False),
        ("note", "Dana Reyes", False),
    ]  # fmt: skip
    told = [call[2] for call in server.calls if call[1].endswith("/reply") and call[2]["type"] == "admin"]
    assert [call.get("skip_notifications", False) for call in told] == [True, True, False]


def test_what_was_said_before_does_not_open_it_again(server: Server) -> None:
    adapter = make(installed(server, "conversation"))
    made = adapter.create(new_ticket(status="closed")).external_id
    adapter.add(made, new_comment("Thanks, it works"))
    assert adapter.get(made).status == "closed"


def test_somebody_else_can_write(server: Server) -> None:
    entered = {"address": server.url, "token": TOKEN, "kind": "ticket", "writer": "nobody@acme.example"}
    with pytest.raises(ToolError, match=r"no teammate nobody@acme\.example"):
        connect(entered, None)  # type: ignore[arg-type]
    connected = connect({**entered, "writer": "Dana@acme.example"}, None)  # type: ignore[arg-type]
    assert (connected.external_id, connected.url) == (f"{APP}:ticket", f"https://app.eu.intercom.com/a/inbox/{APP}")


# Tickets ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_description_follows_and_is_still_found(server: Server) -> None:
    adapter, told = make(installed(server, "ticket")), new_ticket()
    made = adapter.create(told)
    adapter.edit(made.external_id, made.opening_id, new_comment("It is full"))
    assert (
        "It is full" in server.intercom.items["ticket"][made.external_id]["ticket_attributes"]["_default_description_"]
    )
    adapter.delete(made.external_id, made.opening_id)
    assert "It is full" not in str(server.intercom.items["ticket"])
    found = adapter.created(told.key)
    assert found is not None
    assert found.external_id == made.external_id


def test_a_type_that_was_removed_is_said(server: Server) -> None:
    adapter = make(installed(server, "ticket"))
    server.intercom.types[1]["archived"] = True
    with pytest.raises(ToolError, match="Ticket type not found") as error:
        adapter.create(new_ticket(fields={"ticket_type": "7"}))
    assert error.value.permanent


def test_a_state_of_another_type_is_refused_in_words(server: Server) -> None:
    adapter = make(installed(server, "ticket"))
    made = adapter.create(new_ticket(fields={"ticket_type": "5"}))
    with pytest.raises(ToolError, match=r"not associated with the ticket type.*request b2f5-1"):
        adapter.set_status(made.external_id, "14")


def test_a_ticket_names_files(server: Server) -> None:
    adapter = make(installed(server, "ticket"))
    made = adapter.create(new_ticket()).external_id
    file = File("a.csv", "text/csv", 3, lambda: b"abc", "https://acme.slack.example/files/F1")
    adapter.add(made, new_comment(files=[file]))
    assert "a.csv: https://acme.slack.example/files/F1" in adapter.comments(made)[0].text


# What was said ────────────────────────────────────────────────────────────────────────────────────────


def test_who_quotes_us_is_not_us(server: Server, adapter: IntercomAdapter, kind: str) -> None:
    made, told = adapter.create(new_ticket()).external_id, new_comment("The original")
    adapter.add(made, told)
    ours = server.intercom.items[kind][made]["parts"][0]["body"]
    server.intercom.add_part(kind, made, "comment", server.intercom.admins[1], f"{ours}<p>I agree</p>")
    assert [comment.key for comment in adapter.comments(made)] == [told.key, ""]


def test_only_what_people_say_is_told(server: Server, adapter: IntercomAdapter, kind: str) -> None:
    made, admin = adapter.create(new_ticket()).external_id, server.intercom.admins[1]
    bot = {"type": "bot", "id": "1", "name": "Operator"}
    for part_type, author, body in (
        ("assignment", admin, None), ("close", admin, "<p>Bye</p>"), ("comment", bot, "<p>We reply in 5 minutes</p>"),
        ("comment", {**bot, "from_ai_agent": True}, "<p>An answer</p>"), ("note_and_close", admin, "<p>Secret</p>"),
    ):  # fmt: skip
        server.intercom.add_part(kind, made, part_type, author, body)
    told = [(comment.text, comment.is_public) for comment in adapter.comments(made)]
    assert told == [("Bye", True), ("An answer", True), ("Secret", False)]


def test_what_is_beyond_what_intercom_tells_is_not_taken_for_deleted(
    server: Server, adapter: IntercomAdapter, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double, "PARTS_TOLD", 2)
    made = adapter.create(new_ticket()).external_id
    for text in ("one", "two", "three"):
        server.intercom.add_part(kind, made, "comment", server.intercom.admins[1], text)
    with pytest.raises(ToolError, match="more parts than Intercom tells"):
        adapter.comments(made)


def test_html_becomes_text() -> None:
    body = '<p>Hi <b>Hank</b>,<br>see <a href="https://x.example/a">this</a></p><ul><li>one</li><li>two</li></ul>'
    assert bodies.read(f'{body}<p><img src="https://x.example/i.png"></p>') == (
        "Hi Hank,\nsee this (https://x.example/a)\n\n- one\n\n- two\n\nhttps://x.example/i.png", "",
    )  # fmt: skip


def test_a_merged_one_leads_to_the_other(server: Server, adapter: IntercomAdapter, kind: str) -> None:
    first, _between, second = (adapter.create(new_ticket()).external_id for _ in range(3))
    server.intercom.merge(kind, second, first)
    assert adapter.get(second).merged_into == first
    assert adapter.get(first).merged_into == ""
    del server.intercom.items[kind][first]
    with pytest.raises(ToolError, match="does not say which"):
        adapter.get(second)


# Trouble ──────────────────────────────────────────────────────────────────────────────────────────────


def test_credentials_that_are_not_taken(server: Server) -> None:
    with pytest.raises(Unauthorised, match="Access Token Invalid"):
        connect({"address": server.url, "token": "old", "kind": "ticket"}, None)  # type: ignore[arg-type]


def test_a_notification_is_taken_once_and_only_with_its_signature(
    server: Server, workspace: Workspace, dana: User, client: Client
) -> None:
    dana.role = Role.ADMIN
    dana.save()
    entered = {"address": server.url, "token": TOKEN, "kind": "ticket", "client_secret": SECRET}
    installation = connect_tool(INTERCOM, connect(entered, workspace), by=dana)
    address = f"/integrations/intercom/{installation.webhook_key}/webhook"
    assert client.head(address).status_code == 200  # Intercom asks so before it takes the address
    headers, body = server.intercom.notification("ticket", "1001")

    def status(body: bytes, signature: str) -> int:
        sent = client.post(address, body, content_type="application/json", headers={"X-Hub-Signature": signature})
        return int(sent.status_code)

    right = headers["x-hub-signature"]
    assert [status(body, right), status(body, right)] == [200, 200]
    assert InboundEvent.objects.filter(provider="intercom").count() == 1
    assert [status(body, "sha1=0"), status(body + b" ", right), status(b"x" * 10_000_000, right)] == [401, 401, 413]
    assert client.head("/integrations/intercom/nothing/webhook").status_code == 404


def test_a_notification_of_another_kind_or_workspace_names_nothing(server: Server, adapter: IntercomAdapter) -> None:
    for told in (
        {"app_id": APP, "data": {"item": {"type": "contact", "id": "1"}}},
        {"app_id": "other", "data": {"item": {"type": adapter.kind, "id": "1"}}},
        {"app_id": APP, "topic": "ping", "data": {"item": {"type": "ping", "message": "…"}}},
    ):
        assert adapter.touched(json.dumps(told)) == []
    part = {"type": f"{adapter.kind}_part", "id": "9", adapter.kind: {"type": adapter.kind, "id": "1"}}
    assert adapter.touched(json.dumps({"app_id": APP, "data": {"item": part}})) == ["1"]


def test_a_ping_is_taken(adapter: IntercomAdapter) -> None:
    headers, body = signed(b'{"type":"notification_event","topic":"ping","id":null,"data":{"item":{"type":"ping"}}}')
    assert adapter.verify(headers, body).kind == "ping"


def test_without_a_secret_nothing_is_genuine(server: Server) -> None:
    installation: Installation = installed(server, "ticket")
    installation.credentials = {**installation.credentials, "client_secret": ""}
    adapter = make(installation)
    signature = hmac.new(b"", b"{}", hashlib.sha1).hexdigest()
    with pytest.raises(Refused):
        adapter.verify({"x-hub-signature": f"sha1={signature}"}, b"{}")
    assert "client secret" in adapter.check()[-1].advice
