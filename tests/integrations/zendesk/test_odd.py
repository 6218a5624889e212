"""What Zendesk does oddly, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role, User
from integrations.models import Installation
from integrations.tools.connecting import connect_tool
from integrations.tools.errors import Gone, Refused, ToolError, Unauthorised
from integrations.tools.protocol import Person
from integrations.zendesk import webhooks
from integrations.zendesk.adapter import ZendeskAdapter
from integrations.zendesk.forms import ZendeskForm
from integrations.zendesk.tool import ZENDESK, connect
from tests.integrations.tools.contract import DANA, HANK, new_comment, new_ticket
from tests.integrations.zendesk.double import EMAIL, OAUTH, SECRET, TOKEN, Server, signed
from tests.integrations.zendesk.test_contract import installed


@pytest.fixture
def adapter(server: Server) -> ZendeskAdapter:
    return ZendeskAdapter(installed(server))


@pytest.fixture
def following(server: Server) -> ZendeskAdapter:
    return ZendeskAdapter(installed(server, follow_up=True))


# People ───────────────────────────────────────────────────────────────────────────────────────────────


def test_people_speak_in_their_own_name_where_they_are_known(server: Server, adapter: ZendeskAdapter) -> None:
    made = adapter.create(new_ticket())
    number = int(made.external_id)
    adapter.add(made.external_id, new_comment("Mine", author=DANA))
    adapter.add(made.external_id, new_comment("Ours", author=replace(DANA, email="new@acme.example")))
    adapter.add(made.external_id, new_comment("Theirs", author=Person("Homer", "homer@globex.example")))
    adapter.add(made.external_id, new_comment("Kept from them", is_public=False))
    said = [(server.zendesk.users[one["author_id"]]["name"], one["body"]) for one in server.zendesk.comments[number]]
    assert [name for name, _text in said] == ["Hank Scorpio", "Dana Reyes", "Pylon", "Pylon", "Pylon"]
    assert said[1][1] == "Mine"
    assert all(text.startswith("Hank Scorpio in Slack") for name, text in said if name == "Pylon")


@pytest.mark.parametrize("email", ["hank@globex.example", ""])
def test_a_requester_is_made_once_and_left_as_they_are(server: Server, adapter: ZendeskAdapter, email: str) -> None:
    asks = replace(HANK, email=email)
    first = adapter.create(new_ticket(requester=asks))
    known = server.zendesk.tickets[int(first.external_id)]["requester_id"]
    server.zendesk.users[known]["name"] = "H. Scorpio"
    second = adapter.create(new_ticket(requester=asks))
    assert server.zendesk.tickets[int(second.external_id)]["requester_id"] == known
    assert server.zendesk.users[known]["name"] == "H. Scorpio"


# Tickets ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_ticket_can_not_be_changed(server: Server, adapter: ZendeskAdapter) -> None:
    made = adapter.create(new_ticket())
    server.zendesk.close(int(made.external_id))
    assert adapter.get(made.external_id).status == "closed"
    for change in (
        lambda: adapter.add(made.external_id, new_comment()),
        lambda: adapter.set_status(made.external_id, "open"),
        lambda: adapter.set_owner(made.external_id, "dana@acme.example"),
    ):
        with pytest.raises(ToolError, match="is closed and can’t be changed") as error:
            change()
        assert error.value.permanent
    adapter.set_status(made.external_id, "solved")


def test_a_follow_up_stands_for_a_closed_ticket(server: Server, following: ZendeskAdapter) -> None:
    made = following.create(new_ticket())
    server.zendesk.close(int(made.external_id))
    told = new_comment("Once more")
    added = following.add(made.external_id, told)
    follow_up = following.get(made.external_id).merged_into
    assert follow_up not in ("", made.external_id)
    assert [(one.external_id, one.key) for one in following.comments(follow_up)] == [(added, told.key)]
    assert told.key in [one.key for one in following.comments(made.external_id)]
    following.add(made.external_id, new_comment("And more"))
    following.set_status(made.external_id, "pending")
    assert len(server.zendesk.tickets) == 2
    assert following.get(follow_up).status == "pending"


def test_a_status_alone_makes_a_follow_up(server: Server, following: ZendeskAdapter) -> None:
    made = following.create(new_ticket())
    server.zendesk.close(int(made.external_id))
    following.set_status(made.external_id, "open")
    follow_up = following.get(made.external_id).merged_into
    assert following.get(follow_up).status == "open"
    assert all(one.key and not one.is_public for one in following.comments(follow_up))


def test_a_merged_ticket_says_into_which(server: Server, adapter: ZendeskAdapter) -> None:
    made, other = (adapter.create(new_ticket()) for _ in range(2))
    server.zendesk.merge(int(made.external_id), int(other.external_id))
    assert adapter.get(made.external_id).merged_into == other.external_id
    assert all(one.key for one in adapter.comments(other.external_id))


def test_a_ticket_in_the_bin_is_gone(server: Server, adapter: ZendeskAdapter) -> None:
    made = adapter.create(new_ticket())
    server.zendesk.remove(int(made.external_id), softly=True)
    for call in (adapter.get, adapter.comments, lambda pk: adapter.add(pk, new_comment())):
        with pytest.raises(Gone):
            call(made.external_id)


def test_custom_statuses_go_both_ways(server: Server, adapter: ZendeskAdapter) -> None:
    made = adapter.create(new_ticket(status="open/599"))
    assert made.status == "open/599"
    assert adapter.choices().status_in["open/599"] == "todo"
    server.zendesk.custom_statuses[-1]["active"] = False
    again = ZendeskAdapter(installed(server))
    assert again.get(made.external_id).status == "open"
    with pytest.raises(ToolError, match="Custom status is invalid"):
        again.set_status(made.external_id, "open/599")


def test_a_field_that_was_removed_is_told_in_words(adapter: ZendeskAdapter) -> None:
    with pytest.raises(ToolError, match="Custom field 77 does not exist") as error:
        adapter.create(new_ticket(fields={"field 77": "x", "group_id": "31"}))
    assert error.value.permanent


def test_chosen_fields_are_set(server: Server, adapter: ZendeskAdapter) -> None:
    made = adapter.create(new_ticket(fields={"field 43": "exports", "group_id": "31", "type": "problem"}))
    ticket = server.zendesk.tickets[int(made.external_id)]
    assert ticket["custom_fields"] == [{"id": 43, "value": "exports"}]
    assert (ticket["group_id"], ticket["type"]) == (31, "problem")


# Connecting ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_oauth_token_signs_in(server: Server) -> None:
    adapter = ZendeskAdapter(installed(server, email="", token=OAUTH))
    assert all(finding.is_good for finding in adapter.check())


def test_wrong_credentials_connect_nothing(server: Server) -> None:
    with pytest.raises(Unauthorised):
        installed(server, token="wrong")
    server.zendesk.me["role"] = "end-user"
    with pytest.raises(ToolError, match="not of an agent"):
        installed(server)


@pytest.mark.parametrize(
    ("entered", "address"),
    [
        ("acme", "https://acme.zendesk.com"), ("Acme.zendesk.com", "https://acme.zendesk.com"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9"), ("https://a.example/x", None), ("a b", None),
    ],
)  # fmt: skip
def test_a_subdomain_is_enough(entered: str, address: str | None) -> None:
    form = ZendeskForm({"address": entered, "token": "t"})
    assert form.is_valid() == (address is not None)
    assert form.cleaned_data.get("address") == address


def test_the_test_button_makes_the_webhook_once(server: Server, dana: User) -> None:
    dana.role = Role.ADMIN
    dana.save()
    entered = {"address": server.url, "email": EMAIL, "token": TOKEN}
    installation = connect_tool(ZENDESK, connect(entered, dana.workspace), by=dana)
    for _ in range(2):
        assert all(finding.is_good for finding in ZendeskAdapter(installation).check())
        installation = Installation.objects.get(pk=installation.pk)
    [made] = server.zendesk.webhooks.values()
    assert made["endpoint"].endswith(reverse("tool-webhook", args=["zendesk", installation.webhook_key]))
    assert installation.credentials["webhook_secret"] == SECRET


# Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_trigger_tells_by_our_template(adapter: ZendeskAdapter) -> None:
    body = b'{"ticket_id": "101"}'
    assert adapter.verify(signed(body), body).kind == "trigger"
    assert adapter.touched(body.decode()) == ["101"]
    assert webhooks.touched(json.dumps({"ticket_id": "{{ticket.id}}"})) == []


def test_a_replayed_webhook_is_too_old(adapter: ZendeskAdapter) -> None:
    body = b'{"ticket_id": 101}'
    at = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    with pytest.raises(Refused, match="too old"):
        adapter.verify(signed(body, at=at), body)
    with pytest.raises(Refused, match="wrong"):
        adapter.verify(signed(body, secret="another"), body)


def test_without_a_secret_no_webhook_is_taken(server: Server) -> None:
    body = b"{}"
    adapter = ZendeskAdapter(installed(server, webhook_secret=""))
    with pytest.raises(Refused, match="No signing secret"):
        adapter.verify(signed(body, secret=""), body)
