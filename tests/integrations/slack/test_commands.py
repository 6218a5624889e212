"""`/pylon`: teammates' work, answered to them alone; everybody else's does nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Channel, ChannelKind, Contact, Side, User
from accounts.overrides import count_as
from conversations.models import Conversation, EventKind
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import deliver
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, work
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess
from triage.models import TriageChannel


@pytest.fixture
def conversation(channel: Channel, dana: User) -> Conversation:
    return cast.make_conversation(channel=channel)


def command(user: User, text: str = "help", **more: str) -> Json:
    return {
        "command": "/pylon", "text": text, "team_id": OUR_TEAM, "channel_id": "C1", "trigger_id": cast.make_ts(),
        "user_id": user.external_id or "", "response_url": "http://127.0.0.1:9/response/1", **more,
    }  # fmt: skip


def answered(user: User, text: str, **more: str) -> str:
    work(command(user, text, **more))
    delivery = Delivery.objects.filter(kind=DeliveryKind.ANSWER).latest("pk")
    assert delivery.request["body"]["response_type"] == "ephemeral"
    said: str = delivery.request["body"]["text"]
    return said


# Who ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_customer_a_guest_and_others_can_type_nothing(
    installation: Installation, conversation: Conversation, dana: User, contact: Contact, stranger: User
) -> None:
    guest = cast.make_contact(workspace=installation.workspace, external_team_id=OUR_TEAM, is_guest=True)
    count_as(channel=conversation.channel, external_id=contact.external_id, side=Side.US, by=dana)
    cast.make_teammate(workspace=installation.workspace, name="Gone Away", external_id="U_GONE", is_active=False)
    close = f"close #{conversation.number}"
    outcomes = work(
        command(dana, close, user_id=contact.external_id, team_id=OUR_TEAM),
        command(dana, close, user_id=guest.external_id),
        command(dana, close, user_id="U_NOBODY"),
        command(dana, close, user_id="U_GONE"),
        command(stranger, close),
    )
    assert outcomes == ["typed by somebody who is no teammate: nothing done"] * 5
    assert work(command(dana, close, team_id=THEIR_TEAM)) == ["a team in which we are not installed"]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO
    assert not Delivery.objects.exists()


def test_numbers_of_another_workspace_are_not_found(installation: Installation, dana: User, stranger: User) -> None:
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=stranger.workspace), title="Their secret")
    assert answered(dana, f"close #{theirs.number}") == f"There is no conversation #{theirs.number}."
    assert "Nothing found" in answered(dana, "find secret")
    theirs.refresh_from_db()
    assert theirs.status == Status.TODO


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://hooks.slack.com/x",
        "file:///etc/passwd",
        "http://[",
        "",
        "https://hooks.slack.com.evil.example/",
    ],
)
def test_answers_go_to_slack_alone(installation: Installation, dana: User, url: str) -> None:
    assert work(command(dana, response_url=url)) == ["an answer's address that isn't Slack's: nothing sent"]
    assert not Delivery.objects.exists()


# What ──────────────────────────────────────────────────────────────────────────────────────────────


def test_help_and_words_that_are_none(installation: Installation, dana: User) -> None:
    assert "/pylon mine" in answered(dana, "help")
    assert "/pylon mine" in answered(dana, "")
    assert answered(dana, "clsoe #1").startswith("There is no `clsoe`. Did you mean `/pylon close`?")
    assert "&lt;!channel&gt;" in answered(dana, "<!channel>")


def test_mine_is_what_is_open_and_mine_the_longest_waiting_first(
    installation: Installation, channel: Channel, dana: User, omar: User
) -> None:
    assert answered(dana, "mine").startswith("No open conversation is yours")
    now = timezone.now()
    cases: dict[str, Json] = {
        "Second": {"waiting_since": now - timedelta(hours=1)},
        "First": {"waiting_since": now - timedelta(hours=2)},
        "Third <!here>": {"status": Status.IN_PROGRESS},
        "Closed": {"status": Status.CLOSED},
        "Snoozed": {"snoozed_until": now + timedelta(hours=1)},
        "Omar’s": {"owner": omar},
    }
    for title, fields in cases.items():
        cast.make_conversation(channel=channel, title=title, **fields)
    lines = answered(dana, "mine").splitlines()
    assert [line.partition("|")[2].partition(" ")[2].partition(">")[0] for line in lines] == [
        "First", "Second", "Third &lt;!here&gt;"
    ]  # fmt: skip
    assert "/conversations/" in lines[0]


def test_finding_by_title_by_words_and_by_number(
    installation: Installation, channel: Channel, dana: User, contact: Contact
) -> None:
    titled = cast.make_conversation(channel=channel, title="The export is empty")
    said = cast.say("Our invoice lacks the VAT & id", channel=channel, by=contact).conversation
    assert f"#{titled.number} " in answered(dana, "find EXPORT empty")
    assert f"#{said.number} " in answered(dana, "find vat &amp; invoice")
    assert f"#{titled.number} " in answered(dana, f"find #{titled.number}")
    assert "Nothing found" in answered(dana, "find export invoice")


def test_closing_starting_reopening(
    installation: Installation, conversation: Conversation, omar: User, dana: User
) -> None:
    number = conversation.number
    for text, status in {
        f"start #{number}": Status.IN_PROGRESS, f"close {number}": Status.CLOSED, f"reopen #{number}": Status.TODO
    }.items():  # fmt: skip
        assert f"#{number} " in answered(omar, text)
        conversation.refresh_from_db()
        assert (conversation.status, conversation.status_by_person) == (status, True)
    assert answered(omar, "close #4711") == "There is no conversation #4711."
    assert "Write its number" in answered(omar, "close")


def test_a_command_that_comes_twice_acts_once(
    installation: Installation, conversation: Conversation, omar: User
) -> None:
    typed = command(omar, f"close #{conversation.number}")
    work(typed, typed)
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1
    assert Delivery.objects.filter(kind=DeliveryKind.ANSWER).count() == 1


def test_assigning(installation: Installation, conversation: Conversation, dana: User, omar: User) -> None:
    cast.make_teammate(workspace=installation.workspace, name="Omar Little")
    number = conversation.number
    for whom, owner in {
        f"<@{omar.external_id}|omar>": omar, "me": dana, "@omar haddad": omar, "nobody": None, "Dana": dana
    }.items():  # fmt: skip
        assert f"#{number} " in answered(dana, f"assign #{number} {whom}")
        conversation.refresh_from_db()
        assert conversation.owner == owner
    assert "Several teammates" in answered(dana, f"assign #{number} omar")
    assert answered(dana, f"assign #{number} <@U_NOBODY>") == "That is no teammate."
    conversation.refresh_from_db()
    assert conversation.owner == dana


def test_snoozing_and_waking(installation: Installation, conversation: Conversation, dana: User) -> None:
    assert "Out of sight until" in answered(dana, f"snooze #{conversation.number} 2h")
    conversation.refresh_from_db()
    assert conversation.snoozed_until is not None
    assert "Write until when" in answered(dana, f"snooze #{conversation.number} whenever")
    answered(dana, f"wake #{conversation.number}")
    conversation.refresh_from_db()
    assert conversation.snoozed_until is None


# Where ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_of_ours_becomes_the_triage_channel(installation: Installation, dana: User, omar: User) -> None:
    general = cast.make_channel(workspace=installation.workspace, kind=ChannelKind.TRIAGE)
    mine = cast.make_channel(workspace=installation.workspace, kind=ChannelKind.INTERNAL)
    assert "Only admins" in answered(omar, "triage here", channel_id=general.external_id)
    assert not TriageChannel.objects.exists()
    answered(dana, "triage here", channel_id=general.external_id)
    answered(dana, "triage here for me", channel_id=mine.external_id)
    assert TriageChannel.objects.get(channel=general).is_general
    assert TriageChannel.objects.get(channel=mine).filter == {"owners": [dana.pk]}
    assert "is the general" in answered(dana, "triage here for me", channel_id=general.external_id)


def test_no_notes_where_customers_read(installation: Installation, channel: Channel, dana: User) -> None:
    shared = cast.make_channel(workspace=installation.workspace, kind=ChannelKind.INTERNAL, is_shared=True)
    left = cast.make_channel(workspace=installation.workspace, kind=ChannelKind.TRIAGE, left_at=timezone.now())
    assert "shared with another company" in answered(dana, "triage here", channel_id=channel.external_id)
    assert "shared with another company" in answered(dana, "triage here", channel_id=shared.external_id)
    assert "Pylon is not in this channel" in answered(dana, "triage here", channel_id=left.external_id)
    assert "Pylon is not in this channel" in answered(dana, "triage here", channel_id="C_UNKNOWN")
    assert not TriageChannel.objects.exists()


def test_how_it_stands(installation: Installation, conversation: Conversation, dana: User) -> None:
    said = answered(dana, "status", channel_id=conversation.channel.external_id)
    assert "1 To Do, 0 In Progress. Yours: 1 open." in said
    assert "(Globex), owned by Dana Reyes" in said


def test_the_answer_is_seen_by_its_user_alone(acme: Installation, sandbox: SandboxProcess, _listener: Listener) -> None:  # noqa: PT019
    """Also in a customer's channel."""
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    _listener.clear()
    sandbox.api("command", channel="#ext-globex", text="/pylon status", **{"as": "dana"})
    (typed,) = [one.form for one in _listener.received if "command" in one.form]
    assert work(typed) == ["status"]
    deliver()
    assert Delivery.objects.get(kind=DeliveryKind.ANSWER).state == DeliveryState.DONE
    assert [one for one in sandbox.messages("C0EXTGLOBX", **{"as": "U0DANA0001"}) if "Yours:" in one["text"]]
    assert not [one for one in sandbox.messages("C0EXTGLOBX") if "Yours:" in one["text"]]
    work(command(User.objects.get(external_id="U0DANA0001"), team_id=acme.external_id,
                 response_url=f"{sandbox.url}/response/unknown"))  # fmt: skip
    deliver()
    assert Delivery.objects.latest("pk").state == DeliveryState.FAILED
