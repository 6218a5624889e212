"""The settings' pages of grouping: choosing, trying out, and how often people correct."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, Grouping, User
from conversations.correction_report import report
from conversations.correction_scoring import score_corrections
from conversations.corrections import merge, move_messages, split_off, undo
from conversations.decision import Settings
from conversations.models import Conversation, Message
from conversations.simulation import simulate
from tests import cast

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
EXPORT, INVOICE = "The export is empty", "Could you send us the invoice of October?"


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def talk(channel: Channel, contact: Contact, dana: User) -> list[Message]:
    """A question with an answer in its thread, and another question that stays without."""
    asked = cast.say(EXPORT, channel=channel, by=contact, ago=9 * HOUR)
    return [
        asked,
        cast.say("Let me check with the team.", channel=channel, by=dana, thread_ts=asked.ts, ago=8 * HOUR),
        cast.say("It has 0 rows", channel=channel, by=contact, ago=9 * HOUR - timedelta(minutes=1)),
        cast.say(INVOICE, channel=channel, by=contact, ago=2 * HOUR),
    ]


def test_the_workspaces_way_and_a_channels_own(as_dana: Client, channel: Channel) -> None:
    answer = as_dana.post(
        "/settings/grouping/workspace/", {"grouping": "quiet_period", "quiet_minutes": 30}, follow=True
    )
    assert "Saved. It counts for messages from now on." in answer.content.decode()
    fields = {f"{channel.pk}-grouping": "threads", f"{channel.pk}-quiet_minutes": ""}
    as_dana.post(f"/settings/grouping/channels/{channel.pk}/", fields)
    channel.refresh_from_db()
    assert (channel.grouping, channel.quiet_minutes, channel.workspace.grouping) == ("threads", None, "quiet_period")
    assert channel.workspace.quiet_minutes == 30
    page = as_dana.get("/settings/grouping/").content.decode()
    assert '<option value="threads" selected>Threads only</option>' in page
    assert as_dana.post("/settings/grouping/workspace/", {"grouping": "best", "quiet_minutes": 0}).status_code == 422
    fields[f"{channel.pk}-grouping"] = "best"
    answer = as_dana.post(f"/settings/grouping/channels/{channel.pk}/", fields, follow=True)
    assert "best is not one of the available choices" in answer.content.decode()


def test_who_may(client: Client, omar: User, stranger: User, channel: Channel) -> None:
    own = f"/settings/grouping/channels/{channel.pk}/"
    client.force_login(omar)
    assert client.get("/settings/grouping/").status_code == 200
    assert client.post("/settings/grouping/workspace/").status_code == 403
    assert client.post(own).status_code == 403
    client.force_login(stranger)
    assert client.post(own).status_code == 404
    assert (
        client.get("/settings/grouping/simulate/", {"channel": channel.pk}, headers={"HX-Request": "true"}).status_code
        == 200
    )
    assert "ext-globex" not in client.get("/settings/grouping/").content.decode()


@pytest.mark.parametrize(
    ("mode", "count", "waiting"),
    [("automatic", 2, 0), ("quiet_period", 2, 0), ("each_message", 3, 0), ("threads", 1, 2), ("manual", 0, 4)],
)
def test_another_way_is_played_through_and_nothing_is_written(
    channel: Channel, talk: list[Message], mode: str, count: int, waiting: int
) -> None:
    before = list(Conversation.objects.order_by("pk").values())
    found = simulate(channel, Settings(Grouping(mode)))
    assert (found.message_count, found.now, found.then, found.then_waiting) == (4, 2, count, waiting)
    assert list(Conversation.objects.order_by("pk").values()) == before
    assert found.difference_count == (0 if mode in {"automatic", "quiet_period"} else {"each_message": 1}.get(mode, 2))


def test_what_would_be_different_is_shown_side_by_side(as_dana: Client, channel: Channel, talk: list[Message]) -> None:
    query: dict[str, str | int] = {"channel": channel.pk, "mode": "each_message", "minutes": 60}
    page = as_dana.get("/settings/grouping/simulate/", query).content.decode()
    assert 'hx-trigger="load"' in page
    found = as_dana.get("/settings/grouping/simulate/", query, headers={"HX-Request": "true"}).content.decode()
    assert "<strong>3 conversations</strong> instead of 2, of 4 messages" in " ".join(found.split())
    now, then = found.split("<h3>Then</h3>")
    assert "#1" in now
    assert then.count('class="group"') == 2
    assert (
        as_dana.get("/settings/grouping/simulate/", {**query, "at_once": 1}).content.decode().count("<strong>3 conv")
        == 1
    )
    assert as_dana.get("/settings/grouping/simulate/", {"mode": "best"}).status_code == 422


def test_without_a_channel_or_messages_the_pages_say_so(as_dana: Client) -> None:
    for page in ("", "simulate/"):
        assert "no customer’s channel yet" in as_dana.get(f"/settings/grouping/{page}").content.decode()
    assert "No message has come in yet" in as_dana.get("/settings/grouping/corrections/").content.decode()


def test_how_often_people_correct_by_rule_and_kind(
    as_dana: Client, channel: Channel, contact: Contact, dana: User, talk: list[Message]
) -> None:
    asked, _, rows, invoice = (Message.objects.get(pk=message.pk) for message in talk)
    undo(correction=move_messages(messages=[rows], to=invoice.conversation, by=dana), by=dana)
    rows.refresh_from_db()
    split_off(messages=[rows], by=dana)
    invoice.refresh_from_db()
    merge(source=invoice.conversation, target=Conversation.objects.get(pk=asked.conversation_id), by=dana)
    found = report(dana.workspace_id, timezone.now())
    assert (found.total.decided, found.total.corrected, found.total.share) == (4, 2, 50.0)
    lines = {line.name: (line.decided, line.corrected) for line in found.rules}
    assert lines == {
        "First of the channel": (1, 0), "Slack thread": (1, 0), "By what is said": (2, 2),
    }  # fmt: skip
    assert found.kinds == [("Moved", 0), ("Split", 1), ("Merged", 1)]
    assert sum(line.corrected for line in found.weeks) == 2
    page = as_dana.get("/settings/grouping/corrections/").content.decode()
    assert "taken back" in page
    assert "50.0 %" in page


def test_todays_rule_is_scored_by_what_people_corrected(
    channel: Channel, contact: Contact, dana: User, talk: list[Message]
) -> None:
    asked, _, rows, invoice = talk
    # As if a worse rule had decided: what the linker joins had been opened, and the other way round.
    Message.objects.filter(pk=rows.pk).update(conversation=invoice.conversation_id, grouping_rule="quiet_period")
    rows.refresh_from_db()
    move_messages(messages=[rows], to=Conversation.objects.get(pk=asked.conversation_id), by=dana)
    late = cast.say("It has 0 rows again", channel=channel, by=contact, ago=HOUR)
    Message.objects.filter(pk=late.pk).update(conversation=invoice.conversation_id)
    late.refresh_from_db()
    split_off(messages=[late], by=dana)
    assert score_corrections(channel.workspace) == {"move": (1, 1), "split": (1, 0), "merge": (0, 0)}
    out = StringIO()
    call_command("evaluate", "grouping", "--workspace", stdout=out)
    assert "Acme: people put 2 decisions right." in out.getvalue()
    assert "Moved    today’s rule agrees in 1 of 1 (100.0 %)" in out.getvalue()
    with pytest.raises(CommandError, match="Name a folder"):
        call_command("evaluate", "grouping")


def test_a_status_that_a_person_reverses_at_once_is_a_correction(
    channel: Channel, contact: Contact, dana: User, omar: User
) -> None:
    for text, change in (("Fixed, please try again.", "reopen"), ("Let me check with the team.", "close")):
        asked = cast.say(EXPORT, channel=channel, by=contact, ago=9 * HOUR)
        answer = cast.say(text, channel=channel, by=dana, thread_ts=asked.ts)
        getattr(Conversation.objects.get(pk=answer.conversation_id), change)(by=omar)
    later = cast.say(EXPORT, channel=channel, by=contact, ago=-5 * HOUR, thread_ts=answer.thread_ts)
    Conversation.objects.get(pk=later.conversation_id).start(by=omar)
    found = {line.name: (line.decided, line.corrected) for line in report(dana.workspace_id, timezone.now()).statuses}
    assert found == {
        "Our reply concludes": (1, 1),
        "We answered without concluding": (1, 1),
        "The customer wrote after it was closed": (1, 0),
    }
