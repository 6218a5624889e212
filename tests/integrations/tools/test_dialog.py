"""*Create ticket …* under a triage post, and the same by the API."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.models import Channel, Contact, Role, User, Workspace
from conversations.models import Conversation
from integrations.models import ConsoleTicket, Delivery, Installation, Link, LinkKind
from integrations.slack.triage_post import draw
from tests import cast
from tests.cast import OUR_TEAM
from tests.integrations.slack.envelopes import Json, work
from tests.integrations.tools.steps import settle


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


@pytest.fixture
def post(installation: Installation, asked: Conversation) -> Link:
    triage = cast.make_triage_channel(workspace=asked.workspace)
    return Link.objects.create(
        workspace=asked.workspace, installation=installation, conversation=asked, kind=LinkKind.TRIAGE_POST,
        place=triage.channel.external_id, external_id="1700000000.000100",
    )  # fmt: skip


@pytest.fixture
def installation(workspace: Workspace) -> Installation:
    """Of a Slack team that does not answer."""
    return cast.make_installation(workspace=workspace, url="https://acme.slack.example/")


def press(post: Link, user: User) -> str:
    click: Json = {
        "type": "block_actions",
        "team": {"id": OUR_TEAM},
        "user": {"id": user.external_id, "team_id": OUR_TEAM},
        "container": {"type": "message", "channel_id": post.place, "message_ts": post.external_id},
        "actions": [{"action_id": "ticket", "action_ts": cast.make_ts()}],
        "trigger_id": cast.make_ts(),
    }
    (outcome,) = work(click)
    return outcome


def submit(user: User, view: Json, chosen: str) -> str:
    values = {"tool": {"tool": {"type": "static_select", "selected_option": {"value": chosen}}}}
    submitted: Json = {
        "type": "view_submission",
        "team": {"id": OUR_TEAM},
        "user": {"id": user.external_id, "team_id": OUR_TEAM},
        "view": view | {"state": {"values": values}},
        "trigger_id": cast.make_ts(),
    }
    (outcome,) = work(submitted)
    return outcome


def buttons(conversation: Conversation, installation: Installation) -> list[str]:
    blocks = draw(conversation, installation)["blocks"]
    return [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]


def test_the_button_asks_for_the_tool_and_connects(
    post: Link, asked: Conversation, console: Installation, omar: User
) -> None:
    assert "ticket" in buttons(asked, post.installation)
    assert press(post, omar) == "the dialog opens"
    view = Delivery.objects.get(kind="dialog").request["arguments"]["view"]
    assert submit(omar, view, str(console.pk)) == "connects with Console"
    settle()
    asked.refresh_from_db()
    assert asked.linked[0]["number"] == "1"
    assert "ticket" not in buttons(asked, post.installation)
    assert "Synced to <http" in str(draw(asked, post.installation))
    assert "Console #1" in str(draw(asked, post.installation))
    assert press(post, omar).startswith("refused: There is no support tool")
    assert submit(omar, view, str(console.pk)).startswith("refused")
    assert ConsoleTicket.objects.count() == 1


def test_without_a_tool_there_is_no_button(post: Link, asked: Conversation) -> None:
    assert "ticket" not in buttons(asked, post.installation)


@pytest.mark.parametrize("chosen", ["", "0", "x", "999999"])
def test_a_dialog_with_something_else_in_it_connects_nothing(
    post: Link, asked: Conversation, console: Installation, omar: User, chosen: str
) -> None:
    press(post, omar)
    view = Delivery.objects.get(kind="dialog").request["arguments"]["view"]
    assert submit(omar, view, chosen).startswith("refused")
    assert not Link.objects.filter(kind=LinkKind.TICKET).exists()


def test_readers_get_no_dialog(post: Link, console: Installation, omar: User) -> None:
    omar.role = Role.READER
    omar.save()
    assert "nothing done" in press(post, omar)
    assert not Delivery.objects.filter(kind="dialog", request__method="views.open").exists()


# By the API ───────────────────────────────────────────────────────────────────────────────────────────


def api(client: Client, user: User, method: str, address: str, **body: object) -> Json:
    _, token = AuthToken.objects.create(user)
    answer = client.generic(
        method, f"/api/v1/{address}", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    return {"status": answer.status_code, "body": answer.json() if answer.content else None}


def test_programs_connect_and_disconnect(
    client: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    (tool,) = api(client, dana, "GET", "tools/")["body"]["results"]
    assert (tool["id"], tool["tool"]) == (console.pk, "Console")
    address = f"conversations/{asked.number}/tickets/"
    made = api(client, dana, "POST", address, tool=console.pk)
    assert (made["status"], made["body"]["standing"]) == (201, "busy")
    assert api(client, dana, "POST", address, tool=console.pk)["status"] == 200
    settle()
    (ticket,) = api(client, dana, "GET", address)["body"]["results"]
    assert (ticket["number"], ticket["standing"]) == ("1", "good")
    assert api(client, dana, "DELETE", f"{address}?tool={console.pk}")["body"] == {"results": []}
    assert api(client, dana, "DELETE", f"{address}?tool={console.pk}")["status"] == 404


def test_programs_are_told_what_can_not_be(
    client: Client, asked: Conversation, console: Installation, dana: User, stranger: User
) -> None:
    address = f"conversations/{asked.number}/tickets/"
    assert api(client, dana, "POST", address, tool=0)["status"] == 400
    assert api(client, dana, "POST", address, tool=console.pk, ticket="99")["status"] == 400
    assert api(client, dana, "POST", address, tool=console.pk, other=1)["status"] == 400
    assert api(client, stranger, "POST", address, tool=console.pk)["status"] == 404
    assert api(client, stranger, "GET", "tools/")["body"] == {"results": []}
    dana.role = Role.READER
    dana.save()
    assert api(client, dana, "POST", address, tool=console.pk)["status"] == 403
    assert not Link.objects.filter(kind=LinkKind.TICKET).exists()
