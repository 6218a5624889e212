"""What people see and do about tickets on a conversation's page, and on the settings' pages of a tool."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Channel, Contact, Role, User
from conversations.models import Conversation
from integrations.models import Comparison, ConsoleTicket, Difference, Installation, Link
from integrations.tools.comparing import begin, go_on
from integrations.tools.ending import stop
from integrations.tools.linking import connect
from tests import cast
from tests.integrations.tools.steps import connected, settle, touched


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    dana.role = Role.ADMIN
    dana.save()
    client.force_login(dana)
    return client


def page(client: Client, conversation: Conversation) -> str:
    return client.get(conversation.get_absolute_url()).content.decode()


def test_a_conversation_is_connected_from_its_page(
    signed_in: Client, asked: Conversation, console: Installation
) -> None:
    assert "Create a ticket in Console" in page(signed_in, asked)
    answer = signed_in.post(reverse("connect-ticket", args=[asked.number]), {"tool": console.pk})
    assert answer.status_code == 302
    assert "The ticket is being made" in page(signed_in, asked)
    settle()
    shown = page(signed_in, asked)
    assert "In step" in shown
    assert "Create a ticket" not in shown


def test_many_are_connected_from_the_board(
    signed_in: Client, asked: Conversation, console: Installation, dana: User, stranger: User
) -> None:
    assert "Create in Console" in signed_in.get("/board/").content.decode()
    other = cast.make_conversation(channel=asked.channel)
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=stranger.workspace))
    connect(other, console, by=dana)
    sent = {"id": [asked.pk, other.pk, theirs.pk], "tool": console.pk}
    shown = signed_in.post(reverse("connect-tickets"), sent).content.decode()
    assert "1 conversation connected with Console. 1 had a ticket there already." in shown
    assert f'id="card-{asked.pk}"' in shown
    assert "data-undo" not in shown
    assert set(Link.objects.values_list("conversation_id", flat=True)) == {asked.pk, other.pk}
    settle()
    assert "had a ticket there already" in signed_in.post(reverse("connect-tickets"), sent).content.decode()
    assert ConsoleTicket.objects.count() == 2


@pytest.mark.parametrize("sent", [{}, {"id": ["x"]}, {"id": range(201)}], ids=["none", "no number", "too many"])
def test_what_the_board_can_not_connect(signed_in: Client, console: Installation, sent: dict[str, object]) -> None:
    refused = signed_in.post(reverse("connect-tickets"), {**sent, "tool": console.pk})
    assert (refused.status_code, refused.content.decode()) == (400, "1 to 200 conversations.")


def test_who_only_reads_connects_nothing_from_the_board(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    User.objects.filter(pk=dana.pk).update(role=Role.READER)
    assert "Create in Console" not in signed_in.get("/board/").content.decode()
    refused = signed_in.post(reverse("connect-tickets"), {"id": asked.pk, "tool": console.pk})
    assert (refused.status_code, Link.objects.count()) == (403, 0)


def test_nothing_is_offered_without_a_tool(signed_in: Client, asked: Conversation) -> None:
    assert reverse("connect-tickets") not in signed_in.get("/board/").content.decode()
    assert "Support tools" not in page(signed_in, asked).partition('id="facts"')[2].partition("</main>")[0]


def test_a_ticket_that_is_there_is_found_and_connected(
    signed_in: Client, asked: Conversation, console: Installation
) -> None:
    ticket = ConsoleTicket.objects.create(installation=console, number=41, key="k", title="Export <broken>")
    found = signed_in.get(reverse("find-ticket", args=[asked.number]), {"tool": str(console.pk), "q": "export"})
    assert "Export &lt;broken&gt;" in found.content.decode()
    signed_in.post(reverse("link-ticket", args=[asked.number]), {"tool": console.pk, "ticket": ticket.pk})
    assert Link.objects.get(kind="ticket").external_id == str(ticket.pk)
    other = cast.make_conversation(channel=asked.channel)
    refused = signed_in.post(reverse("link-ticket", args=[other.number]), {"tool": console.pk, "ticket": ticket.pk})
    assert refused.status_code == 422
    assert f"connected with #{asked.number} already" in refused.content.decode()


def test_a_stopped_link_says_why_and_goes_on(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    link, _ = connected(asked, console, by=dana)
    stop(link, "The console minds <this>.")
    assert "The console minds &lt;this&gt;." in page(signed_in, asked)
    asked.refresh_from_db()
    assert asked.linked[0]["is_stopped"]
    assert "The console minds" in signed_in.get(reverse("integration", args=[console.pk])).content.decode()
    signed_in.post(reverse("ticket-link", args=[asked.number, link.pk]), {"do": "retry"})
    settle()
    assert "In step" in page(signed_in, asked)
    signed_in.post(reverse("ticket-link", args=[asked.number, link.pk]), {"do": "disconnect"})
    link.refresh_from_db()
    assert link.ended_at


@pytest.mark.parametrize("who", ["reader", "stranger"])
def test_others_connect_nothing(
    client: Client, asked: Conversation, console: Installation, stranger: User, who: str
) -> None:
    reader = cast.make_teammate(workspace=asked.workspace, name="Rita Reader", role=Role.READER)
    client.force_login(reader if who == "reader" else stranger)
    answer = client.post(reverse("connect-ticket", args=[asked.number]), {"tool": console.pk})
    assert answer.status_code == (403 if who == "reader" else 404)
    found = client.get(reverse("find-ticket", args=[asked.number]), {"tool": str(console.pk), "q": "x"})
    assert found.status_code == (403 if who == "reader" else 404)
    assert not Link.objects.filter(kind="ticket").exists()


# Settings ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tool_is_connected_tested_set_up_and_let_go(signed_in: Client, asked: Conversation, dana: User) -> None:
    assert "None yet" in signed_in.get(reverse("integrations")).content.decode()
    signed_in.post(reverse("connect-tool", args=["console"]))
    console = Installation.objects.get(provider="console")
    address = reverse("integration", args=[console.pk])
    shown = signed_in.get(address)
    assert shown.status_code == 200
    tested = signed_in.post(reverse("test-tool", args=[console.pk])).content.decode()
    assert "The console answers" in tested
    form = shown.context["form"]
    entered = {field.html_name: field.value() or "" for field in form if field.html_name.startswith(("out_", "in_"))}
    saved = signed_in.post(address, entered | {"automatic": "rule", "priorities": ["urgent"], "brings_replies": "on"})
    assert saved.status_code == 302
    console.refresh_from_db()
    assert console.config["automatic"] == "rule"
    assert console.config["rule"] == {"priorities": ["urgent"]}
    assert (console.config["sends_notes"], console.config["brings_replies"]) == (False, True)
    refused = signed_in.post(address, entered | {"automatic": "always", "in_2": "todo"})
    assert refused.status_code == 422
    assert "comes back as To Do" in refused.content.decode()
    refused = signed_in.post(address, entered | {"automatic": "rule"})
    assert "at least one thing" in refused.content.decode()
    signed_in.post(reverse("disconnect-tool", args=[console.pk]))
    assert signed_in.get(address).status_code == 404
    signed_in.post(reverse("connect-tool", args=["console"]))
    console.refresh_from_db()
    assert (console.removed_at, console.config["automatic"]) == (None, "rule")


@pytest.mark.parametrize("name", ["integration", "compare-tool", "console"])
def test_strangers_find_no_tool(client: Client, console: Installation, stranger: User, name: str) -> None:
    client.force_login(stranger)
    assert client.get(reverse(name, args=[console.pk])).status_code == 404


def test_members_change_no_tool(client: Client, console: Installation, omar: User) -> None:
    client.force_login(omar)
    assert client.get(reverse("integration", args=[console.pk])).status_code == 200
    for name in ("integration", "test-tool", "disconnect-tool", "begin-comparison", "mend-differences"):
        assert client.post(reverse(name, args=[console.pk])).status_code == 403, name
    assert client.get(reverse("connect-tool", args=["console"])).status_code == 403


def test_the_consoles_pages_speak_both_ways(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    _, ticket = connected(asked, console, by=dana)
    assert "The export is empty" in signed_in.get(reverse("console", args=[console.pk])).content.decode()
    place = [console.pk, ticket.number]
    assert "The export is empty" in signed_in.get(reverse("console-ticket", args=place)).content.decode()
    signed_in.post(reverse("comment-console-ticket", args=place), {"text": "From the console"})
    signed_in.post(reverse("change-console-ticket", args=place), {"status": "solved", "owner": ""})
    settle()
    asked.refresh_from_db()
    assert (asked.status, asked.owner) == ("closed", None)
    assert "From the console" in page(signed_in, asked)
    signed_in.post(reverse("remove-console-ticket", args=place))
    settle()
    assert "it was deleted there" in page(signed_in, asked)


# Comparing ────────────────────────────────────────────────────────────────────────────────────────────


def test_both_sides_are_compared_and_mended(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    asked.add_note("A note", by=dana)
    _, ticket = connected(asked, console, by=dana)
    ticket.comments.last().delete()  # type: ignore[union-attr]
    ticket.comments.create(text="Unheard of", author_name="Ann", is_public=False)
    ConsoleTicket.objects.filter(pk=ticket.pk).update(status="solved", owner_email="")
    address = reverse("compare-tool", args=[console.pk])
    signed_in.post(reverse("begin-comparison", args=[console.pk]))
    assert "Comparing: 0 of 1" in signed_in.get(address).content.decode()
    assert go_on(seconds=10)
    found = Difference.objects.all()
    assert {one.kind for one in found} == {"missing_there", "missing_here", "status", "owner"}
    assert "Unheard of" in signed_in.get(address).content.decode()
    chosen = {"difference": [one.pk for one in found], "take": "theirs"}
    signed_in.post(reverse("mend-differences", args=[console.pk]), chosen)
    settle()
    asked.refresh_from_db()
    assert (asked.status, asked.owner) == ("closed", None)
    assert sorted(asked.messages.filter(kind="note").values_list("text", flat=True)) == ["A note", "Unheard of"]
    assert sorted(ticket.comments.values_list("text", flat=True)) == ["A note", "The export is empty", "Unheard of"]
    begin(console, by=dana)
    go_on(seconds=10)
    assert "Both sides agree" in signed_in.get(address).content.decode()


def test_words_that_were_changed_are_found_and_mended(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    """Each message gets the words of who wrote it."""
    odd = "Is 3 < 4 & *this*?\n- one\n- two (https://globex.example/a_b?c=1)"
    cast.say(odd, channel=asked.channel, by=dana, thread_ts=str(asked.messages.get().ts))
    _, ticket = connected(asked, console, by=dana)
    theirs = ticket.comments.create(text="Please hurry", author_name="Ann", is_public=False)
    touched(ticket)
    begin(console, by=dana)
    go_on(seconds=10)
    assert not Difference.objects.exists()
    opening = ticket.comments.earliest("pk")
    ticket.comments.filter(pk=opening.pk).update(text="The export is full")
    ticket.comments.filter(pk=theirs.pk).update(text="Please hurry up")
    begin(console, by=dana)
    go_on(seconds=10)
    found = Difference.objects.all()
    assert [(one.kind, one.ours, one.theirs) for one in found] == [
        ("wording", "The export is empty", "The export is full"),
        ("wording", "Please hurry", "Please hurry up"),
    ]
    chosen = {"difference": [one.pk for one in found], "take": "theirs"}
    signed_in.post(reverse("mend-differences", args=[console.pk]), chosen)
    settle()
    opening.refresh_from_db()
    assert opening.text == "The export is empty"
    assert asked.messages.get(kind="note").text == "Please hurry up"
    begin(console, by=dana)
    go_on(seconds=10)
    assert Difference.objects.filter(mended_at=None).count() == 0


def test_ours_counts_where_it_is_chosen(
    signed_in: Client, asked: Conversation, console: Installation, dana: User
) -> None:
    _, ticket = connected(asked, console, by=dana)
    ConsoleTicket.objects.filter(pk=ticket.pk).update(status="solved", owner_email="")
    begin(console, by=dana)
    go_on(seconds=10)
    chosen = {"difference": list(Difference.objects.values_list("pk", flat=True)), "take": "ours"}
    signed_in.post(reverse("mend-differences", args=[console.pk]), chosen)
    settle()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner_email) == ("open", dana.email)


def test_a_ticket_that_is_gone_is_shown(asked: Conversation, console: Installation, dana: User) -> None:
    dana.role = Role.ADMIN
    _, ticket = connected(asked, console, by=dana)
    ticket.delete()
    begin(console, by=dana)
    go_on(seconds=10)
    assert Difference.objects.get().kind == "gone"
    assert Comparison.objects.get().finished_at
