"""Whoever adds Pylon to a channel is told, they alone, what it was taken for, and can set it right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import Account, Channel, ChannelKind, Side, User
from accounts.overrides import count_as
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import deliver
from integrations.slack.add_dialog_drawing import draw_dialog, guess
from integrations.slack.client import SlackError
from integrations.slack.send import send
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, joined, work
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess
from triage.models import TriageChannel

GLOBEX = "C0EXTGLOBX"


@pytest.fixture
def clicks(_listener: Listener) -> Listener:
    """What the sandbox would have sent to us."""
    return _listener


@pytest.fixture
def added(acme: Installation, sandbox: SandboxProcess) -> Channel:
    """Dana has added us to a channel that is shared with customers, and was told what we took it for."""
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    work(envelope(joined(user=acme.bot_user_id, channel=GLOBEX, inviter="U0DANA0001"), team=acme.external_id))
    deliver()
    return Channel.objects.get(external_id=GLOBEX)


def press(user: Json, channel: Channel, **more: Any) -> Json:
    action = {"action_id": "change_channel", "action_ts": cast.make_ts(), "value": str(channel.pk)}
    return {
        "type": "block_actions", "team": {"id": OUR_TEAM}, "user": user, "trigger_id": cast.make_ts(),
        "container": {"type": "message", "channel_id": channel.external_id, "is_ephemeral": True},
        "channel": {"id": channel.external_id}, "actions": [action], **more,
    }  # fmt: skip


def submit(user: Json, channel: Channel, *, kind: str = "customer", account: str = "", name: str = "") -> Json:
    values = {
        "kind": {"kind": {"type": "static_select", "selected_option": {"value": kind}}},
        "account": {"account": {"type": "static_select", "selected_option": {"value": account} if account else None}},
        "name": {"name": {"type": "plain_text_input", "value": name or None}},
    }
    view = {"callback_id": "channel_added", "private_metadata": str(channel.pk), "state": {"values": values}}
    return {
        "type": "view_submission", "team": {"id": OUR_TEAM}, "user": user, "view": view, "trigger_id": cast.make_ts()
    }  # fmt: skip


def who(user: User) -> Json:
    return {"id": user.external_id, "team_id": OUR_TEAM}


def said_to(user: User) -> list[str]:
    dialogs = Delivery.objects.filter(kind=DeliveryKind.DIALOG, request__arguments__user=user.external_id)
    return [delivery.request["arguments"]["text"] for delivery in dialogs.order_by("pk")]


def test_from_the_invitation_to_the_changed_account(added: Channel, sandbox: SandboxProcess, clicks: Listener) -> None:
    told = Delivery.objects.get(kind=DeliveryKind.DIALOG)
    assert told.state == DeliveryState.DONE
    assert "*Globex*. *Dana Reyes* owns" in told.request["arguments"]["text"]
    assert not [message for message in sandbox.messages(GLOBEX) if message.get("bot_id")], "nobody else sees it"
    pressed = {"channel": GLOBEX, "message_ts": told.response["ts"], "action_id": "change_channel", "as": "dana"}
    clicks.clear()
    sandbox.api("press", **pressed)
    (click,) = [one.payload for one in clicks.received if "payload" in one.form]
    assert work(click) == ["the dialog opens"]
    deliver()
    opened = Delivery.objects.latest("pk")
    assert opened.state == DeliveryState.DONE, opened.error
    clicks.clear()
    sandbox.api("submit-view", view_id=opened.response["view"], **{"as": "dana"}, values={"name": "Globex EMEA"})
    (submission,) = [one.payload for one in clicks.received if "payload" in one.form]
    assert work(submission) == ["saved"]
    added.refresh_from_db()
    assert added.account
    assert (added.account.name, added.kind) == ("Globex EMEA", ChannelKind.CUSTOMER)
    deliver()
    saved = Delivery.objects.latest("pk")
    assert (saved.state, saved.request["arguments"]["text"][:6]) == (DeliveryState.DONE, "Saved.")


def test_a_click_that_comes_too_late_is_answered(added: Channel) -> None:
    dana = User.objects.get(external_id="U0DANA0001")
    click = press(who(dana) | {"team_id": added.external_team_id}, added, team={"id": added.external_team_id})
    assert work(click) == ["the dialog opens"]
    deliver()
    assert Delivery.objects.get(request__method="views.open").error == "invalid_trigger_id"
    deliver()
    answer = Delivery.objects.latest("pk")
    assert (answer.state, answer.request["arguments"]["text"][:14]) == (DeliveryState.DONE, "That took too ")


def test_a_shared_channel_is_not_to_be_one_of_ours(installation: Installation, channel: Channel, dana: User) -> None:
    assert installation.workspace == channel.workspace
    (outcome,) = work(submit(who(dana), channel, kind="triage", name="Nobody Inc"))
    assert outcome.startswith("not saved: Another company reads this channel")
    channel.refresh_from_db()
    assert channel.kind == ChannelKind.CUSTOMER
    assert said_to(dana)[-1].startswith("Not saved. Another company reads this channel")
    assert not Account.objects.filter(name="Nobody Inc").exists()


def test_the_first_triage_channel_shows_everything(installation: Installation, dana: User) -> None:
    ours = cast.make_channel(workspace=installation.workspace, is_shared=False)
    assert work(submit(who(dana), ours, kind="triage")) == ["saved"]
    assert TriageChannel.objects.get(is_general=True).channel == ours


@pytest.mark.usefixtures("installation")
def test_an_account_is_chosen_or_known_by_its_name(channel: Channel, dana: User, stranger: User) -> None:
    hooli = cast.make_account(workspace=channel.workspace, name="Hooli")
    theirs = cast.make_account(workspace=stranger.workspace, name="Not Ours")
    assert work(submit(who(dana), channel, account=str(hooli.pk))) == ["saved"]
    channel.refresh_from_db()
    assert channel.account == hooli
    assert work(submit(who(dana), channel, account=str(theirs.pk))) == ["not saved: That account is gone."]
    assert work(submit(who(dana), channel, account=str(hooli.pk), name="globex")) == ["saved"]
    channel.refresh_from_db()
    assert channel.account
    assert channel.account.name == "Globex", "what is typed goes before the list, in any case"
    assert work(submit(who(dana), channel)) == ["saved"]
    channel.refresh_from_db()
    assert channel.account is None


@pytest.mark.parametrize("act", [press, submit])
def test_only_a_real_teammate_may(channel: Channel, installation: Installation, stranger: User, act: Any) -> None:
    """Whom somebody's word made one of us in a channel answers for us there; that is all."""
    contractor = cast.make_contact(workspace=channel.workspace, external_id="U_CONTRACTOR")
    dana = User.objects.get(name="Dana Reyes")
    count_as(channel=channel, external_id="U_CONTRACTOR", side=Side.US, by=dana)
    others = [
        {"id": contractor.external_id, "team_id": OUR_TEAM},
        {"id": contractor.external_id, "team_id": THEIR_TEAM},
        {"id": dana.external_id, "team_id": THEIR_TEAM},
        {"id": stranger.external_id, "team_id": OUR_TEAM},
        {},
    ]
    for other in others:
        (outcome,) = work(act(other, channel))
        assert outcome.endswith("by somebody who is no teammate: nothing done")
    assert not Delivery.objects.exists()
    count_as(channel=channel, external_id=dana.external_id or "", side=Side.CUSTOMER, by=dana)
    assert work(act(who(dana), channel)) in (["the dialog opens"], ["saved"]), "nor does it take any away"
    assert installation.workspace == channel.workspace


@pytest.mark.usefixtures("installation")
def test_channels_of_others_stay_theirs(dana: User, stranger: User) -> None:
    theirs = cast.make_channel(workspace=stranger.workspace)
    assert work(press(who(dana), theirs), submit(who(dana), theirs)) == ["a channel that is none of ours"] * 2


@pytest.mark.usefixtures("installation")
def test_an_unknown_dialog(dana: User, channel: Channel) -> None:
    odd = submit(who(dana), channel)
    odd["view"]["callback_id"] = "made_up"
    assert work(odd, submit(who(dana), channel) | {"view": None}) == [
        "no dialog of ours: made_up", "no dialog of ours: "
    ]  # fmt: skip


def test_nobody_is_told_where_nobody_invited_us(installation: Installation) -> None:
    work(envelope(joined(user="U0PYLON", channel="C1", inviter=None)))
    assert not Delivery.objects.exists()


def test_only_what_one_teammate_alone_sees_is_sent_this_way(installation: Installation) -> None:
    odd = Delivery(
        workspace=installation.workspace, installation=installation, kind=DeliveryKind.DIALOG,
        request={"method": "chat.postMessage", "arguments": {"channel": "C1", "text": "Hi"}},
    )  # fmt: skip
    with pytest.raises(SlackError, match="not for one teammate alone"):
        send(odd)


def test_the_dialog_within_slacks_limits(channel: Channel) -> None:
    channel.name = "x" * 80
    accounts = [Account(pk=number, name="Y" * 120) for number in range(1, 101)]
    drawn = draw_dialog(channel, accounts, "channel_added")
    assert len(drawn["title"]["text"]) <= 24
    menu = drawn["blocks"][1]["element"]["options"]
    assert (len(menu), max(len(option["text"]["text"]) for option in menu)) == (100, 75)
    kinds = [option["value"] for option in drawn["blocks"][0]["element"]["options"]]
    assert kinds == ["customer", "ignored"], "a shared channel can't be one of ours"
    assert "account" not in {block["block_id"] for block in draw_dialog(channel, [], "x")["blocks"]}
    json.dumps(drawn)


def test_names_cant_ping(channel: Channel, account: Account) -> None:
    account.name = "<!channel>"
    channel.account = account
    assert "<!channel>" not in guess(channel)
